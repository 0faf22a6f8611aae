/** From here on `t` is Unix time in ms; zero and below it is relative to receipt; nothing between is valid. */
const FIRST_ABSOLUTE = 2 ** 38;

/** Whether `t` is a time that a message may carry (SPEC.md 10.1). */
export const isMoment = (t: number): boolean => Number.isSafeInteger(t) && (t <= 0 || t >= FIRST_ABSOLUTE);

/** The Unix time in ms that a message's `t`, a moment, means when it is received at `receivedAt` (ms). */
export function resolveTime(t: number, receivedAt: number): number {
  return t <= 0 ? Math.max(0, receivedAt + t) : t;
}
