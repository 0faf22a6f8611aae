import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, onTestFinished, test } from 'vitest';
import type { Operation } from '#broker/store/calls.ts';
import { Database } from '#broker/store/sqlite/database.ts';
import { MIGRATIONS } from '#broker/store/sqlite/migrations.ts';
import { operations } from '#broker/store/sqlite/operations.ts';
import { commitTogether } from '#broker/store/threaded/group-commit.ts';
import type { Call, Outcome } from '#broker/store/threaded/messages.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { command, lamp, twin } from './records.ts';

function open(): { file: string; db: Database; ask: (...calls: [Operation, ...unknown[]][]) => Outcome[] } {
  const file = join(temporaryFolder(), 'store.db');
  const db = new Database(file, MIGRATIONS);
  onTestFinished(() => db.close());
  const tables = operations(db) as unknown as Record<string, (...args: readonly unknown[]) => unknown>;
  const perform = ({ operation, args }: Call): unknown => tables[operation]?.(...args);
  const ask = (...calls: [Operation, ...unknown[]][]): Outcome[] =>
    commitTogether(
      db,
      perform,
      calls.map(([operation, ...args], number) => ({ number, operation, args })),
    );
  ask(['createDevices', [lamp]]);
  return { file, db, ask };
}

/** How many pages have been written to the log since it was last emptied: each commit writes at least one. */
const pagesWritten = (db: Database): number =>
  db.one<{ log: number }>('PRAGMA wal_checkpoint(TRUNCATE)')?.log ?? NaN;

test('writes that wait together share one commit', () => {
  const { db, ask } = open();
  const writes = Array.from({ length: 100 }, (_, at): [Operation, unknown] => [
    'saveTwins',
    [{ ...twin, seenAt: at }],
  ]);
  db.run('PRAGMA wal_autocheckpoint = 0');
  pagesWritten(db);
  ask(...writes);
  const together = db.one<{ log: number }>('PRAGMA wal_checkpoint(PASSIVE)')?.log ?? NaN;
  pagesWritten(db);
  for (const write of writes) ask(write);
  const alone = db.one<{ log: number }>('PRAGMA wal_checkpoint(PASSIVE)')?.log ?? NaN;
  expect(together).toBeLessThan(5);
  expect(alone).toBeGreaterThanOrEqual(100);
});

test('reads see the writes before them, and not those after them', () => {
  const { ask } = open();
  const outcomes = ask(
    ['device', 'lamp'],
    ['removeDevice', 'lamp'],
    ['device', 'lamp'],
    ['createDevices', [lamp]],
    ['device', 'lamp'],
  );
  expect(outcomes).toEqual([
    { number: 0, value: lamp },
    { number: 1, value: true },
    { number: 2, value: undefined },
    { number: 3, value: [] },
    { number: 4, value: lamp },
  ]);
});

test('a write that fails is undone as a whole, and alone', () => {
  const { ask } = open();
  const broken = { ...command, id: 'ff', st: null };
  const outcomes = ask(
    ['saveTwins', [twin]],
    ['saveProgress', { commands: [command, broken] }],
    ['saveProgress', { commands: [{ ...command, id: 'aa' }] }],
    ['commandsNotIn', []],
  );
  expect(outcomes).toMatchObject([
    { number: 0 },
    { number: 1, fault: 'other', problem: expect.stringContaining('NOT NULL') as string },
    { number: 2 },
    { number: 3, value: [{ id: 'aa' }] },
  ]);
  expect(outcomes[0]).not.toHaveProperty('fault');
  expect(ask(['twins'])).toEqual([{ number: 0, value: [twin] }]);
});

test('a write that has no room fails alone, and has room again later', () => {
  const { db, ask } = open();
  const pages = db.one<{ page_count: number }>('PRAGMA page_count')?.page_count ?? 0;
  db.run(`PRAGMA max_page_count = ${pages}`);
  const big = { ...twin, desc: new Uint8Array(1_000_000) };
  const label = { name: 'new', place: '', tags: [] };
  expect(ask(['saveTwins', [big]], ['labelDevice', 'lamp', label])).toMatchObject([
    { number: 0, fault: 'full' },
    { number: 1, value: label },
  ]);
  db.run('PRAGMA max_page_count = 1000000');
  expect(ask(['saveTwins', [big]])).toEqual([{ number: 0, value: undefined }]);
});

test('where there can be no transaction, all writes have failed and reads still answer', () => {
  const { db, ask, file } = open();
  db.run('PRAGMA busy_timeout = 0');
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  const calls: [Operation, ...unknown[]][] = [
    ['saveTwins', [twin]],
    ['device', 'lamp'],
    ['removeDevice', 'lamp'],
  ];
  const busy = expect.stringContaining('locked') as string;
  expect(ask(...calls)).toEqual([
    { number: 0, fault: 'busy', problem: busy },
    { number: 1, value: lamp },
    { number: 2, fault: 'busy', problem: busy },
  ]);
  other.close();
  expect(ask(...calls)).toMatchObject([{ number: 0 }, { number: 1 }, { number: 2, value: true }]);
});
