import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { StartError } from '../config/start-error.ts';
import { audit } from './audit.ts';
import { copyDatabase, databasesIn } from './database-file.ts';
import { copyFile, likeItsOriginal, plainFilesIn, sync } from './folder-files.ts';
import type { CommandContext } from './open-store.ts';

/** Hears which share of which file is copied, from 0 to 1. */
export type OnProgress = (file: string, share: number) => void;

/**
 * Copies all that a hub keeps, which may run meanwhile, into a new folder that is a data folder itself. The folder is
 * there when all of it is on the disk, and not before.
 * @throws StartError where the folder is there and not empty, or cannot be written
 */
export async function backup(
  { folder, store }: CommandContext,
  to: string,
  onProgress: OnProgress,
  now: number,
): Promise<void> {
  const target = resolve(to);
  if (existsSync(target) && !isEmptyFolder(target)) {
    throw new StartError(`${target} is there already`, 'name a new folder for the backup');
  }
  const unfinished = `${target}.unfinished`;
  try {
    mkdirSync(unfinished, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'EEXIST'
      ? new StartError(
          `${unfinished} is there already`,
          'another backup writes it, or was cut short: remove it',
        )
      : cannotBackUp(target, error);
  }
  try {
    for (const name of databasesIn(folder.path)) {
      const copy = join(unfinished, name);
      await copyDatabase(folder.file(name), copy, (share) => onProgress(name, share));
      likeItsOriginal(folder.file(name), copy);
    }
    for (const name of plainFilesIn(folder.path)) copyFile(folder.file(name), join(unfinished, name));
    sync(unfinished);
    renameSync(unfinished, target);
    sync(dirname(target));
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw cannotBackUp(target, error);
  }
  await audit(store, 'backup', [target], now);
}

function isEmptyFolder(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch {
    return false;
  }
}

function cannotBackUp(target: string, error: unknown): StartError {
  return new StartError(
    `cannot back up to ${target} (${(error as Error).message})`,
    'see that there is room and that this user may write there; no backup was made',
  );
}
