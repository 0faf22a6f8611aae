import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { ACCESS_TOKEN_LIFE, signAccessToken, verifyAccessToken } from '#broker/auth/access-tokens.ts';
import { newKeys, NOW } from './people.ts';

const keys = newKeys();
const access = { person: 'ada', sid: 'session', role: 'operator' } as const;
const NO_GOOD = 'the password is not an access token of this hub';

const claims = { iss: 'switchyard', aud: 'switchyard', sub: 'ada', sid: 'session', role: 'operator' };
const times = { iat: NOW / 1_000, exp: NOW / 1_000 + 900 };

/** A token that differs from a good one in what is given. */
const forged = (
  payload: Record<string, unknown>,
  header: { alg?: string; typ?: string } = {},
  key: Parameters<SignJWT['sign']>[0] = keys.tokenPrivate,
): Promise<string> =>
  new SignJWT({ ...claims, ...times, ...payload })
    .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt', ...header })
    .sign(key);

describe('a token', () => {
  test('says who, in which session, as what and until when', async () => {
    const { token, expiresAt } = await signAccessToken(keys, access, NOW);
    expect(expiresAt).toBe(NOW + ACCESS_TOKEN_LIFE);
    expect(await verifyAccessToken(keys, token, NOW)).toEqual({ ...access, expiresAt });
  });

  test('ends at a whole second', async () => {
    const { expiresAt } = await signAccessToken(keys, access, NOW + 999);
    expect(expiresAt).toBe(NOW + ACCESS_TOKEN_LIFE);
  });

  test('is good until it ends, and not from then on', async () => {
    const { token, expiresAt } = await signAccessToken(keys, access, NOW);
    expect(await verifyAccessToken(keys, token, expiresAt - 1)).toMatchObject({ person: 'ada' });
    expect(await verifyAccessToken(keys, token, expiresAt)).toBe('the access token has expired');
    expect(await verifyAccessToken(keys, token, expiresAt + 86_400_000)).toBe('the access token has expired');
  });
});

describe('no token of this hub', () => {
  test('the forger of these tests can make a good one', async () => {
    expect(await verifyAccessToken(keys, await forged({}), NOW)).toMatchObject({ person: 'ada' });
  });

  test.each<[string, () => string | Promise<string>]>([
    ['nothing', () => ''],
    ['some password', () => 'hunter2'],
    ['three empty parts', () => '..'],
    ['without a signature (alg none)', () => new UnsecuredJWT({ ...claims, ...times }).encode()],
    ['of another algorithm, though with our key', () => forged({}, { alg: 'Ed25519' })],
    ['of another key', () => forged({}, {}, newKeys().tokenPrivate)],
    [
      'signed with the public key as a shared secret',
      () =>
        forged(
          {},
          { alg: 'HS256' },
          new TextEncoder().encode(keys.tokenPublic.export({ type: 'spki', format: 'pem' }) as string),
        ),
    ],
    ['for another audience', () => forged({ aud: 'elsewhere' })],
    ['of another issuer', () => forged({ iss: 'elsewhere' })],
    ['of another type', () => forged({}, { typ: 'JWT' })],
    ['without an end', () => forged({ exp: undefined })],
    ['without a session', () => forged({ sid: undefined })],
    ['without a person', () => forged({ sub: undefined })],
    ['with a role that is none', () => forged({ role: 'owner' })],
    ['without a role', () => forged({ role: undefined })],
  ])('%s', async (_name, make) => {
    expect(await verifyAccessToken(keys, await make(), NOW)).toBe(NO_GOOD);
  });

  test('with a claim that was changed after it was signed', async () => {
    const { token } = await signAccessToken(keys, access, NOW);
    const [header, , signature] = token.split('.');
    const admin = Buffer.from(JSON.stringify({ ...claims, ...times, role: 'admin' })).toString('base64url');
    expect(await verifyAccessToken(keys, `${header}.${admin}.${signature}`, NOW)).toBe(NO_GOOD);
  });
});
