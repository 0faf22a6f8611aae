import { existsSync, renameSync } from 'node:fs';

/** Result codes of SQLite that say that the file itself is no good. <https://www.sqlite.org/rescode.html> */
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** Whether an error says that a file is damaged, and not that the disk or its permissions are the matter. */
export function isDamage(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { errcode } = error as Error & { errcode?: number };
  // The low byte is the primary code.
  return errcode !== undefined && [CORRUPT, NOT_A_DATABASE].includes(errcode & 0xff);
}

/**
 * Moves a file that cannot be used out of the way, with its write-ahead log.
 *
 * @param now Unix time in ms
 * @returns where it is then
 */
export function moveAside(file: string, now: number): string {
  const name = `${file}.broken-${new Date(now).toISOString().replaceAll(':', '-')}`;
  renameSync(file, name);
  for (const suffix of ['-wal', '-shm']) {
    if (existsSync(file + suffix)) renameSync(file + suffix, name + suffix);
  }
  return name;
}
