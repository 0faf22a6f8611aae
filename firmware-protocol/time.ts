/** From here on `t` is Unix time in ms; zero and below it is relative to receipt; nothing between is valid. */
const FIRST_ABSOLUTE = 2 ** 38;

/**
 * The Unix time in ms that a message's `t` means when it is received at `receivedAt` (ms), or undefined where
 * `t` is neither absolute nor relative.
 */
export function resolveTime(t: number, receivedAt: number): number | undefined {
  if (t >= FIRST_ABSOLUTE) return t;
  return t <= 0 ? Math.max(0, receivedAt + t) : undefined;
}
