import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { temporaryFolder } from '../unit/broker/temporary-folder.ts';

/** A disk of a test's own, in a folder of its own or the one given. It takes root to mount. */
export function smallDisk(bytes: number, at: string = join(temporaryFolder(), 'disk')): string {
  mkdirSync(at);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=700`, 'tmpfs', at], { stdio: 'pipe' });
  } catch (cause) {
    throw new Error('this test mounts a small disk of its own, which takes root', { cause });
  }
  onTestFinished(() => void execFileSync('umount', ['--lazy', at]));
  return at;
}

/** Takes all the room that a disk has left. Returns the file that has it. */
export function fill(disk: string): string {
  const file = join(disk, 'filler');
  const handle = openSync(file, 'w');
  for (const size of [65_536, 4_096, 1]) {
    try {
      for (;;) writeSync(handle, Buffer.alloc(size));
    } catch (error) {
      expect(error).toMatchObject({ code: 'ENOSPC' });
    }
  }
  closeSync(handle);
  return file;
}
