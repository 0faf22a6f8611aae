import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { signAccessToken } from '#broker/auth/access-tokens.ts';
import { authenticator, type Authenticate } from '#broker/auth/authenticate.ts';
import type { DeviceRecord } from '#broker/store/registry.ts';
import { secretMac } from '#broker/auth/device-secrets.ts';
import { newKeys, NOW, storeWithAda } from './people.ts';

const keys = newKeys();
let authenticate: Authenticate;
let token: string;
const introduced: DeviceRecord[] = [];

beforeEach(() => introduced.splice(0));

beforeAll(async () => {
  const store = await storeWithAda();
  const secret = secretMac(keys.secretsKey, 'lamp', 's3cret');
  await store.createDevices([
    { id: 'lamp', name: '', place: '', tags: [], secretMac: secret, createdAt: NOW },
  ]);
  await store.saveSession({
    hash: new Uint8Array(32),
    sid: 'session',
    person: 'ada',
    createdAt: NOW,
    expiresAt: NOW + 86_400_000,
  });
  authenticate = authenticator(store, keys, 'home', (device) => introduced.push(device));
  ({ token } = await signAccessToken(keys, { person: 'ada', sid: 'session', role: 'viewer' }, NOW));
});

test('a device is known by its secret', async () => {
  expect(await authenticate({ username: 'home/lamp', password: 's3cret' }, NOW)).toEqual({
    kind: 'device',
    tenant: 'home',
    id: 'lamp',
  });
  expect(introduced).toMatchObject([{ id: 'lamp', createdAt: NOW }]);
});

test('a person is known by an access token', async () => {
  expect(await authenticate({ username: '@ada', password: token }, NOW)).toEqual({
    kind: 'person',
    tenant: 'home',
    id: 'ada',
    role: 'viewer',
    sid: 'session',
    expiresAt: NOW + 900_000,
  });
});

test('an access token is worth nothing once its session has ended', async () => {
  const { token: orphan } = await signAccessToken(keys, { person: 'ada', sid: 'ended', role: 'viewer' }, NOW);
  expect(await authenticate({ username: '@ada', password: orphan }, NOW)).toEqual({
    kind: 'denied',
    cause: 'the session of @ada has ended',
  });
});

describe('denied, with a cause for the log', () => {
  test.each([
    [undefined, 's3cret', 'a user name is missing'],
    ['', 's3cret', 'a user name is missing'],
    ['home/lamp', undefined, 'a password is missing'],
    ['home/lamp', '', 'a password is missing'],
    ['home/lamp', 'wrong', 'the secret is wrong'],
    ['home/plug', 's3cret', 'there is no such device'],
    ['away/lamp', 's3cret', 'there is no such device'],
    ['lamp', 's3cret', 'the user name must be'],
    ['home/lamp/x', 's3cret', 'the user name must be'],
    ['home/Lamp', 's3cret', 'the user name must be'],
    ['home/', 's3cret', 'the user name must be'],
    ['/lamp', 's3cret', 'the user name must be'],
    ['home/@hub', 's3cret', 'the user name must be'],
    ['@ada', 's3cret', 'the password is not an access token of this hub'],
    ['@', 's3cret', 'the password is not an access token of this hub'],
  ])('%j with %j: %s', async (username, password, cause) => {
    expect(await authenticate({ username, password }, NOW)).toEqual({
      kind: 'denied',
      cause: expect.stringContaining(cause),
    });
    expect(introduced).toEqual([]);
  });

  test.each([
    ['@bob', 0, 'the access token belongs to @ada'],
    ['@ada/x', 0, 'the access token belongs to @ada'],
    ['home/lamp', 0, 'the secret is wrong'],
    ['@ada', 900_000, 'the access token has expired'],
  ])('%s with Ada’s token after %i ms: %s', async (username, after, cause) => {
    expect(await authenticate({ username, password: token }, NOW + after)).toEqual({ kind: 'denied', cause });
  });
});
