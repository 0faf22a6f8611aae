import type { ToldClaim } from '#broker/contract/claim.ts';

/** A claim that was just made, with its token, which can be shown once. */
export interface MadeClaim {
  readonly claim: ToldClaim;
  readonly token: string;
}
