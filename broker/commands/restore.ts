import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { KEYS_FILE } from '../auth/keys.ts';
import { DataFolder, RESTORING } from '../config/data-folder.ts';
import { LOCK_FILE, lockFolder } from '../config/folder-lock.ts';
import { StartError } from '../config/start-error.ts';
import { MIGRATIONS } from '../store/sqlite/migrations.ts';
import { SqliteStore, STORE_FILE } from '../store/sqlite/sqlite-store.ts';
import { audit } from './audit.ts';
import { databasesIn, faultsOf, versionOf } from './database-file.ts';
import { endOpen } from './end-open.ts';
import { copyFile, plainFilesIn, sync } from './folder-files.ts';
import { keysFault } from './keys-fault.ts';

/** Where the copy of a backup is made and looked at. */
const STAGED = 'restore.new';

/** Where what was there before is put, by the time of the restore. */
const ASIDE = 'before-restore-';

/**
 * Makes a data folder what it was when a backup was made, all of it or nothing, but for what was open then, which is
 * ended. What is there now is moved aside into a folder within it.
 * @returns the path of that folder, or undefined where nothing was there
 * @throws StartError where a hub runs on the folder, or the backup is none or damaged; then nothing was changed
 */
export async function restore(dataFolder: string, from: string, now: number): Promise<string | undefined> {
  const data = resolve(dataFolder);
  const backup = resolve(from);
  if (!existsSync(join(backup, STORE_FILE))) {
    throw new StartError(`${backup} is no backup: it has no ${STORE_FILE}`, 'name the folder of a backup');
  }
  if (keysFault(backup) === 'missing') {
    throw new StartError(
      `the backup ${backup} has no ${KEYS_FILE}, without which every device needs a new secret`,
      `put its ${KEYS_FILE} beside its ${STORE_FILE}, or restore another one; nothing was changed`,
    );
  }
  const unlock = lockFolder(new DataFolder(data, { toRestore: true }));
  try {
    for (const left of [RESTORING, STAGED]) rmSync(join(data, left), { recursive: true, force: true });
    stage(backup, join(data, STAGED));
    await makeReady(backup, join(data, STAGED), now);
    return putInPlace(data, now);
  } finally {
    unlock();
  }
}

/** Copies a backup to where it can be put in place by renaming, and makes sure that it is whole. */
function stage(backup: string, staged: string): void {
  try {
    mkdirSync(staged, { mode: 0o700 });
    const names = databasesIn(backup);
    const logs = names.map((name) => `${name}-wal`).filter((name) => existsSync(join(backup, name)));
    for (const name of [...names, ...logs, ...plainFilesIn(backup)]) {
      copyFile(join(backup, name), join(staged, name));
    }
    for (const name of databasesIn(staged)) {
      const [fault] = faultsOf(join(staged, name));
      if (fault !== undefined) throw damaged(join(backup, name), fault);
    }
    const keys = keysFault(staged);
    if (keys) throw damaged(join(backup, KEYS_FILE), 'it is not what a hub writes');
    const version = versionOf(join(staged, STORE_FILE));
    if (version === 0) throw damaged(join(backup, STORE_FILE), 'it is empty');
    if (version > MIGRATIONS.length) {
      throw new StartError(
        `the backup ${backup} was made by a newer version of Switchyard`,
        'restore it with that version; nothing was changed',
      );
    }
    sync(staged);
  } catch (error) {
    rmSync(staged, { recursive: true, force: true });
    if (error instanceof StartError) throw error;
    throw new StartError(
      `cannot copy the backup ${backup} (${(error as Error).message})`,
      'see that it can be read and that there is room in the data folder; nothing was changed',
    );
  }
}

/** Ends what was open in a copy of a backup, before anybody can take it up. */
async function makeReady(backup: string, staged: string, now: number): Promise<void> {
  let store: SqliteStore | undefined;
  try {
    store = new SqliteStore(join(staged, STORE_FILE));
    await endOpen(store, now);
    await audit(store, 'restore', [backup], now);
    await store.close();
    sync(staged);
  } catch (error) {
    await store?.close();
    rmSync(staged, { recursive: true, force: true });
    throw new StartError(
      `cannot end the commands that were open in the backup ${backup} (${(error as Error).message})`,
      'see that there is room in the data folder; nothing was changed',
    );
  }
}

/** Moves what is there aside and the copy in. An error takes back what was moved; a crash leaves RESTORING to tell. */
function putInPlace(data: string, now: number): string | undefined {
  const aside = join(data, `${ASIDE}${new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, '')}`);
  const ready = join(data, RESTORING);
  const present = readdirSync(data).filter(isPresent);
  const undo: (() => void)[] = [];
  const move = (from: string, to: string): void => {
    renameSync(from, to);
    undo.push(() => renameSync(to, from));
  };
  try {
    if (present.length > 0) {
      mkdirSync(aside, { mode: 0o700 });
      undo.push(() => rmdirSync(aside));
    }
    move(join(data, STAGED), ready);
    sync(data);
    for (const name of present) move(join(data, name), join(aside, name));
    if (present.length > 0) sync(aside);
    for (const name of readdirSync(ready)) move(join(ready, name), join(data, name));
    sync(data);
    rmdirSync(ready);
    return present.length > 0 ? aside : undefined;
  } catch (error) {
    for (const step of undo.toReversed()) step();
    rmSync(join(data, STAGED), { recursive: true, force: true });
    throw new StartError(
      `cannot put the backup in place (${(error as Error).message})`,
      'what was there before is there again',
    );
  }
}

const isPresent = (name: string): boolean =>
  name !== LOCK_FILE && name !== STAGED && name !== RESTORING && !name.startsWith(ASIDE);

function damaged(file: string, fault: string): StartError {
  return new StartError(
    `the backup's ${file} is damaged (${fault})`,
    'restore another one; nothing was changed',
  );
}
