/** The pages of the console. */
export type Route =
  | { readonly page: 'fleet'; readonly params: URLSearchParams }
  | { readonly page: 'device'; readonly id: string }
  | { readonly page: 'sign-in' }
  | { readonly page: 'nowhere' };

/** Reads an address of the console. */
export function parseRoute({ pathname, search }: Pick<URL, 'pathname' | 'search'>): Route {
  if (pathname === '/') return { page: 'fleet', params: new URLSearchParams(search) };
  if (pathname === '/sign-in') return { page: 'sign-in' };
  const [, id] = /^\/devices\/([a-z0-9_-]+)\/?$/.exec(pathname) ?? [];
  return id === undefined ? { page: 'nowhere' } : { page: 'device', id };
}

export const devicePath = (id: string): string => `/devices/${id}`;
