/** The one-time code in what somebody pasted: a whole sign-in link, or the code by itself. */
export function codeFrom(pasted: string): string {
  const trimmed = pasted.trim();
  const hash = trimmed.lastIndexOf('#');
  return hash < 0 ? trimmed : trimmed.slice(hash + 1);
}
