import { SignJWT } from 'jose';
import { beforeEach, describe, expect, test } from 'vitest';
import { signAccessToken } from '#broker/auth/access-tokens.ts';
import { authenticator, tokenReader, type Authenticate, type Identify } from '#broker/auth/authenticate.ts';
import { createClaim, provision } from '#broker/auth/claims.ts';
import { disableDevice, registerDevices, revokeCredential, rotateCredential } from '#broker/auth/devices.ts';
import { changeService, createService, rotateService } from '#broker/auth/services.ts';
import type { DeviceRecord } from '#broker/store/registry.ts';
import { nodeRed, session } from '../store/records.ts';
import { ada, newAccess, newDeviceKey, newKeys, NOW } from './access-bench.ts';

/** No device has connected yet. */
const never = (): boolean => false;

type Access = Awaited<ReturnType<typeof newAccess>>;

const key = newDeviceKey('ES256');
let access: Access;
let authenticate: Authenticate;
let identify: Identify;
/** What each of them shows. */
let lampSecret: string;
let adaToken: string;
let serviceToken: string;
const introduced: DeviceRecord[] = [];

const { id: SERVICE, publish, subscribe } = nodeRed;
const END = NOW + 3_600_000;

beforeEach(async () => {
  introduced.splice(0);
  access = await newAccess();
  const { store, keys, tenant } = access;
  const [lamp] = await registerDevices(access, [{ id: 'lamp' }, { id: 'meter', publicKey: key.pem }], NOW);
  lampSecret = lamp?.secret as string;
  await store.createSession({ ...session, expiresAt: END });
  ({ token: adaToken } = await signAccessToken(keys, { person: 'ada', sid: session.sid }, NOW));
  const grants = { publish, subscribe, role: 'viewer', expiresAt: END } as const;
  ({ token: serviceToken } = await createService(access, { id: SERVICE, ...grants }, NOW));
  authenticate = authenticator(store, keys, tenant, (device) => introduced.push(device));
  identify = tokenReader(store, keys, tenant);
});

const meterToken = (signer = key, sub = 'home/meter'): Promise<string> =>
  new SignJWT({ sub, aud: 'switchyard', iat: NOW / 1_000, exp: NOW / 1_000 + 60 })
    .setProtectedHeader({ alg: signer.alg })
    .sign(signer.privateKey);

const denied = (cause: string) => ({ kind: 'denied', cause });

describe('let in', () => {
  test('a device by its secret, which does not end by itself', async () => {
    expect(await authenticate({ username: 'home/lamp', password: lampSecret }, NOW)).toEqual({
      ...{ kind: 'device', tenant: 'home', id: 'lamp', generation: 1 },
      ...{ model: undefined, expiresAt: undefined },
    });
    expect(introduced).toMatchObject([{ id: 'lamp', createdAt: NOW }]);
  });

  test('a device by a token that it has signed, until that ends', async () => {
    expect(await authenticate({ username: 'home/meter', password: await meterToken() }, NOW)).toEqual({
      ...{ kind: 'device', tenant: 'home', id: 'meter', generation: 1, expiresAt: NOW + 120_000 },
    });
    expect(introduced).toMatchObject([{ id: 'meter' }]);
  });

  const person = () => ({
    ...{ kind: 'person', tenant: 'home', id: 'ada', role: 'operator' },
    ...{ sid: session.sid, expiresAt: NOW + 900_000 },
  });
  const service = () => ({
    ...{ kind: 'service', tenant: 'home', id: SERVICE, role: 'viewer', publish, subscribe },
    ...{ generation: 1, createdAt: NOW, expiresAt: END },
  });

  test('a person by an access token, over MQTT and HTTP alike', async () => {
    expect(await authenticate({ username: '@ada', password: adaToken }, NOW)).toEqual(person());
    expect(await identify(adaToken, NOW)).toEqual(person());
    expect(introduced).toEqual([]);
  });

  test('a service by its token, over MQTT and HTTP alike', async () => {
    expect(await authenticate({ username: `@${SERVICE}`, password: serviceToken }, NOW)).toEqual(service());
    expect(await identify(serviceToken, NOW)).toEqual(service());
    expect(introduced).toEqual([]);
  });

  test('a service that nothing ends', async () => {
    await changeService(access, SERVICE, { expiresAt: null });
    expect(await identify(serviceToken, NOW + 1e12)).toMatchObject({ kind: 'service', expiresAt: undefined });
  });

  test('a person as what they are now, whatever they were when the token was made', async () => {
    await access.store.changePerson('ada', { role: 'viewer' });
    expect(await identify(adaToken, NOW)).toMatchObject({ id: 'ada', role: 'viewer' });
  });

  test('a device as the model that its claim was for', async () => {
    const claim = { name: 'Lamps', uses: 1, expiresAt: END, model: 'lamp' };
    const { token } = await createClaim(access, claim, '@ada', NOW);
    const { issued } = await provision(access, token, { id: 'hall', model: 'lamp' }, NOW, never);
    expect(await authenticate({ username: 'home/hall', password: issued.secret }, NOW)).toMatchObject({
      ...{ id: 'hall', model: 'lamp' },
    });
  });

  test('a device in the generation of its credential', async () => {
    await disableDevice(access, 'lamp', true);
    await disableDevice(access, 'lamp', false);
    const { secret } = await rotateCredential(access, 'lamp', undefined, NOW);
    expect(await authenticate({ username: 'home/lamp', password: secret }, NOW)).toMatchObject({
      generation: 4,
    });
  });
});

describe('denied by what is shown, with a cause for the log', () => {
  const name =
    'the user name must be {tenant}/{device}, or "@" and the id of a person or a service with its token';
  const unknown = 'there is no such device: create it with "device create"';
  const noToken = 'the password is neither an access token of this hub nor the token of a service';

  test.each<[string, string | undefined, () => string | undefined | Promise<string>, string]>([
    ['no name', undefined, () => lampSecret, 'a user name is missing'],
    ['an empty name', '', () => lampSecret, 'a user name is missing'],
    ['no password', 'home/lamp', () => undefined, 'a password is missing'],
    ['an empty password', 'home/lamp', () => '', 'a password is missing'],
    ['no token', '@ada', () => undefined, 'a password is missing'],
    ['another secret', 'home/lamp', () => `${lampSecret.slice(1)}A`, 'the secret is wrong'],
    ['the secret of another device', 'home/meter', () => lampSecret, 'its token is not signed with its key'],
    ['a token where a secret is due', 'home/lamp', () => meterToken(key, 'home/lamp'), 'the secret is wrong'],
    [
      'a token of another key',
      'home/meter',
      () => meterToken(newDeviceKey()),
      'its token is not signed with its key',
    ],
    [
      'a token for another device',
      'home/meter',
      () => meterToken(key, 'home/lamp'),
      'its token does not say what it must (claim "sub")',
    ],
    ['a device that is none', 'home/plug', () => lampSecret, unknown],
    ['a device of another tenant', 'away/lamp', () => lampSecret, unknown],
    ['no tenant', 'lamp', () => lampSecret, name],
    ['a level too many', 'home/lamp/x', () => lampSecret, name],
    ['what is no id', 'home/Lamp', () => lampSecret, name],
    ['an empty id', 'home/', () => lampSecret, name],
    ['an empty tenant', '/lamp', () => lampSecret, name],
    ['the hub’s own name', 'home/@hub', () => lampSecret, name],
    ['no id', '@', () => adaToken, 'the token belongs to @ada'],
    ['a secret where a token is due', '@ada', () => lampSecret, noToken],
    ['an access token where a secret is due', 'home/lamp', () => adaToken, 'the secret is wrong'],
    ['a service’s token where a secret is due', 'home/lamp', () => serviceToken, 'the secret is wrong'],
    ['another person’s token', '@bob', () => adaToken, 'the token belongs to @ada'],
    ['another service’s token', '@other', () => serviceToken, `the token belongs to @${SERVICE}`],
    ['a service’s token for a person', '@ada', () => serviceToken, `the token belongs to @${SERVICE}`],
    ['a person’s token for a service', `@${SERVICE}`, () => adaToken, 'the token belongs to @ada'],
    ['a name with more behind it', '@ada/x', () => adaToken, 'the token belongs to @ada'],
    [
      'a token of a service that is none',
      '@other',
      () => `swy.other.${serviceToken.split('.')[2]}`,
      'there is no service @other',
    ],
    ['another token of a service', `@${SERVICE}`, () => `${serviceToken}A`, 'the token is wrong'],
    ['the token of a claim', `@${SERVICE}`, () => serviceToken.replace('swy', 'swc'), noToken],
  ])('%s', async (_what, username, password, cause) => {
    expect(await authenticate({ username, password: await password() }, NOW)).toEqual(denied(cause));
    expect(introduced).toEqual([]);
  });
});

describe('denied by what has happened', () => {
  const lamp = () => authenticate({ username: 'home/lamp', password: lampSecret }, NOW);
  const meter = async () => authenticate({ username: 'home/meter', password: await meterToken() }, NOW);
  const noCredential = 'it has no credential any more: make one with "device rotate"';

  test.each<[string, () => Promise<unknown>, () => Promise<unknown>, string]>([
    ['a device that is barred', () => disableDevice(access, 'lamp', true), lamp, 'it is disabled'],
    [
      'a device with a key that is barred',
      () => disableDevice(access, 'meter', true),
      meter,
      'it is disabled',
    ],
    ['a device that was revoked', () => revokeCredential(access, 'lamp', NOW), lamp, noCredential],
    [
      'a device with a key that was revoked',
      () => revokeCredential(access, 'meter', NOW),
      meter,
      noCredential,
    ],
    [
      'a device with another secret',
      () => rotateCredential(access, 'lamp', undefined, NOW),
      lamp,
      'the secret is wrong',
    ],
    [
      'a device with another key',
      () => rotateCredential(access, 'meter', newDeviceKey('ES256').pem, NOW),
      meter,
      'its token is not signed with its key',
    ],
    [
      'a device that was given a key in place of its secret',
      () => rotateCredential(access, 'lamp', key.pem, NOW),
      lamp,
      'its token is not signed with its key',
    ],
    [
      'a device that was given a secret in place of its key',
      () => rotateCredential(access, 'meter', undefined, NOW),
      meter,
      'the secret is wrong',
    ],
    [
      'a device that was removed',
      () => access.store.removeDevice('lamp'),
      lamp,
      'there is no such device: create it with "device create"',
    ],
    [
      'a device without a credential',
      async () => {
        await access.store.removeDevice('lamp');
        await access.store.createDevices([{ id: 'lamp', name: '', place: '', tags: [], createdAt: NOW }]);
      },
      lamp,
      noCredential,
    ],
  ])('%s', async (_who, happen, attempt, cause) => {
    expect(await attempt()).toMatchObject({ kind: 'device' });
    introduced.splice(0);
    await happen();
    expect(await attempt()).toEqual(denied(cause));
    expect(introduced).toEqual([]);
  });

  const ended = 'the session of @ada has ended';

  test.each<[string, () => Promise<unknown>, number, string]>([
    [
      'who signed out, whoever stole the token',
      () => access.store.removeSession('ada', session.sid),
      0,
      ended,
    ],
    ['whose sessions were all ended', () => access.store.removeSessionsOf('ada'), 0, ended],
    ['who was removed', () => access.store.removePerson('ada'), 0, ended],
    [
      'who was removed, and another one of the same name came',
      async () => {
        await access.store.removePerson('ada');
        await access.store.createPerson(ada);
      },
      0,
      ended,
    ],
    [
      'whose session is another person’s',
      async () => {
        await access.store.removeSession('ada', session.sid);
        await access.store.createPerson({ ...ada, id: 'bob' });
        await access.store.createSession({ ...session, person: 'bob', expiresAt: END });
      },
      0,
      ended,
    ],
    [
      'whose session is too old',
      async () => {
        await access.store.removeSession('ada', session.sid);
        await access.store.createSession({ ...session, expiresAt: NOW });
      },
      0,
      ended,
    ],
    ['whose token has run out', async () => undefined, 900_000, 'the access token has expired'],
    [
      'whose hub has other keys',
      () => access.keys.rotate(NOW, { atOnce: true }),
      0,
      'the password is neither an access token of this hub nor the token of a service',
    ],
  ])('a person %s', async (_who, happen, after, cause) => {
    expect(await identify(adaToken, NOW)).toMatchObject({ kind: 'person' });
    await happen();
    expect(await identify(adaToken, NOW + after)).toEqual(denied(cause));
    expect(await authenticate({ username: '@ada', password: adaToken }, NOW + after)).toEqual(denied(cause));
  });

  test('a session lives until its end, and not in that moment', async () => {
    await access.store.removeSession('ada', session.sid);
    await access.store.createSession({ ...session, expiresAt: NOW + 1 });
    expect(await identify(adaToken, NOW)).toMatchObject({ kind: 'person' });
    expect(await identify(adaToken, NOW + 1)).toEqual(denied(ended));
  });

  test.each<[string, () => Promise<unknown>, number, string]>([
    [
      'that is barred',
      () => changeService(access, SERVICE, { disabled: true }),
      NOW,
      `the service @${SERVICE} is disabled`,
    ],
    ['with another token', () => rotateService(access, SERVICE, NOW), NOW, 'the token is wrong'],
    ['that was removed', () => access.store.removeService(SERVICE), NOW, `there is no service @${SERVICE}`],
    ['whose access ends', async () => undefined, END, `the access of @${SERVICE} has ended`],
    [
      'that ends earlier now',
      () => changeService(access, SERVICE, { expiresAt: NOW }),
      NOW,
      `the access of @${SERVICE} has ended`,
    ],
  ])('a service %s', async (_which, happen, now, cause) => {
    expect(await identify(serviceToken, Math.min(now, END - 1))).toMatchObject({ kind: 'service' });
    await happen();
    expect(await identify(serviceToken, now)).toEqual(denied(cause));
    expect(await authenticate({ username: `@${SERVICE}`, password: serviceToken }, now)).toEqual(
      denied(cause),
    );
  });

  test('by the keys of another hub', async () => {
    const other = authenticator(access.store, await newKeys(), 'home', () => undefined);
    for (const [username, password] of [
      ['home/lamp', lampSecret],
      ['@ada', adaToken],
      [`@${SERVICE}`, serviceToken],
    ] as const) {
      expect(await other({ username, password }, NOW)).toMatchObject({ kind: 'denied' });
    }
  });
});

test('a store that fails denies nobody and lets nobody in: it says so', async () => {
  await access.store.close();
  await expect(authenticate({ username: 'home/lamp', password: lampSecret }, NOW)).rejects.toThrow();
  await expect(identify(adaToken, NOW)).rejects.toThrow();
  await expect(identify(serviceToken, NOW)).rejects.toThrow();
});
