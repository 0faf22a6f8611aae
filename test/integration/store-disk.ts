import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
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
