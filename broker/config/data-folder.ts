import {
  accessSync,
  chmodSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { StartError } from './start-error.ts';

/** What a restore is about to put in place. While it is there, the folder is neither the old one nor the new one. */
export const RESTORING = 'restore.ready';

/** The folder with all that a hub keeps: its store, its keys and certificates, its settings. */
export class DataFolder {
  readonly path: string;

  /**
   * Makes the folder where it is missing.
   * @throws StartError where it cannot be made or written, or a restore of it was cut short
   */
  constructor(path: string, { toRestore = false } = {}) {
    this.path = path;
    try {
      makeFolder(path);
      accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
    } catch (error) {
      throw unusable(path, error);
    }
    if (!toRestore && existsSync(this.file(RESTORING))) {
      throw new StartError(
        `a restore of ${path} was cut short`,
        'run "npm run hub -- restore <backup>" again; what was there before is in its folder before-restore-…',
      );
    }
  }

  file(name: string): string {
    return join(this.path, name);
  }

  read(name: string): string | undefined {
    const file = this.file(name);
    try {
      return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    } catch (error) {
      throw unusable(file, error);
    }
  }

  /** Changes whenever the file is written. @throws StartError where it cannot be looked at */
  changedAt(name: string): string {
    const file = this.file(name);
    try {
      const { ino, mtimeMs } = statSync(file);
      return `${ino} ${mtimeMs}`;
    } catch (error) {
      throw unusable(file, error);
    }
  }

  /** Writes a file whole or not at all. A secret is readable by its owner only. */
  write(name: string, content: string, { secret }: { secret: boolean }): void {
    const file = this.file(name);
    const mode = secret ? 0o600 : 0o644;
    try {
      writeFileSync(`${file}.new`, content, { mode, flush: true });
      chmodSync(`${file}.new`, mode);
      renameSync(`${file}.new`, file);
    } catch (error) {
      throw unusable(file, error);
    }
  }
}

/** Parents are made only where there are none: Node tries for ever where an existing one refuses with ENOENT. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  mkdirSync(path, { recursive: !existsSync(dirname(path)), mode: 0o700 });
}

function unusable(path: string, error: unknown): StartError {
  const { code = String(error) } = error as NodeJS.ErrnoException;
  return new StartError(
    `cannot read and write ${path} (${code})`,
    'give this user access to it, or name another data folder with --data',
  );
}
