import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { secretMac, secretMatches } from '#broker/auth/secrets.ts';
import { MIGRATIONS } from '#broker/store/sqlite/migrations.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { startErrorOf } from '../start-errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ada, bytes, command, lamp, twin } from './records.ts';

function open(file: string): SqliteStore {
  const store = new SqliteStore(file);
  onTestFinished(() => store.close());
  return store;
}

const newFile = (): string => join(temporaryFolder(), 'switchyard.db');

/** Runs SQL on a store's file, past the hub. */
function change(file: string, sql: string): void {
  const db = new DatabaseSync(file);
  db.exec(sql);
  db.close();
}

test('what was stored is there when the file is opened again', async () => {
  const file = newFile();
  const before = open(file);
  await before.createDevices([lamp]);
  await before.createPerson(ada);
  await before.saveTwins([twin]);
  await before.saveProgress({ commands: [command] });
  await before.close();
  const after = open(file);
  expect(await after.devices()).toEqual([lamp]);
  expect(await after.people()).toEqual([ada]);
  expect(await after.twins()).toEqual([twin]);
  expect(await after.commandsNotIn([])).toEqual([command]);
});

test('closing twice is harmless', async () => {
  const store = open(newFile());
  await store.close();
  await expect(store.close()).resolves.toBeUndefined();
});

describe('a file that is no store of this version is refused, and left as it is', () => {
  test('written by a newer version', async () => {
    const file = newFile();
    const before = open(file);
    await before.createDevices([lamp]);
    await before.close();
    change(file, `PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    const content = readFileSync(file);
    const { problem, remedy } = await startErrorOf(() => new SqliteStore(file));
    expect(problem).toBe(`the store ${file} was written by a newer version of Switchyard`);
    expect(remedy).toContain('start that version');
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  test.each([
    ['text', Buffer.from('this is no database, but it is long enough to be taken for one. '.repeat(20))],
    ['zeros', Buffer.alloc(8_192)],
    [
      'a database that lost its pages',
      Buffer.concat([Buffer.from('SQLite format 3\0'), Buffer.alloc(4_080, 0xff)]),
    ],
  ])('damaged: %s', async (_name, content) => {
    const file = newFile();
    writeFileSync(file, content);
    const { problem, remedy } = await startErrorOf(() => new SqliteStore(file));
    expect(problem).toContain(`cannot use the store ${file} (`);
    expect(remedy).toContain('restore it from a backup');
    expect(readFileSync(file).equals(content)).toBe(true);
  });

  test('in a folder that is not there', async () => {
    const file = join(temporaryFolder(), 'none', 'switchyard.db');
    expect((await startErrorOf(() => new SqliteStore(file))).problem).toContain(file);
  });
});

test('a migration that fails is undone, and tried again on the next start', async () => {
  const file = newFile();
  change(file, 'CREATE TABLE session (x)'); // stands in the way of the last table
  await startErrorOf(() => new SqliteStore(file));
  change(file, 'DROP TABLE session');
  expect(await open(file).devices()).toEqual([]);
});

/** A credential that nothing has happened to since its device was registered. */
const unchanged = { publicKey: null, disabled: 0, generation: 1, claim: null, model: null };

test('a store of version 1 comes along with all that is in it', async () => {
  const file = newFile();
  change(
    file,
    `${MIGRATIONS[0]};
    PRAGMA user_version = 1;
    INSERT INTO device VALUES ('lamp', 'Lamp', 'hall', x'07', 5);
    INSERT INTO twin VALUES ('lamp', x'01', x'02', x'03', '@ada', 1, 6, 7);
    INSERT INTO command VALUES
      ('lamp', 'aa', '@ada', x'a0', 4, 30, 20, 40, 9, 3, 'no water'),
      ('lamp', 'bb', '@ada', x'a1', 0, 10, 10, 40, NULL, NULL, NULL),
      ('lamp', 'cc', '@bob', x'a2', 5, 31, 30, 40, NULL, 14, NULL);
    INSERT INTO person VALUES ('ada', 'Ada', 'admin', 1);
    INSERT INTO signInCode VALUES (x'0a', 'ada', 2);
    INSERT INTO session VALUES (x'0b', 'sid', 'ada', 3, 4);`,
  );
  const store = open(file);
  expect(await store.devices()).toEqual([
    { id: 'lamp', name: 'Lamp', place: 'hall', tags: [], createdAt: 5 },
  ]);
  expect(await store.credential('lamp')).toEqual({
    ...unchanged,
    device: 'lamp',
    secretMac: bytes(7),
    changedAt: 5,
  });
  expect(await store.twins()).toEqual([
    {
      device: 'lamp',
      desc: bytes(1),
      reported: bytes(2),
      statusPayload: null,
      statePayload: null,
      desired: bytes(3),
      who: '@ada',
      st: 1,
      since: 6,
      seenAt: 7,
    },
  ]);
  const none = { batch: null, wish: 0, wver: null, pct: null, reported: null, ver: null, device: 'lamp' };
  const unsent = { ...none, sentAt: null, boot: null };
  expect(await store.commandsNotIn([])).toEqual([
    {
      ...unsent,
      ...{ id: 'bb', who: '@ada', request: bytes(0xa1), st: 0, t: 10, createdAt: 10, exp: 40 },
      ...{ code: null, msg: null, steps: '[[0,10]]' },
    },
    {
      ...none,
      ...{ id: 'aa', who: '@ada', request: bytes(0xa0), st: 4, t: 30, createdAt: 20, exp: 40 },
      ...{ sentAt: 20, boot: 9, code: 3, msg: 'no water', steps: '[[4,30,3,"no water"]]' },
    },
    {
      ...unsent,
      ...{ id: 'cc', who: '@bob', request: bytes(0xa2), st: 5, t: 31, createdAt: 30, exp: 40 },
      ...{ code: 14, msg: null, steps: '[[5,31,14]]' },
    },
  ]);
  expect(await store.people()).toEqual([
    { id: 'ada', name: 'Ada', role: 'admin', password: null, createdAt: 1 },
  ]);
  expect(await store.signInCode(bytes(10))).toEqual({
    hash: bytes(10),
    person: 'ada',
    expiresAt: 2,
    createdBy: '@hub',
  });
  expect(await store.sessions()).toEqual([
    {
      ...{ hash: bytes(11), sid: 'sid', person: 'ada', createdAt: 3, expiresAt: 4 },
      ...{ renewedAt: 3, address: '', agent: '' },
    },
  ]);
  expect(await store.removeDevice('lamp')).toBe(true);
  expect(await store.commandsNotIn([])).toEqual([]);
  expect(await store.credential('lamp')).toBeUndefined();
});

test('a store of version 3 comes along with all that is in it, and its secrets go on working', async () => {
  const file = newFile();
  const secretsKey = Buffer.alloc(32, 5);
  const mac = secretMac(secretsKey, 'lamp', 's3cret').toString('hex');
  change(
    file,
    `${MIGRATIONS.slice(0, 3).join(';')};
    PRAGMA user_version = 3;
    INSERT INTO device VALUES ('lamp', 'Lamp', 'hall', x'${mac}', 5, '["light"]');
    INSERT INTO device VALUES ('kettle', '', '', x'08', 6, '[]');
    INSERT INTO twin (device, st, seenAt) VALUES ('lamp', 1, 7);
    INSERT INTO command (device, id, who, request, wish, st, t, createdAt, steps)
      VALUES ('lamp', 'aa', '@ada', x'a0', 0, 1, 8, 8, '[[1,8]]');
    INSERT INTO "group" VALUES ('hall', '{"tag":"hall"}');
    INSERT INTO person VALUES ('ada', 'Ada', 'admin', 1), ('bob', 'Bob', 'viewer', 2);
    INSERT INTO signInCode VALUES (x'0a', 'bob', 2);
    INSERT INTO session VALUES (x'0b', 'sid', 'ada', 3, 4);
    INSERT INTO audit VALUES (9, '@ada', 'command', 'lamp', '"aa"');
    INSERT INTO happening VALUES ('lamp', 10, 'event', '{}');`,
  );
  const store = open(file);
  expect(await store.devices()).toEqual([
    { id: 'kettle', name: '', place: '', tags: [], createdAt: 6 },
    { id: 'lamp', name: 'Lamp', place: 'hall', tags: ['light'], createdAt: 5 },
  ]);
  expect(await store.credential('kettle')).toEqual({
    ...unchanged,
    ...{ device: 'kettle', secretMac: bytes(8), changedAt: 6 },
  });
  const stored = await store.credential('lamp');
  expect(stored).toMatchObject({ ...unchanged, device: 'lamp', changedAt: 5 });
  expect(secretMatches(secretsKey, 'lamp', 's3cret', stored?.secretMac ?? null)).toBe(true);
  expect(secretMatches(secretsKey, 'lamp', 's3cres', stored?.secretMac ?? null)).toBe(false);
  expect(await store.twins()).toMatchObject([{ device: 'lamp', st: 1, seenAt: 7 }]);
  expect(await store.commandsNotIn([])).toMatchObject([{ device: 'lamp', id: 'aa', steps: '[[1,8]]' }]);
  expect(await store.groups()).toEqual([{ name: 'hall', selection: '{"tag":"hall"}' }]);
  expect(await store.people()).toEqual([
    { id: 'ada', name: 'Ada', role: 'admin', password: null, createdAt: 1 },
    { id: 'bob', name: 'Bob', role: 'viewer', password: null, createdAt: 2 },
  ]);
  expect(await store.signInCode(bytes(10))).toEqual({
    hash: bytes(10),
    person: 'bob',
    expiresAt: 2,
    createdBy: '@hub',
  });
  expect(await store.sessionById('sid')).toMatchObject({ person: 'ada', createdAt: 3, renewedAt: 3 });
  expect(await store.audit({ limit: 9 })).toEqual([
    { t: 9, who: '@ada', address: '', action: 'command', subject: 'lamp', detail: '"aa"' },
  ]);
  expect(await store.happenings('lamp', { limit: 9 })).toHaveLength(1);
  expect(await store.services()).toEqual([]);
  expect(await store.claims()).toEqual([]);
});

test('a store of version 4 comes along, and has no sessions that were kept: they were in memory', async () => {
  const file = newFile();
  change(
    file,
    `${MIGRATIONS.slice(0, 4).join(';')};
    PRAGMA user_version = 4;
    INSERT INTO device VALUES ('lamp', 'Lamp', 'hall', 5, '["light"]');`,
  );
  const store = open(file);
  expect(await store.devices()).toMatchObject([{ id: 'lamp', tags: ['light'] }]);
  expect(await store.keptSessions()).toEqual({ sessions: [], filters: [], ids: [] });
});

describe('the foreign version', () => {
  test('changes when another connection has written, and only then', async () => {
    const file = newFile();
    const [hub, cli] = [open(file), open(file)];
    const first = await hub.foreignVersion();
    await hub.createDevices([lamp]);
    await cli.devices();
    expect(await hub.foreignVersion()).toBe(first);
    await cli.createDevices([{ ...lamp, id: 'other' }]);
    const second = await hub.foreignVersion();
    expect(second).not.toBe(first);
    expect(await hub.foreignVersion()).toBe(second);
    await cli.removeDevice('other');
    expect(await hub.foreignVersion()).not.toBe(second);
  });
});
