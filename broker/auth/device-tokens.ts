import { createPublicKey, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, errors, exportJWK, jwtVerify } from 'jose';
import * as z from 'zod';
import { RequestFault } from '../contract/request-fault.ts';

/** How far a device's clock may be off, in s. */
const CLOCK_TOLERANCE = 60;
/** Longest life of a token that a device signs, in s. */
const LONGEST_LIFE = 24 * 3_600;

const claims = z.object({ sub: z.string(), iat: z.number(), exp: z.number() });

/** The one algorithm that fits a key (RFC 7518 §3.4, RFC 8037), so that no token can choose another. */
function algorithmOf(key: KeyObject): 'ES256' | 'EdDSA' | undefined {
  if (key.asymmetricKeyType === 'ed25519') return 'EdDSA';
  return key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1'
    ? 'ES256'
    : undefined;
}

/**
 * A device's public key in the form in which it is kept: PEM, SubjectPublicKeyInfo.
 * @throws RequestFault where it is none, or of another kind
 */
export function checkedPublicKey(pem: string): string {
  if (pem.includes('PRIVATE KEY')) {
    throw new RequestFault(
      'invalid',
      'publicKey: this is a private key: keep it in the device, and give its public key',
    );
  }
  let key: KeyObject;
  try {
    key = createPublicKey({ key: pem, format: 'pem' });
  } catch {
    throw new RequestFault('invalid', 'publicKey: must be PEM, beginning with "-----BEGIN PUBLIC KEY-----"');
  }
  if (!algorithmOf(key)) {
    throw new RequestFault('invalid', 'publicKey: must be a key of P-256 (ES256) or Ed25519 (EdDSA)');
  }
  return key.export({ type: 'spki', format: 'pem' }) as string;
}

/** The JWK thumbprint of a key (RFC 7638), base64url. */
export const thumbprintOf = async (pem: string): Promise<string> =>
  calculateJwkThumbprint(await exportJWK(createPublicKey(pem)));

/**
 * Verifies a token that a device has signed with its own key: `sub` is `{tenant}/{device}`, `aud` is "switchyard", `iat`
 * and `exp` are at most a day apart. Returns when it ends (Unix ms), or a sentence that tells why it is no good.
 */
export async function verifyDeviceToken(
  publicKey: string,
  subject: string,
  token: string,
  now: number,
): Promise<number | string> {
  const key = createPublicKey(publicKey);
  try {
    const { payload } = await jwtVerify(token, key, {
      audience: 'switchyard',
      subject,
      algorithms: [algorithmOf(key) as string],
      requiredClaims: ['iat', 'exp'],
      clockTolerance: CLOCK_TOLERANCE,
      currentDate: new Date(now),
    });
    const { iat, exp } = claims.parse(payload);
    if (exp - iat > LONGEST_LIFE) return 'its token lives longer than a day';
    if (iat * 1_000 > now + CLOCK_TOLERANCE * 1_000)
      return 'its token was signed in the future: its clock is off';
    return (exp + CLOCK_TOLERANCE) * 1_000;
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'its token has expired';
    if (error instanceof errors.JWTClaimValidationFailed) {
      return `its token does not say what it must (claim "${error.claim}")`;
    }
    return 'its token is not signed with its key';
  }
}
