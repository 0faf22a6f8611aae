import { beforeEach, describe, expect, test } from 'vitest';
import { COMMAND } from '#firmware-protocol';
import { SqliteStore } from '#broker/store/sqlite-store.ts';
import type { Store } from '#broker/store/store.ts';
import { ada, bytes, command, lamp, NOW, session, twin } from './records.ts';

let store: Store;

beforeEach(async () => {
  store = new SqliteStore(':memory:');
  await store.createDevice(lamp);
  await store.createPerson(ada);
});

describe('devices', () => {
  test('come back as they were created, in the order of their ids', async () => {
    const kettle = { ...lamp, id: 'kettle', name: '', place: 'attic' };
    await store.createDevice(kettle);
    expect(await store.devices()).toEqual([kettle, lamp]);
    expect(await store.device('kettle')).toEqual(kettle);
    expect(await store.device('none')).toBeUndefined();
  });

  test('are not replaced by others of the same id', async () => {
    expect(await store.createDevice({ ...lamp, name: 'other' })).toBe(false);
    expect(await store.device('lamp')).toEqual(lamp);
    expect(await store.createDevice({ ...lamp, id: 'other' })).toBe(true);
  });

  test('take all that is kept of them along when they are removed', async () => {
    await store.createDevice({ ...lamp, id: 'other' });
    await store.saveTwins([twin, { ...twin, device: 'other' }]);
    await store.saveCommands([command, { ...command, device: 'other' }]);
    expect(await store.removeDevice('lamp')).toBe(true);
    expect(await store.removeDevice('lamp')).toBe(false);
    expect((await store.twins()).map(({ device }) => device)).toEqual(['other']);
    expect((await store.commandsNotIn([])).map(({ device }) => device)).toEqual(['other']);
  });
});

describe('twins', () => {
  test.each([
    ['with all that is known', twin],
    [
      'with nothing known',
      { ...twin, desc: null, reported: null, desired: null, who: null, since: null, seenAt: null },
    ],
  ])('come back as they were saved: %s', async (_name, record) => {
    await store.saveTwins([record]);
    expect(await store.twins()).toEqual([record]);
  });

  test('are replaced when they are saved again', async () => {
    await store.saveTwins([twin]);
    await store.saveTwins([{ ...twin, st: 0 }]);
    expect(await store.twins()).toEqual([{ ...twin, st: 0 }]);
  });

  test('are saved all or none', async () => {
    const broken = { ...twin, st: null as never };
    await expect(store.saveTwins([twin, broken])).rejects.toThrow(/NOT NULL/);
    expect(await store.twins()).toEqual([]);
  });

  test('of a device that was removed meanwhile are left out', async () => {
    await store.saveTwins([{ ...twin, device: 'removed' }, twin]);
    expect(await store.twins()).toEqual([twin]);
  });

  test('may be none at all', async () => {
    await expect(store.saveTwins([])).resolves.toBeUndefined();
  });
});

describe('commands', () => {
  test.each([
    ['with all that is known', command],
    ['before it was sent', { ...command, boot: null, code: null, msg: null }],
  ])('come back as they were saved: %s', async (_name, record) => {
    await store.saveCommands([record]);
    expect(await store.command('lamp', command.id)).toEqual(record);
  });

  test('are known by device and id', async () => {
    await store.createDevice({ ...lamp, id: 'other' });
    await store.saveCommands([command]);
    expect(await store.command('other', command.id)).toBeUndefined();
    expect(await store.command('lamp', 'ffffffffffffffff')).toBeUndefined();
  });

  test('take their next step when they are saved again', async () => {
    await store.saveCommands([command, { ...command, st: COMMAND.done }]);
    expect(await store.commandsNotIn([])).toEqual([{ ...command, st: COMMAND.done }]);
  });

  test('are found by what state they are not in', async () => {
    const [open, done, failed] = [COMMAND.sent, COMMAND.done, COMMAND.failed].map((st, at) => ({
      ...command,
      id: `000000000000000${at}`,
      st,
    }));
    await store.saveCommands([open, done, failed] as (typeof command)[]);
    expect(await store.commandsNotIn([COMMAND.done, COMMAND.failed])).toEqual([open]);
    expect(await store.commandsNotIn([COMMAND.sent])).toEqual([done, failed]);
    expect(await store.commandsNotIn([])).toHaveLength(3);
  });

  test('are saved all or none', async () => {
    const broken = { ...command, st: null as never };
    await expect(store.saveCommands([command, broken])).rejects.toThrow(/NOT NULL/);
    expect(await store.commandsNotIn([])).toEqual([]);
  });

  test('of a device that was removed meanwhile are left out', async () => {
    await store.saveCommands([{ ...command, device: 'removed' }, command]);
    expect(await store.commandsNotIn([])).toEqual([command]);
  });
});

describe('people', () => {
  test('come back as they were created, and keep their ids', async () => {
    const bob = { ...ada, id: 'bob', role: 'admin' } as const;
    expect(await store.createPerson(bob)).toBe(true);
    expect(await store.createPerson({ ...ada, role: 'admin' })).toBe(false);
    expect(await store.people()).toEqual([ada, bob]);
    expect(await store.person('ada')).toEqual(ada);
    expect(await store.person('eve')).toBeUndefined();
  });

  test('sign in by a code that is taken once', async () => {
    const code = { hash: bytes(9, 9), person: 'ada', expiresAt: NOW };
    await store.saveSignInCode(code);
    expect(await store.takeSignInCode(bytes(9))).toBeUndefined();
    expect(await store.takeSignInCode(code.hash)).toEqual(code);
    expect(await store.takeSignInCode(code.hash)).toBeUndefined();
  });

  test('have sessions that are found by their hash, until they are removed', async () => {
    await store.saveSession(session);
    expect(await store.session(bytes(1, 2))).toBeUndefined();
    expect(await store.session(session.hash)).toEqual(session);
    await store.removeSession(session.hash);
    expect(await store.session(session.hash)).toBeUndefined();
  });

  test('that do not exist have neither codes nor sessions', async () => {
    await expect(store.saveSession({ ...session, person: 'eve' })).rejects.toThrow(/FOREIGN KEY/);
    const code = { hash: bytes(9), person: 'eve', expiresAt: NOW };
    await expect(store.saveSignInCode(code)).rejects.toThrow(/FOREIGN KEY/);
  });
});
