/** The pages of who may do what. They are for administrators, and stand beside each other. */
export const ACCESS_PAGES = ['people', 'services', 'claims', 'audit'] as const;
export type AccessPage = (typeof ACCESS_PAGES)[number];

/** The pages of the console. */
export type Route =
  | { readonly page: 'fleet'; readonly params: URLSearchParams }
  | { readonly page: 'device'; readonly id: string }
  | { readonly page: 'batches' }
  | { readonly page: 'batch'; readonly id: string }
  | { readonly page: 'schedules' }
  | { readonly page: AccessPage; readonly params: URLSearchParams }
  | { readonly page: 'account' }
  | { readonly page: 'sign-in' }
  | { readonly page: 'nowhere' };

const PLAIN: Readonly<Record<string, Route>> = {
  '/sign-in': { page: 'sign-in' },
  '/batches': { page: 'batches' },
  '/schedules': { page: 'schedules' },
  '/account': { page: 'account' },
};

export const isAccessPage = (page: Route['page']): page is AccessPage =>
  (ACCESS_PAGES as readonly string[]).includes(page);

/** Reads an address of the console. */
export function parseRoute({ pathname, search }: Pick<URL, 'pathname' | 'search'>): Route {
  if (pathname === '/') return { page: 'fleet', params: new URLSearchParams(search) };
  const path = pathname.replace(/\/$/, '');
  const [, device] = /^\/devices\/([a-z0-9_-]+)$/.exec(path) ?? [];
  if (device !== undefined) return { page: 'device', id: device };
  const [, batch] = /^\/batches\/([0-9a-f]{16})$/.exec(path) ?? [];
  if (batch !== undefined) return { page: 'batch', id: batch };
  const access = ACCESS_PAGES.find((page) => path === accessPath(page));
  if (access !== undefined) return { page: access, params: new URLSearchParams(search) };
  return (Object.hasOwn(PLAIN, path) && PLAIN[path]) || { page: 'nowhere' };
}

export const devicePath = (id: string): string => `/devices/${id}`;
export const batchPath = (id: string): string => `/batches/${id}`;
export const accessPath = (page: AccessPage): string => `/${page}`;
