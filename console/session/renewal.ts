const BEFORE_EXPIRY_MS = 90_000;
const SOONEST_MS = 5_000;

/**
 * In how many ms to renew a token that expires at `expiresAt`: one and a half minutes before it does, or half
 * way where it lives less than three minutes.
 */
export function renewIn(expiresAt: number, now: number): number {
  const left = expiresAt - now;
  return Math.max(SOONEST_MS, left - Math.min(BEFORE_EXPIRY_MS, left / 2));
}

/** Whether a token may expire while a link is being made with it. */
export const isStale = (expiresAt: number, now: number): boolean => expiresAt - now < 30_000;
