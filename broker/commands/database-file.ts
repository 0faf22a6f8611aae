import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { HISTORY_FILE } from '../history/history.ts';
import { STORE_FILE } from '../store/sqlite/sqlite-store.ts';

/** The databases of a data folder: the store, and the history of what devices measured. */
export const DATABASES = [STORE_FILE, HISTORY_FILE] as const;

/** Whether a file is one of them, or belongs to one: its log, its index, or what was moved aside. */
export const isOfDatabase = (name: string): boolean => DATABASES.some((each) => name.startsWith(each));

export const databasesIn = (folder: string): string[] =>
  DATABASES.filter((name) => existsSync(join(folder, name)));

/** How many pages are copied between two looks at the progress. */
const PAGES_AT_ONCE = 1_000;

/**
 * Copies a database that others may write to meanwhile, as it is at one moment.
 * @param onProgress hears which part is done, from 0 to 1
 */
export async function copyDatabase(
  file: string,
  copy: string,
  onProgress: (share: number) => void,
): Promise<void> {
  const db = new DatabaseSync(file);
  try {
    // What others write would start the copying again from the beginning (https://sqlite.org/c3ref/backup_finish.html),
    // for ever on a busy hub. Within a transaction that has read, this connection sees none of it.
    db.exec('BEGIN');
    db.prepare('SELECT count(*) FROM sqlite_schema').get();
    await backup(db, copy, {
      rate: PAGES_AT_ONCE,
      progress: ({ totalPages, remainingPages }) => onProgress(1 - remainingPages / totalPages),
    });
  } finally {
    db.close();
  }
}

/** How many faults are told of one database. */
const FAULTS_TOLD = 10;

/** What is wrong within a database: nothing where the list is empty. The file is left as it is. */
export function faultsOf(file: string): string[] {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { readOnly: true });
    const rows = db.prepare(`PRAGMA integrity_check(${FAULTS_TOLD})`).all();
    const faults = rows.map((row) => String(row['integrity_check'])).filter((line) => line !== 'ok');
    const lost = db.prepare('PRAGMA foreign_key_check').all().slice(0, FAULTS_TOLD);
    return [
      ...faults,
      ...lost.map(
        (row) => `row ${row['rowid']} of ${row['table']} belongs to a ${row['parent']} that is gone`,
      ),
    ];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  } finally {
    db?.close();
  }
}

/** The number of the last step of its schema that a database has taken. */
export function versionOf(file: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  try {
    return Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  } finally {
    db.close();
  }
}
