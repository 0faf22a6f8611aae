import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { newOpaque, opaqueMatches, parseOpaque, type OpaqueToken } from '#broker/auth/opaque-tokens.ts';
import { newSecret, secretMac, secretMatches } from '#broker/auth/secrets.ts';

const key = Buffer.alloc(32, 1);
const otherKey = Buffer.alloc(32, 2);

test('a secret is 256 random bits in base64url', () => {
  const secrets = Array.from({ length: 100 }, newSecret);
  expect(new Set(secrets).size).toBe(100);
  for (const secret of secrets) {
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  }
});

test('what is stored of it is a keyed hash over owner and secret', () => {
  expect(secretMac(key, 'lamp', 's3cret')).toEqual(createHmac('sha256', key).update('lamp\0s3cret').digest());
});

test.each([
  ['the right one', 'lamp', 's3cret', key, true],
  ['another secret', 'lamp', 's3cres', key, false],
  ['none', 'lamp', '', key, false],
  ['one that is longer', 'lamp', 's3cret!', key, false],
  ['that of another device', 'lamp2', 's3cret', key, false],
  ['one whose hash has another key', 'lamp', 's3cret', otherKey, false],
])('%s: %s %s', (_name, id, secret, used, matches) => {
  expect(secretMatches(used, id, secret, secretMac(key, 'lamp', 's3cret'))).toBe(matches);
});

test('owner and secret cannot be shifted into one another', () => {
  expect(secretMac(key, 'lamp', '1x')).not.toEqual(secretMac(key, 'lamp1', 'x'));
});

test.each([0, 16, 33])('a stored hash of %i bytes never matches', (length) => {
  expect(secretMatches(key, 'lamp', 's3cret', new Uint8Array(length))).toBe(false);
});

test('where nothing is stored, nothing matches', () => {
  expect(secretMatches(key, 'lamp', 's3cret', null)).toBe(false);
  expect(secretMatches(key, 'lamp', '', null)).toBe(false);
});

describe('the token of a service or a claim', () => {
  test.each(['swy', 'swc'] as const)('names its owner, and has a secret of its own: %s', (kind) => {
    const [one, other] = [newOpaque(kind, 'node-red', key), newOpaque(kind, 'node-red', key)];
    expect(one.token).toMatch(new RegExp(`^${kind}\\.node-red\\.[\\w-]{43}$`));
    expect(one.token).not.toBe(other.token);
    expect(one.mac).not.toEqual(other.mac);
    const read = parseOpaque(kind, one.token) as OpaqueToken;
    expect(read.id).toBe('node-red');
    expect(opaqueMatches(kind, read, one.mac, key)).toBe(true);
  });

  const { token, mac } = newOpaque('swy', 'node-red', key);
  const [, , secret] = token.split('.') as [string, string, string];

  test.each<[string, () => boolean]>([
    ['another secret', () => opaqueMatches('swy', { id: 'node-red', secret: newSecret() }, mac, key)],
    [
      'a part of its secret',
      () => opaqueMatches('swy', { id: 'node-red', secret: secret.slice(1) }, mac, key),
    ],
    ['its secret for another id', () => opaqueMatches('swy', { id: 'other', secret }, mac, key)],
    ['its secret as that of a claim', () => opaqueMatches('swc', { id: 'node-red', secret }, mac, key)],
    ['the key of another hub', () => opaqueMatches('swy', { id: 'node-red', secret }, mac, otherKey)],
    ['its secret as that of a device', () => secretMatches(key, 'node-red', secret, mac)],
  ])('is not matched by %s', (_what, matches) => expect(matches()).toBe(false));

  test.each([
    ['nothing', ''],
    ['of a claim', `swc.node-red.${secret}`],
    ['in capitals', `SWY.node-red.${secret}`],
    ['without its kind', `node-red.${secret}`],
    ['without an id', `swy..${secret}`],
    ['of what is no id', `swy.Node-RED.${secret}`],
    ['of a name of the hub’s own', `swy.@hub.${secret}`],
    ['without a secret', 'swy.node-red.'],
    ['of two parts', 'swy.node-red'],
    ['of four parts', `${token}.x`],
    ['with a dot behind it', `${token}.`],
    ['with a blank before it', ` ${token}`],
    ['an access token', 'eyJhbGciOiJFZERTQSJ9.e30.AAAA'],
  ])('is not read where it is none: %s', (_what, text) => {
    expect(parseOpaque('swy', text)).toBeUndefined();
  });
});
