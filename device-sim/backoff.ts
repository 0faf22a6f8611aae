/** Longest first wait, in ms; each further one may be twice as long. */
const FIRST_MS = 1_000;
/** A connection that lasted this long (ms) shows that all is well again. */
export const LASTING_MS = 10_000;

/**
 * How long to wait before the next attempt, in ms: exponential with full jitter, so that a fleet that lost its
 * hub does not come back all at once.
 * @param failures attempts in a row that came to nothing
 * @param random uniform in [0, 1)
 * @param longest no wait is longer than that, in ms
 */
export function backoff(failures: number, random: number, longest: number): number {
  const ceiling = Math.min(longest, FIRST_MS * 2 ** Math.min(failures, 16));
  return Math.floor(random * ceiling);
}
