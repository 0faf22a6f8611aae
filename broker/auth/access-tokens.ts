import { errors, jwtVerify, SignJWT } from 'jose';
import * as z from 'zod';
import { role } from '../contract/session.ts';
import type { HubKeys } from './keys.ts';

/** How long an access token is good for, in ms. */
export const ACCESS_TOKEN_LIFE = 15 * 60_000;

const ISSUER = 'switchyard';
const AUDIENCE = 'switchyard';
const ALGORITHM = 'EdDSA';

const claims = z.object({
  sub: z.string(),
  sid: z.string(),
  exp: z.number(),
  role,
});

/** What an access token says: who, in which session, as what, until when (Unix ms). */
export interface Access {
  readonly person: string;
  readonly sid: string;
  readonly role: z.infer<typeof role>;
  readonly expiresAt: number;
}

/** Signs an access token (RFC 7519) that ends `ACCESS_TOKEN_LIFE` after `now` (Unix ms), to the second. */
export async function signAccessToken(
  keys: HubKeys,
  access: Omit<Access, 'expiresAt'>,
  now: number,
): Promise<{ token: string; expiresAt: number }> {
  const exp = Math.floor((now + ACCESS_TOKEN_LIFE) / 1_000);
  const token = await new SignJWT({ sid: access.sid, role: access.role })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(access.person)
    .setIssuedAt(Math.floor(now / 1_000))
    .setExpirationTime(exp)
    .sign(keys.tokenPrivate);
  return { token, expiresAt: exp * 1_000 };
}

/** Verifies an access token. Returns what it says, or a sentence that tells why it is no good. */
export async function verifyAccessToken(keys: HubKeys, token: string, now: number): Promise<Access | string> {
  try {
    const { payload } = await jwtVerify(token, keys.tokenPublic, {
      issuer: ISSUER,
      audience: AUDIENCE,
      algorithms: [ALGORITHM],
      typ: 'at+jwt',
      currentDate: new Date(now),
    });
    const { sub, sid, exp, role } = claims.parse(payload);
    return { person: sub, sid, role, expiresAt: exp * 1_000 };
  } catch (error) {
    if (error instanceof errors.JWTExpired) return 'the access token has expired';
    return 'the password is not an access token of this hub';
  }
}
