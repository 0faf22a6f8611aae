import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmdirSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own, in memory, which can be full. To mount it takes root. */
export class SmallDisk {
  readonly folder = mkdtempSync(join(tmpdir(), 'switchyard-disk-'));

  /** @throws Error where this user may not mount: what needs the disk cannot be tried then, and is not passed */
  constructor(bytes: number) {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', this.folder], {
        stdio: 'pipe',
      });
    } catch (cause) {
      rmdirSync(this.folder);
      throw new Error('this trial mounts a disk of its own, which takes root', { cause });
    }
  }

  /** Takes all the room that is left. */
  fill(): void {
    const file = openSync(this.#filler, 'w');
    for (const size of [65_536, 4_096, 1]) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
      }
    }
    closeSync(file);
  }

  free(): void {
    rmSync(this.#filler);
  }

  /** While nobody has a file open on it. */
  writable(writable: boolean): void {
    execFileSync('mount', ['-o', `remount,${writable ? 'rw' : 'ro'}`, this.folder], { stdio: 'pipe' });
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.folder]);
    rmdirSync(this.folder);
  }

  get #filler(): string {
    return join(this.folder, 'filler');
  }
}
