import type { ToldClaim } from '#broker/contract/claim.ts';

/** Whether devices can still register with a claim, and why not. */
export type ClaimStanding = 'open' | 'usedUp' | 'expired';

export function claimStanding({ left, expiresAt }: ToldClaim, now: number): ClaimStanding {
  if (left === 0) return 'usedUp';
  return expiresAt <= now ? 'expired' : 'open';
}
