import { DatabaseSync } from 'node:sqlite';
import type { DataFolder } from './data-folder.ts';
import { StartError } from './start-error.ts';

/** Held by the hub that runs on a data folder. */
export const LOCK_FILE = 'hub.lock';

/** SQLITE_BUSY: somebody else holds it. */
const BUSY = 5;

/**
 * Takes the data folder for one hub. The lock is SQLite's on a file that stays empty, so the system frees it with the
 * process, however that ends.
 * @returns what gives it back
 * @throws StartError where another hub has it
 */
export function lockFolder(folder: DataFolder): () => void {
  const file = folder.file(LOCK_FILE);
  let lock: DatabaseSync | undefined;
  try {
    lock = new DatabaseSync(file, { timeout: 0 });
    lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
    return () => lock?.isOpen && lock.close();
  } catch (error) {
    lock?.close();
    const { errcode, message } = error as Error & { readonly errcode?: number };
    if (errcode === BUSY) {
      throw new StartError(
        `a hub is running on ${folder.path} already`,
        'stop it first, or name another data folder with --data',
      );
    }
    throw new StartError(
      `cannot lock ${file} (${message})`,
      'give this user write access to the data folder, or remove that file',
    );
  }
}
