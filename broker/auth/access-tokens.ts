import { errors, jwtVerify, SignJWT, type JWTHeaderParameters } from 'jose';
import * as z from 'zod';
import { ACCESS_TOKEN_LIFE, type HubKeys } from './keys.ts';

const ISSUER = 'switchyard';
const AUDIENCE = 'switchyard';
const ALGORITHM = 'EdDSA';

const NO_GOOD = 'the password is neither an access token of this hub nor the token of a service';

const claims = z.object({ sub: z.string(), sid: z.string(), exp: z.number() });

/** What an access token says: who, in which session, until when (Unix ms). What they may do is not in it. */
export interface Access {
  readonly person: string;
  readonly sid: string;
  readonly expiresAt: number;
}

/** Signs an access token (RFC 7519, RFC 9068) that ends `ACCESS_TOKEN_LIFE` after `now` (Unix ms), to the second. */
export async function signAccessToken(
  keys: HubKeys,
  { person, sid }: Omit<Access, 'expiresAt'>,
  now: number,
): Promise<{ token: string; expiresAt: number }> {
  const exp = Math.floor((now + ACCESS_TOKEN_LIFE) / 1_000);
  const { kid, privateKey } = keys.signing;
  const token = await new SignJWT({ sid })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt', kid })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(person)
    .setIssuedAt(Math.floor(now / 1_000))
    .setNotBefore(Math.floor(now / 1_000))
    .setExpirationTime(exp)
    .sign(privateKey);
  return { token, expiresAt: exp * 1_000 };
}

/** Verifies an access token. Returns what it says, or a sentence that tells why it is no good. */
export async function verifyAccessToken(keys: HubKeys, token: string, now: number): Promise<Access | string> {
  const keyFor = ({ kid }: JWTHeaderParameters) => {
    const key = keys.verifying(kid, now);
    if (!key) throw new errors.JWKSNoMatchingKey();
    return key;
  };
  try {
    const { payload } = await jwtVerify(token, keyFor, {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: [ALGORITHM],
      typ: 'at+jwt',
      currentDate: new Date(now),
    });
    const { sub, sid, exp } = claims.parse(payload);
    const expiresAt = exp * 1_000;
    // Whoever stole a key may sign what they like: a link must not outlive the key for that.
    if (expiresAt > now + ACCESS_TOKEN_LIFE) return NO_GOOD;
    return { person: sub, sid, expiresAt };
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'the access token has expired';
    return NO_GOOD;
  }
}
