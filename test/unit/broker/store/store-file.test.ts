import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { MIGRATIONS } from '#broker/store/sqlite/migrations.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { startErrorOf } from '../start-errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { ada, command, lamp, twin } from './records.ts';

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
