import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new secret: 256 random bits, base64url, 43 characters. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/**
 * What is stored of a secret. A fast keyed hash is right for 256 random bits: there is nothing to guess.
 * @param owner whose it is: the id of a device, or what `opaque-tokens.ts` makes of a service or a claim
 */
export function secretMac(secretsKey: Buffer, owner: string, secret: string): Buffer {
  return createHmac('sha256', secretsKey).update(owner).update('\0').update(secret).digest();
}

/** Whether a secret is the one stored, in time that does not tell how much of it is right. */
export function secretMatches(
  secretsKey: Buffer,
  owner: string,
  secret: string,
  stored: Uint8Array | null,
): boolean {
  const shown = secretMac(secretsKey, owner, secret);
  return shown.length === stored?.length && timingSafeEqual(shown, stored);
}
