import type { Operations } from '../calls.ts';
import { commandTables } from './commands.ts';
import { credentialTables } from './credentials.ts';
import type { Database } from './database.ts';
import { journalTables } from './journal.ts';
import { keptSessionTables } from './kept-sessions.ts';
import { peopleTables } from './people.ts';
import { registryTables } from './registry.ts';
import { scheduleTables } from './schedules.ts';
import { twinTable } from './twins.ts';

/** The same methods, done when they return. */
export type InSync<T> = {
  readonly [K in keyof T]: T[K] extends (...args: infer A) => Promise<infer R> ? (...args: A) => R : never;
};

/** What the store can do, on one database. */
export function operations(db: Database): InSync<Operations> {
  const twins = twinTable(db);
  const registry = registryTables(db);
  const journal = journalTables(db);
  return {
    ...registry,
    ...credentialTables(db, registry),
    ...twins,
    ...commandTables(db, twins, journal),
    ...scheduleTables(db, journal),
    ...journal,
    ...peopleTables(db),
    ...keptSessionTables(db),
    foreignVersion: () => db.one<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0,
  };
}
