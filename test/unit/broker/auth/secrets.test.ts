import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { newSecret, secretMac, secretMatches } from '#broker/auth/device-secrets.ts';

const key = Buffer.alloc(32, 1);

test('a secret is 256 random bits in base64url', () => {
  const secrets = Array.from({ length: 100 }, newSecret);
  expect(new Set(secrets).size).toBe(100);
  for (const secret of secrets) {
    expect(secret).toMatch(/^[\w-]{43}$/);
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32);
  }
});

test('what is stored of it is a keyed hash over id and secret', () => {
  expect(secretMac(key, 'lamp', 's3cret')).toEqual(createHmac('sha256', key).update('lamp\0s3cret').digest());
});

test.each([
  ['the right one', 'lamp', 's3cret', key, true],
  ['another secret', 'lamp', 's3cres', key, false],
  ['none', 'lamp', '', key, false],
  ['one that is longer', 'lamp', 's3cret!', key, false],
  ['that of another device', 'lamp2', 's3cret', key, false],
  ['one whose hash has another key', 'lamp', 's3cret', Buffer.alloc(32, 2), false],
])('%s: %s %s', (_name, id, secret, otherKey, matches) => {
  expect(secretMatches(otherKey, id, secret, secretMac(key, 'lamp', 's3cret'))).toBe(matches);
});

test('id and secret cannot be shifted into one another', () => {
  expect(secretMac(key, 'lamp', '1x')).not.toEqual(secretMac(key, 'lamp1', 'x'));
});

test.each([0, 16, 33])('a stored hash of %i bytes never matches', (length) => {
  expect(secretMatches(key, 'lamp', 's3cret', new Uint8Array(length))).toBe(false);
});
