import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, SignJWT, UnsecuredJWT, type JWTHeaderParameters } from 'jose';
import { describe, expect, test } from 'vitest';
import { checkedPublicKey, thumbprintOf, verifyDeviceToken } from '#broker/auth/device-tokens.ts';
import { DAY, faultOf, newDeviceKey, NOW, type DeviceKey } from './access-bench.ts';

const SUBJECT = 'home/lamp';
const SECOND = NOW / 1_000;
const HOUR = 3_600;
const NOT_SIGNED = 'its token is not signed with its key';
const EXPIRED = 'its token has expired';
const lacks = (claim: string): string => `its token does not say what it must (claim "${claim}")`;

const claims = { sub: SUBJECT, aud: 'switchyard', iat: SECOND, exp: SECOND + HOUR };

const sign = (
  { alg, privateKey }: Pick<DeviceKey, 'alg' | 'privateKey'>,
  said: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  key: KeyObject | Uint8Array = privateKey,
): Promise<string> =>
  new SignJWT({ ...claims, ...said })
    .setProtectedHeader({ alg, ...header } as JWTHeaderParameters)
    .sign(key, { crit: { later: true } });

const textOf = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.each(['ES256', 'EdDSA'] as const)('a token of %s', (alg) => {
  const device = newDeviceKey(alg);
  const other = newDeviceKey(alg === 'ES256' ? 'EdDSA' : 'ES256');
  const verify = (token: string, now = NOW): Promise<number | string> =>
    verifyDeviceToken(device.pem, SUBJECT, token, now);

  test('is good until a minute after its end: a device’s clock may be off', async () => {
    const token = await sign(device);
    const end = NOW + HOUR * 1_000 + 60_000;
    expect(await verify(token)).toBe(end);
    expect(await verify(token, end - 1_000)).toBe(end);
    expect(await verify(token, end)).toBe(EXPIRED);
  });

  test.each<[string, Record<string, unknown>, number | string]>([
    ['a day', { exp: SECOND + 24 * HOUR }, NOW + DAY + 60_000],
    ['longer than a day', { exp: SECOND + 24 * HOUR + 1 }, 'its token lives longer than a day'],
    ['a day, a day ago', { iat: SECOND - 24 * HOUR, exp: SECOND }, NOW + 60_000],
    ['from long ago until soon', { iat: SECOND - 30 * HOUR }, 'its token lives longer than a day'],
    ['for ever', { exp: undefined }, lacks('exp')],
    ['from nobody knows when', { iat: undefined }, lacks('iat')],
    ['until a time that is none', { exp: 'tomorrow' }, lacks('exp')],
    ['from a minute ahead', { iat: SECOND + 60 }, NOW + HOUR * 1_000 + 60_000],
    [
      'from more than a minute ahead',
      { iat: SECOND + 61 },
      'its token was signed in the future: its clock is off',
    ],
    ['not before a minute ahead', { nbf: SECOND + 60 }, NOW + HOUR * 1_000 + 60_000],
    ['not before more than a minute ahead', { nbf: SECOND + 61 }, lacks('nbf')],
    ['in the past', { iat: 0, exp: HOUR }, EXPIRED],
  ])('lives %s', async (_life, said, outcome) => {
    expect(await verify(await sign(device, said))).toBe(outcome);
  });

  test.each<[string, () => string | Promise<string>, string]>([
    ['for another device', () => sign(device, { sub: 'home/lamp2' }), lacks('sub')],
    ['for a device of another tenant', () => sign(device, { sub: 'away/lamp' }), lacks('sub')],
    ['for a device without its tenant', () => sign(device, { sub: 'lamp' }), lacks('sub')],
    ['for nobody', () => sign(device, { sub: undefined }), lacks('sub')],
    ['for another audience', () => sign(device, { aud: 'elsewhere' }), lacks('aud')],
    ['for no audience', () => sign(device, { aud: undefined }), lacks('aud')],
    ['of another key', () => sign(newDeviceKey(alg)), NOT_SIGNED],
    ['of a key of the other kind', () => sign(other), NOT_SIGNED],
    ['of a key that it brings along', async () => bringing(newDeviceKey(alg)), NOT_SIGNED],
    ['without a signature (alg none)', () => new UnsecuredJWT(claims).encode(), NOT_SIGNED],
    [
      'without a signature, and said to be as it should',
      async () => `${(await sign(device)).split('.', 2).join('.')}.`,
      NOT_SIGNED,
    ],
    [
      'signed with the PEM as a secret',
      () => sign(device, {}, { alg: 'HS256' }, textOf(device.pem)),
      NOT_SIGNED,
    ],
    ['that must be understood further', () => sign(device, {}, { crit: ['later'], later: 1 }), NOT_SIGNED],
    ['that is a secret', () => 'b'.repeat(43), NOT_SIGNED],
    ['that is nothing', () => '', NOT_SIGNED],
    ['that is none', () => 'a.b.c', NOT_SIGNED],
    [
      'that was changed after it was signed',
      async () => {
        const [header, , signature] = (await sign(device)).split('.');
        const said = Buffer.from(JSON.stringify({ ...claims, exp: SECOND + 2 * HOUR })).toString('base64url');
        return `${header}.${said}.${signature}`;
      },
      NOT_SIGNED,
    ],
  ])('is refused %s', async (_what, make, cause) => {
    expect(await verify(await make())).toBe(cause);
  });

  async function bringing(key: DeviceKey): Promise<string> {
    return sign(key, {}, { jwk: await exportJWK(createPublicKey(key.privateKey)) });
  }
});

test('a token is refused under another name of its algorithm (RFC 9864)', async () => {
  const device = newDeviceKey('EdDSA');
  const token = await sign(device, {}, { alg: 'Ed25519' });
  expect(await verifyDeviceToken(device.pem, SUBJECT, token, NOW)).toBe(NOT_SIGNED);
});

describe('a public key', () => {
  const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }) as string;

  test.each(['ES256', 'EdDSA'] as const)('of %s is kept as it is', (alg) => {
    const { pem } = newDeviceKey(alg);
    expect(checkedPublicKey(pem)).toBe(pem);
  });

  test('is kept in one form, however it was written', () => {
    const { pem } = newDeviceKey('ES256');
    expect(checkedPublicKey(`the lamp’s key:\r\n${pem.replaceAll('\n', '\r\n')}\r\nkeep it`)).toBe(pem);
  });

  const other = 'invalid: publicKey: must be a key of P-256 (ES256) or Ed25519 (EdDSA)';
  const none = 'invalid: publicKey: must be PEM, beginning with "-----BEGIN PUBLIC KEY-----"';
  const secret = 'invalid: publicKey: this is a private key: keep it in the device, and give its public key';
  const { privateKey, pem } = newDeviceKey('ES256');
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2_048 });

  test.each([
    ['RSA (RS256)', pemOf(rsa.publicKey), other],
    ['RSA of PKCS #1', rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }) as string, other],
    ['P-384 (ES384)', pemOf(generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey), other],
    ['secp256k1 (ES256K)', pemOf(generateKeyPairSync('ec', { namedCurve: 'secp256k1' }).publicKey), other],
    ['Ed448', pemOf(generateKeyPairSync('ed448').publicKey), other],
    ['X25519', pemOf(generateKeyPairSync('x25519').publicKey), other],
    ['a private key', privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, secret],
    ['a private key of SEC 1', privateKey.export({ type: 'sec1', format: 'pem' }) as string, secret],
    [
      'a private key that is encrypted',
      privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' }) as string,
      secret,
    ],
    [
      'a public key with a private one behind it',
      pem + privateKey.export({ type: 'pkcs8', format: 'pem' }),
      secret,
    ],
    ['nothing', '', none],
    ['text', 'my key', none],
    ['a JWK', JSON.stringify(privateKey.export({ format: 'jwk' })), none],
    ['a PEM without content', '-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n', none],
    ['a PEM that is cut short', pem.slice(0, 60), none],
    ['the base64 of a key', Buffer.from(pem).toString('base64'), none],
  ])('is refused where it is %s', async (_what, written, fault) => {
    expect(await faultOf(() => checkedPublicKey(written))).toBe(fault);
  });

  test('is told by its thumbprint (RFC 7638)', async () => {
    const jwk = await exportJWK(createPublicKey(pem));
    expect(await thumbprintOf(pem)).toBe(await calculateJwkThumbprint(jwk));
    expect(await thumbprintOf(pem)).toMatch(/^[\w-]{43}$/);
  });

  // RFC 8037, appendix A.3.
  test('has the thumbprint of the standard', async () => {
    const x = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo';
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    expect(await thumbprintOf(pemOf(key))).toBe('kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k');
  });
});
