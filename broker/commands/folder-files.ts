import { chmodSync, closeSync, copyFileSync, fsyncSync, openSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { LOCK_FILE } from '../config/folder-lock.ts';
import { ADDRESS_FILE } from './console-address.ts';
import { isOfDatabase } from './database-file.ts';

/** What belongs to the hub that runs now, and not to what is kept. */
const OF_THE_RUN = [LOCK_FILE, ADDRESS_FILE];

/** The names of the files in a data folder that are kept beside its databases: keys, certificates, settings. */
export function plainFilesIn(folder: string): string[] {
  return readdirSync(folder).filter(
    (name) =>
      statSync(join(folder, name)).isFile() &&
      !isOfDatabase(name) &&
      !OF_THE_RUN.includes(name) &&
      !name.endsWith('.new'),
  );
}

/** Copies a file with its mode, and waits until it is on the disk. */
export function copyFile(from: string, to: string): void {
  copyFileSync(from, to);
  likeItsOriginal(from, to);
}

/** Gives a copy the mode of its original, and waits until it is on the disk. */
export function likeItsOriginal(original: string, copy: string): void {
  chmodSync(copy, statSync(original).mode & 0o777);
  sync(copy);
}

/** Waits until a file, or the names in a folder, are on the disk. */
export function sync(path: string): void {
  const handle = openSync(path, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
