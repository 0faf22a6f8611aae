/** The one-time code in what somebody pasted: a whole sign-in link, or the code by itself. */
export function codeFrom(pasted: string): string {
  const trimmed = pasted.trim();
  const hash = trimmed.lastIndexOf('#');
  return hash < 0 ? trimmed : trimmed.slice(hash + 1);
}

/** The code of a sign-in link is taken out of the address at once: it must stay in no history and no screenshot. */
export function takeCode(): string | undefined {
  const code = location.pathname === '/sign-in' ? location.hash.slice(1) : '';
  if (code) history.replaceState(null, '', '/sign-in');
  return code || undefined;
}

/** The link that carries a one-time code to a browser. */
export const linkOf = (code: string, origin: string): string => `${origin}/sign-in#${code}`;
