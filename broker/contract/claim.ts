import * as z from 'zod/mini';
import { publicKey } from './credential.ts';
import { id } from './id.ts';
import { name } from './selection.ts';

const applied = {
  /** Only devices of this model may use it. */
  model: z.optional(name),
  /** What the devices get that use it. */
  place: z.optional(name),
  tags: z.optional(z.array(name).check(z.maxLength(32))),
};

/** `POST /api/claims`: a token with which devices register themselves. */
export const claimRequest = z.strictObject({
  name,
  uses: z.int().check(z.minimum(1), z.maximum(100_000)),
  /** Unix time in ms. */
  expiresAt: z.int().check(z.positive(), z.maximum(2 ** 43)),
  ...applied,
});
export type ClaimRequest = z.infer<typeof claimRequest>;

/** A claim, as `GET /api/claims` tells it, for administrators. */
export const toldClaim = z.object({
  id: z.string(),
  name: z.string(),
  /** How many uses it was made with, and how many are left. */
  uses: z.number(),
  left: z.number(),
  expiresAt: z.number(),
  createdAt: z.number(),
  createdBy: z.string(),
  ...applied,
});
export const toldClaims = z.object({ claims: z.array(toldClaim) });
export type ToldClaim = z.infer<typeof toldClaim>;

/** Answer of `POST /api/claims`: the token is told once. */
export const madeClaim = z.object({ claim: toldClaim, token: z.string() });

/**
 * `POST /api/provision`, with the claim's token as `Authorization: Bearer`: a device registers itself. Asked again
 * with the same claim before it has connected, it gets another secret, and no use is taken.
 */
export const provisionRequest = z.strictObject({
  id,
  model: z.optional(name),
  name: z.optional(name),
  publicKey: z.optional(publicKey),
});
export type ProvisionRequest = z.infer<typeof provisionRequest>;
