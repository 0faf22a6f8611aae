const FIRST_MS = 1_000;
const LONGEST_MS = 30_000;

/**
 * How long to wait before the next try, in ms: twice as long after each failure, up to half a minute, and at
 * random within the upper half, so that consoles do not return to a restarted hub all at once.
 * @param failures how many tries have failed in a row, from 1
 * @param random from 0 to 1
 */
export function backoff(failures: number, random: number): number {
  const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.round(ceiling * (0.5 + random / 2));
}
