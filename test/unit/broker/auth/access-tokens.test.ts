import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { base64url, exportJWK, SignJWT, UnsecuredJWT, type JWTHeaderParameters } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { signAccessToken, verifyAccessToken } from '#broker/auth/access-tokens.ts';
import { ACCESS_TOKEN_LIFE, type HubKeys } from '#broker/auth/keys.ts';
import { DAY, newKeys, NOW } from './access-bench.ts';

const access = { person: 'ada', sid: 'session' } as const;
const NO_GOOD = 'the password is neither an access token of this hub nor the token of a service';
const SECOND = NOW / 1_000;

const claims = { iss: 'switchyard', aud: 'switchyard', sub: 'ada', sid: 'session' };
const times = { iat: SECOND, nbf: SECOND, exp: SECOND + 900 };

let keys: HubKeys;
beforeEach(async () => void (keys = await newKeys()));

interface Forgery {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: KeyObject | Uint8Array;
}

/** A token that differs from a good one in what is given. */
const forged = ({ claims: said = {}, header = {}, key = keys.signing.privateKey }: Forgery = {}) =>
  new SignJWT({ ...claims, ...times, ...said })
    .setProtectedHeader({
      alg: 'EdDSA',
      typ: 'at+jwt',
      kid: keys.signing.kid,
      ...header,
    } as JWTHeaderParameters)
    .sign(key, { crit: { later: true } });

const stranger = (): KeyObject => generateKeyPairSync('ed25519').privateKey;
const publicPem = (): Uint8Array =>
  new TextEncoder().encode(
    createPublicKey(keys.signing.privateKey).export({ type: 'spki', format: 'pem' }) as string,
  );
const publicBytes = async (): Promise<Uint8Array> =>
  base64url.decode((await exportJWK(createPublicKey(keys.signing.privateKey))).x as string);

/** One key of two in force signs, and the other one is named. */
async function ofTheOtherKey(): Promise<string> {
  const { privateKey } = keys.signing;
  await keys.rotate(NOW);
  return forged({ key: privateKey });
}

/** The parts of a good token, changed. */
async function changed(change: (header: string, payload: string, signature: string) => string) {
  const { token } = await signAccessToken(keys, access, NOW);
  const [header, payload, signature] = token.split('.') as [string, string, string];
  return change(header, payload, signature);
}
const encoded = (value: unknown): string => base64url.encode(JSON.stringify(value));

describe('a token', () => {
  test('says who, in which session, and until when', async () => {
    const { token, expiresAt } = await signAccessToken(keys, access, NOW);
    expect(expiresAt).toBe(NOW + ACCESS_TOKEN_LIFE);
    expect(await verifyAccessToken(keys, token, NOW)).toEqual({ ...access, expiresAt });
  });

  test('says nothing else: what its person may do is looked up', async () => {
    const { token } = await signAccessToken(keys, access, NOW);
    const [header, payload] = token
      .split('.', 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url') + ''));
    expect(header).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: keys.signing.kid });
    expect(payload).toEqual({ ...claims, ...times });
  });

  test('ends at a whole second', async () => {
    const { expiresAt } = await signAccessToken(keys, access, NOW + 999);
    expect(expiresAt).toBe(NOW + ACCESS_TOKEN_LIFE);
  });

  test('is good until it ends, and not from then on', async () => {
    const { token, expiresAt } = await signAccessToken(keys, access, NOW);
    expect(await verifyAccessToken(keys, token, expiresAt - 1)).toMatchObject({ person: 'ada' });
    expect(await verifyAccessToken(keys, token, expiresAt)).toBe('the access token has expired');
    expect(await verifyAccessToken(keys, token, expiresAt + DAY)).toBe('the access token has expired');
  });

  test('is not good before it was made', async () => {
    const { token } = await signAccessToken(keys, access, NOW);
    expect(await verifyAccessToken(keys, token, NOW - 1_000)).toBe(NO_GOOD);
  });
});

describe('no token of this hub', () => {
  test('the forger of these tests can make a good one', async () => {
    expect(await verifyAccessToken(keys, await forged(), NOW)).toMatchObject({ person: 'ada' });
  });

  test.each<[string, () => string | Promise<string>]>([
    ['nothing', () => ''],
    ['some password', () => 'hunter2'],
    ['three empty parts', () => '..'],
    ['without a signature (alg none)', () => new UnsecuredJWT({ ...claims, ...times }).encode()],
    [
      'without a signature, and said to be as it should',
      () =>
        changed(
          (_header, payload) =>
            `${encoded({ alg: 'none', typ: 'at+jwt', kid: keys.signing.kid })}.${payload}.`,
        ),
    ],
    ['with its signature left out', () => changed((header, payload) => `${header}.${payload}.`)],
    [
      'signed with the public key as a secret',
      async () => forged({ header: { alg: 'HS256' }, key: publicPem() }),
    ],
    [
      'signed with the bytes of the public key',
      async () => forged({ header: { alg: 'HS256' }, key: await publicBytes() }),
    ],
    ['of another algorithm, though with our key', () => forged({ header: { alg: 'Ed25519' } })],
    ['of another key', () => forged({ key: stranger() })],
    [
      'of another key that it brings along',
      async () => {
        const key = stranger();
        return forged({ key, header: { jwk: await exportJWK(createPublicKey(key)) } });
      },
    ],
    [
      'of another key that it brings along, and names',
      async () => {
        const key = stranger();
        return forged({ key, header: { kid: 'mine', jwk: await exportJWK(createPublicKey(key)) } });
      },
    ],
    [
      'of another key, with where to find it',
      () => forged({ key: stranger(), header: { jku: 'https://evil.example' } }),
    ],
    ['of one of our keys in the name of another', ofTheOtherKey],
    ['that names no key', () => forged({ header: { kid: undefined } })],
    ['that names a key that is none', () => forged({ header: { kid: 'constructor' } })],
    ['that names a key by a number', () => forged({ header: { kid: 0 } })],
    ['that must be understood further', () => forged({ header: { crit: ['later'], later: true } })],
    ['for another audience', () => forged({ claims: { aud: 'elsewhere' } })],
    ['for no audience', () => forged({ claims: { aud: undefined } })],
    ['of another issuer', () => forged({ claims: { iss: 'elsewhere' } })],
    ['of no issuer', () => forged({ claims: { iss: undefined } })],
    ['of another type', () => forged({ header: { typ: 'JWT' } })],
    ['of no type', () => forged({ header: { typ: undefined } })],
    ['that is not yet good', () => forged({ claims: { nbf: SECOND + 1 } })],
    ['without an end', () => forged({ claims: { exp: undefined } })],
    ['with an end that is no number', () => forged({ claims: { exp: `${SECOND + 900}` } })],
    ['that lives longer than those of the hub', () => forged({ claims: { exp: SECOND + 901 } })],
    ['without a session', () => forged({ claims: { sid: undefined } })],
    ['with a session that is no text', () => forged({ claims: { sid: 7 } })],
    ['without a person', () => forged({ claims: { sub: undefined } })],
    [
      'with a person that was changed after it was signed',
      () =>
        changed(
          (header, _payload, signature) =>
            `${header}.${encoded({ ...claims, ...times, sub: 'eve' })}.${signature}`,
        ),
    ],
    [
      'with a header that was changed after it was signed',
      () =>
        changed(
          (_header, payload, signature) =>
            `${encoded({ alg: 'EdDSA', typ: 'at+jwt', kid: keys.signing.kid, x: 1 })}.${payload}.${signature}`,
        ),
    ],
    [
      'with a signature of another token',
      async () => {
        const other = await forged({ claims: { sub: 'eve' } });
        return changed((header, payload) => `${header}.${payload}.${other.split('.')[2]}`);
      },
    ],
    ['with a part more', () => changed((...parts) => [...parts, 'x'].join('.'))],
  ])('%s', async (_name, make) => {
    expect(await verifyAccessToken(keys, await make(), NOW)).toBe(NO_GOOD);
  });
});
