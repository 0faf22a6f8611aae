import { beforeEach, describe, expect, test } from 'vitest';
import { thumbprintOf } from '#broker/auth/device-tokens.ts';
import {
  disableDevice,
  registerDevices,
  removeDevice,
  revokeCredential,
  rotateCredential,
  toldCredential,
} from '#broker/auth/devices.ts';
import { secretMatches } from '#broker/auth/secrets.ts';
import { faultOf, newAccess, newDeviceKey, NOW } from './access-bench.ts';

type Access = Awaited<ReturnType<typeof newAccess>>;

const { pem } = newDeviceKey('ES256');
let access: Access;
beforeEach(async () => void (access = await newAccess()));

const stored = (id = 'lamp') => access.store.credential(id);
/** Whether a secret is the one that the hub would let this device in by. */
const works = async (secret: string | undefined, id = 'lamp'): Promise<boolean> =>
  secretMatches(access.keys.secretsKey, id, secret ?? '', (await stored(id))?.secretMac ?? null);

describe('a device that is registered', () => {
  test('gets a secret, of which only a keyed hash is kept', async () => {
    const labels = { name: 'Lamp', place: 'hall', tags: ['b', 'a', 'b'] };
    const [issued] = await registerDevices(access, [{ id: 'lamp', ...labels }], NOW);
    expect(issued).toEqual({
      tenant: 'home',
      id: 'lamp',
      secret: expect.stringMatching(/^[\w-]{43}$/) as string,
    });
    expect(await access.store.devices()).toEqual([
      { id: 'lamp', ...labels, tags: ['b', 'a'], createdAt: NOW },
    ]);
    expect(await stored()).toMatchObject({ publicKey: null, disabled: 0, generation: 1, changedAt: NOW });
    expect(await works(issued?.secret)).toBe(true);
    expect(Buffer.from((await stored())?.secretMac ?? []).toString()).not.toContain(issued?.secret);
  });

  test('gets no secret where it has a key of its own', async () => {
    expect(await registerDevices(access, [{ id: 'lamp', publicKey: pem }], NOW)).toEqual([
      { tenant: 'home', id: 'lamp' },
    ]);
    expect(await stored()).toMatchObject({ secretMac: null, publicKey: pem });
  });

  test('is called by its id where it has no name', async () => {
    await registerDevices(access, [{ id: 'lamp' }, { id: 'plug', name: '' }], NOW);
    const blank = { place: '', tags: [], createdAt: NOW };
    expect(await access.store.devices()).toEqual([
      { id: 'lamp', name: 'lamp', ...blank },
      { id: 'plug', name: 'plug', ...blank },
    ]);
  });

  test('has a secret that is no other device’s', async () => {
    const [lamp, plug] = await registerDevices(access, [{ id: 'lamp' }, { id: 'plug' }], NOW);
    expect(await works(lamp?.secret, 'plug')).toBe(false);
    expect(await works(plug?.secret, 'plug')).toBe(true);
  });

  test.each([
    ['an id is taken', [{ id: 'plug' }, { id: 'lamp' }], 'conflict: there is a device lamp already'],
    ['a key is none', [{ id: 'plug' }, { id: 'tap', publicKey: 'x' }], 'invalid: publicKey: must be PEM'],
  ])('is registered with all others or, where %s, with none', async (_why, requests, fault) => {
    const [lamp] = await registerDevices(access, [{ id: 'lamp' }], NOW);
    expect(await faultOf(() => registerDevices(access, requests, NOW))).toContain(fault);
    expect((await access.store.devices()).map(({ id }) => id)).toEqual(['lamp']);
    expect(await works(lamp?.secret)).toBe(true);
  });
});

describe('the credential of a device', () => {
  let secret: string;
  beforeEach(async () => {
    const [issued] = await registerDevices(access, [{ id: 'lamp' }], NOW);
    secret = issued?.secret as string;
  });

  test('is replaced by another secret', async () => {
    const issued = await rotateCredential(access, 'lamp', undefined, NOW + 1);
    expect(issued).toMatchObject({ tenant: 'home', id: 'lamp' });
    expect(issued.secret).not.toBe(secret);
    expect(await works(secret)).toBe(false);
    expect(await works(issued.secret)).toBe(true);
    expect(await stored()).toMatchObject({ generation: 2, changedAt: NOW + 1 });
  });

  test('is replaced by a key, and a key by a secret: there is never a second way in', async () => {
    expect(await rotateCredential(access, 'lamp', pem, NOW + 1)).toEqual({ tenant: 'home', id: 'lamp' });
    expect(await stored()).toMatchObject({ secretMac: null, publicKey: pem, generation: 2 });
    const issued = await rotateCredential(access, 'lamp', undefined, NOW + 2);
    expect(await works(issued.secret)).toBe(true);
    expect(await stored()).toMatchObject({ publicKey: null, generation: 3 });
  });

  test('is taken away, and given again', async () => {
    await revokeCredential(access, 'lamp', NOW + 1);
    expect(await stored()).toMatchObject({
      ...{ secretMac: null, publicKey: null, generation: 2, changedAt: NOW + 1 },
    });
    const issued = await rotateCredential(access, 'lamp', undefined, NOW + 2);
    expect(await works(issued.secret)).toBe(true);
  });

  test('stays while the device is barred', async () => {
    await disableDevice(access, 'lamp', true);
    expect(await stored()).toMatchObject({ disabled: 1, generation: 2, changedAt: NOW });
    await disableDevice(access, 'lamp', false);
    expect(await stored()).toMatchObject({ disabled: 0, generation: 3, changedAt: NOW });
    expect(await works(secret)).toBe(true);
  });

  test('is told without what it is', async () => {
    const told = { kind: 'secret', disabled: false, createdAt: NOW, changedAt: NOW };
    expect(await toldCredential(access, 'lamp')).toEqual(told);
    await rotateCredential(access, 'lamp', pem, NOW + 1);
    await disableDevice(access, 'lamp', true);
    const thumbprint = await thumbprintOf(pem);
    expect(await toldCredential(access, 'lamp')).toEqual({
      ...told,
      ...{ kind: 'key', thumbprint, disabled: true, changedAt: NOW + 1 },
    });
    await revokeCredential(access, 'lamp', NOW + 2);
    expect(await toldCredential(access, 'lamp')).toEqual({
      ...told,
      ...{ kind: 'none', disabled: true, changedAt: NOW + 2 },
    });
  });

  test('is not replaced by a bad key', async () => {
    expect(await faultOf(() => rotateCredential(access, 'lamp', 'x', NOW))).toContain('invalid: publicKey');
    expect(await works(secret)).toBe(true);
  });

  test('goes with its device', async () => {
    await removeDevice(access, 'lamp');
    expect(await stored()).toBeUndefined();
    expect(await access.store.devices()).toEqual([]);
  });

  test.each<[string, (id: string) => Promise<unknown>]>([
    ['replaced', (id) => rotateCredential(access, id, undefined, NOW)],
    ['taken away', (id) => revokeCredential(access, id, NOW)],
    ['barred', (id) => disableDevice(access, id, true)],
    ['told', (id) => toldCredential(access, id)],
    ['removed', (id) => removeDevice(access, id)],
  ])('of a device that is not there cannot be %s', async (_what, attempt) => {
    expect(await faultOf(() => attempt('plug'))).toBe('notFound: there is no device plug');
    expect(await works(secret)).toBe(true);
  });
});
