import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { onTestFinished } from 'vitest';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import type { Store } from '#broker/store/store.ts';
import { ThreadedStore } from '#broker/store/threaded/threaded-store.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const fail = (cause: string): never => {
  throw new Error(cause);
};

/** The ways in which a store is run, each with what opens an empty one. */
export const STORES: readonly (readonly [name: string, open: () => Promise<Store>])[] = [
  ['in memory', async () => new SqliteStore(':memory:')],
  ['on a thread', () => ThreadedStore.open(join(temporaryFolder(), 'store.db'), fail)],
];

/** A store in a file that can store nothing in one place. @param refused such as `UPDATE ON person` */
export async function storeThatRefuses(
  refused: string,
  prepare: (store: Store) => Promise<unknown>,
): Promise<Store> {
  const file = join(temporaryFolder(), 'store.db');
  const store = new SqliteStore(file);
  onTestFinished(() => store.close());
  await prepare(store);
  const db = new DatabaseSync(file);
  db.exec(`CREATE TRIGGER refused BEFORE ${refused} BEGIN SELECT RAISE(ABORT, 'refused by the test'); END`);
  db.close();
  return store;
}
