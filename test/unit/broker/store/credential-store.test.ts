import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { Claimed, CredentialRecord } from '#broker/store/credentials.ts';
import type { DeviceRecord } from '#broker/store/registry.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import type { Store } from '#broker/store/store.ts';
import { bytes, claim, credential, lamp, nodeRed, NOW, twin } from './records.ts';
import { STORES, storeThatRefuses } from './stores.ts';

const kettle: DeviceRecord = { ...lamp, id: 'kettle' };
const credentialOf = (device: string, fields: Partial<CredentialRecord> = {}): CredentialRecord => ({
  ...credential,
  device,
  claim: claim.id,
  model: 'lamp',
  ...fields,
});

let store: Store;

const begin = async (open: () => Promise<Store>): Promise<void> => {
  store = await open();
  onTestFinished(() => store.close());
};
const use = (id: string, fields: Partial<CredentialRecord> = {}, now = NOW): Promise<Claimed> =>
  store.useClaim(claim.id, { ...lamp, id }, credentialOf(id, fields), now);
const left = async (): Promise<number | undefined> => (await store.claim(claim.id))?.left;

describe('alone', () => {
  beforeEach(() => begin(async () => new SqliteStore(':memory:')));

  describe('credentials', () => {
    beforeEach(() => store.createDevices([lamp], [credential]));

    test.each([
      ['a secret', credential],
      ['a key', { ...credential, secretMac: null, publicKey: 'PEM' }],
      ['one that was made by a claim', { ...credential, claim: 'c1', model: 'lamp' }],
      ['one that is disabled', { ...credential, disabled: 1 } as const],
      ['none any more', { ...credential, secretMac: null, generation: 7 }],
    ])('come back as they were made with their devices: %s', async (_name, record) => {
      await store.createDevices([kettle], [{ ...record, device: 'kettle' }]);
      expect(await store.credential('kettle')).toEqual({ ...record, device: 'kettle' });
      expect(await store.credential('lamp')).toEqual(credential);
    });

    test('are not there for a device that was made without one, or is none', async () => {
      await store.createDevices([kettle]);
      expect(await store.credential('kettle')).toBeUndefined();
      expect(await store.credential('none')).toBeUndefined();
    });

    test('are made for all devices or, where an id is taken, for none', async () => {
      const other = { ...credential, secretMac: bytes(1) };
      expect(await store.createDevices([kettle, lamp], [credentialOf('kettle'), other])).toEqual(['lamp']);
      expect(await store.credential('kettle')).toBeUndefined();
      expect(await store.credential('lamp')).toEqual(credential);
    });

    test.each([
      ['nothing', {}, {}],
      ['bars the device', { disabled: 1 }, { disabled: 1 }],
      [
        'makes another secret',
        { credential: { secretMac: bytes(2), publicKey: null, changedAt: NOW + 1 } },
        { secretMac: bytes(2), changedAt: NOW + 1 },
      ],
      [
        'puts a key in its place',
        { credential: { secretMac: null, publicKey: 'PEM', changedAt: NOW + 1 } },
        { secretMac: null, publicKey: 'PEM', changedAt: NOW + 1 },
      ],
      [
        'takes it away',
        { credential: { secretMac: null, publicKey: null, changedAt: NOW + 1 } },
        { secretMac: null, changedAt: NOW + 1 },
      ],
    ] as const)('rise a generation with every change: %s', async (_what, change, changed) => {
      expect(await store.changeCredential('lamp', change)).toBe(true);
      expect(await store.credential('lamp')).toEqual({ ...credential, ...changed, generation: 2 });
      expect(await store.changeCredential('lamp', {})).toBe(true);
      expect(await store.credential('lamp')).toMatchObject({ ...changed, generation: 3 });
    });

    test('stay barred when they are replaced, until they are let again', async () => {
      await store.changeCredential('lamp', { disabled: 1 });
      const made = { secretMac: bytes(2), publicKey: null, changedAt: NOW };
      await store.changeCredential('lamp', { credential: made });
      expect(await store.credential('lamp')).toMatchObject({ ...made, disabled: 1 });
      await store.changeCredential('lamp', { disabled: 0 });
      expect(await store.credential('lamp')).toMatchObject({ ...made, disabled: 0 });
    });

    test('of a device that is not there are not changed', async () => {
      expect(await store.changeCredential('none', { disabled: 1 })).toBe(false);
      expect(await store.credential('none')).toBeUndefined();
    });

    test('go with their devices', async () => {
      await store.removeDevice('lamp');
      expect(await store.credential('lamp')).toBeUndefined();
    });

    test('tell how devices stand, as far as they are there', async () => {
      await store.createDevices([kettle], [credentialOf('kettle', { disabled: 1, generation: 4 })]);
      expect(await store.standings(['none', 'kettle'])).toEqual([
        { device: 'kettle', generation: 4, disabled: 1 },
      ]);
      const both = await store.standings(['lamp', 'kettle']);
      expect(both.map(({ device }) => device).toSorted()).toEqual(['kettle', 'lamp']);
      expect(await store.standings([])).toEqual([]);
    });
  });

  describe('services', () => {
    test.each([
      ['one that may do something', nodeRed],
      ['one that may do nothing', { ...nodeRed, publish: [], subscribe: [], role: null, expiresAt: null }],
    ])('come back as they were created: %s', async (_name, record) => {
      expect(await store.createService(record)).toBe(true);
      expect(await store.service(nodeRed.id)).toEqual(record);
      expect(await store.services()).toEqual([record]);
      expect(await store.service('none')).toBeUndefined();
    });

    test('keep their ids, and are listed in the order of those', async () => {
      await store.createService(nodeRed);
      const script = { ...nodeRed, id: 'a-script' };
      await store.createService(script);
      expect(await store.createService({ ...nodeRed, name: 'other' })).toBe(false);
      expect(await store.services()).toEqual([script, nodeRed]);
    });

    test.each([
      ['nothing', {}, {}, 0],
      ['the name', { name: 'Flows' }, { name: 'Flows' }, 0],
      ['what is undefined', { publish: undefined, disabled: undefined }, {}, 0],
      ['where it may publish', { publish: [] }, { publish: [] }, 1],
      ['what it may receive', { subscribe: ['a/+'] }, { subscribe: ['a/+'] }, 1],
      ['the role', { role: null }, { role: null }, 1],
      ['the end', { expiresAt: null }, { expiresAt: null }, 1],
      ['whether it is disabled', { disabled: 1 }, { disabled: 1 }, 1],
      [
        'the token',
        { tokenMac: bytes(1), changedAt: NOW + 1 },
        { tokenMac: bytes(1), changedAt: NOW + 1 },
        1,
      ],
      ['the name and more', { name: 'Flows', role: 'admin' }, { name: 'Flows', role: 'admin' }, 1],
    ] as const)(
      'rise a generation with each change but of the name: %s',
      async (_what, change, changed, rise) => {
        await store.createService(nodeRed);
        const after = { ...nodeRed, ...changed, generation: nodeRed.generation + rise };
        expect(await store.changeService(nodeRed.id, change)).toEqual(after);
        expect(await store.service(nodeRed.id)).toEqual(after);
      },
    );

    test('that are removed do not come back where they are changed', async () => {
      await store.createService(nodeRed);
      expect(await store.removeService(nodeRed.id)).toBe(true);
      expect(await store.removeService(nodeRed.id)).toBe(false);
      expect(await store.changeService(nodeRed.id, { name: 'back' })).toBeUndefined();
      expect(await store.services()).toEqual([]);
    });
  });

  describe('claims', () => {
    beforeEach(() => store.createClaim(claim));

    test('come back as they were made, in the order of their making', async () => {
      const later = { ...claim, id: 'a', model: null, tags: [], createdAt: NOW + 1 };
      await store.createClaim(later);
      expect(await store.claims()).toEqual([claim, later]);
      expect(await store.claim('a')).toEqual(later);
      expect(await store.claim('none')).toBeUndefined();
      expect(await store.removeClaim('a')).toBe(true);
      expect(await store.removeClaim('a')).toBe(false);
      expect(await store.claims()).toEqual([claim]);
    });

    test('register a device with its credential, and lose a use', async () => {
      expect(await use('lamp')).toBe('made');
      expect(await store.devices()).toEqual([lamp]);
      expect(await store.credential('lamp')).toEqual(credentialOf('lamp'));
      expect(await left()).toBe(1);
    });

    test('are spent with their last use', async () => {
      expect([await use('a'), await use('b'), await use('c')]).toEqual(['made', 'made', 'spent']);
      expect((await store.devices()).map(({ id }) => id)).toEqual(['a', 'b']);
      expect(await left()).toBe(0);
    });

    test.each([
      ['right before they end', claim.expiresAt - 1, 'made'],
      ['when they end', claim.expiresAt, 'spent'],
    ])('are good until they end: %s', async (_name, now, outcome) => {
      expect(await use('lamp', {}, now)).toBe(outcome);
    });

    test('that were removed register nobody', async () => {
      await store.removeClaim(claim.id);
      expect(await use('lamp')).toBe('spent');
      expect(await store.devices()).toEqual([]);
    });

    test('leave a device alone that was registered otherwise', async () => {
      await store.createDevices([lamp], [credential]);
      expect(await use('lamp')).toBe('taken');
      expect(await store.credential('lamp')).toEqual(credential);
      expect(await left()).toBe(2);
    });

    test('leave a device alone that another claim registered', async () => {
      await store.createDevices([lamp], [credentialOf('lamp', { claim: 'other' })]);
      expect(await use('lamp')).toBe('taken');
      expect(await store.credential('lamp')).toMatchObject({ claim: 'other', generation: 1 });
    });

    test('give their device, before it has connected, another credential and lose no use', async () => {
      await use('lamp');
      const made = { secretMac: bytes(3), changedAt: NOW + 9 };
      expect(await use('lamp', made)).toBe('again');
      expect(await store.credential('lamp')).toEqual(credentialOf('lamp', { ...made, generation: 2 }));
      expect(await store.devices()).toEqual([lamp]);
      expect(await left()).toBe(1);
    });

    test('do so also after their last use, and not after their end', async () => {
      await use('a');
      await use('b');
      expect(await use('a')).toBe('again');
      expect(await use('a', {}, claim.expiresAt)).toBe('spent');
      expect(await store.credential('a')).toMatchObject({ generation: 2 });
    });

    test('do so while nothing but a twin that never connected is known of it', async () => {
      await use('lamp');
      await store.saveTwins([{ ...twin, seenAt: null }]);
      expect(await use('lamp')).toBe('again');
    });

    test.each<[string, () => Promise<unknown>]>([
      ['has connected', () => store.saveTwins([twin])],
      ['was barred', () => store.changeCredential('lamp', { disabled: 1 })],
      [
        'was revoked',
        () =>
          store.changeCredential('lamp', {
            credential: { secretMac: null, publicKey: null, changedAt: NOW },
          }),
      ],
    ])('do not where the device %s meanwhile', async (_what, happen) => {
      await use('lamp');
      await happen();
      const before = await store.credential('lamp');
      expect(await use('lamp', { secretMac: bytes(3) })).toBe('taken');
      expect(await store.credential('lamp')).toEqual(before);
      expect(await left()).toBe(1);
    });
  });
});

describe.each(STORES)('at once, %s', (_where, open) => {
  beforeEach(() => begin(open));

  test('changes of a credential are all made, each in a generation of its own', async () => {
    await store.createDevices([lamp], [credential]);
    const made = { secretMac: bytes(2), publicKey: null, changedAt: NOW };
    await Promise.all([
      store.changeCredential('lamp', { disabled: 1 }),
      store.changeCredential('lamp', { credential: made }),
    ]);
    expect(await store.credential('lamp')).toEqual({ ...credential, ...made, disabled: 1, generation: 3 });
  });

  test('changes of a service are all made: a new token stays the new one', async () => {
    await store.createService(nodeRed);
    await Promise.all([
      store.changeService(nodeRed.id, { role: null }),
      store.changeService(nodeRed.id, { tokenMac: bytes(1) }),
      store.changeService(nodeRed.id, { disabled: 1 }),
    ]);
    const after = { role: null, tokenMac: bytes(1), disabled: 1, generation: 4 };
    expect(await store.service(nodeRed.id)).toEqual({ ...nodeRed, ...after });
  });

  test('the last use of a claim is had by one of several', async () => {
    await store.createClaim(claim);
    await use('first');
    expect(await Promise.all(['a', 'b', 'c'].map((id) => use(id)))).toEqual(['made', 'spent', 'spent']);
    expect((await store.devices()).map(({ id }) => id)).toEqual(['a', 'first']);
    expect(await store.claims()).toEqual([{ ...claim, left: 0 }]);
  });
});

test('where a claim cannot do all that it does, no use is taken', async () => {
  store = await storeThatRefuses('INSERT ON credential', (whole) => whole.createClaim(claim));
  await expect(use('lamp')).rejects.toThrow(/refused/);
  expect(await store.claims()).toEqual([claim]);
  expect(await store.devices()).toEqual([]);
});
