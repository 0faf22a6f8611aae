import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** A new device secret: 256 random bits, base64url, 43 characters. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** What is stored of a secret. A fast keyed hash is right for 256 random bits: there is nothing to guess. */
export function secretMac(secretsKey: Buffer, id: string, secret: string): Buffer {
  return createHmac('sha256', secretsKey).update(id).update('\0').update(secret).digest();
}

/** Whether a secret is the one stored, in time that does not tell how much of it is right. */
export function secretMatches(secretsKey: Buffer, id: string, secret: string, stored: Uint8Array): boolean {
  const shown = secretMac(secretsKey, id, secret);
  return shown.length === stored.length && timingSafeEqual(shown, stored);
}
