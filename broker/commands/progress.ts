import type { Writable } from 'node:stream';
import type { OnProgress } from './backup.ts';

/** How long a command may be silent, and how often it tells then how far it is, in ms. */
const PATIENCE = 1_000;

/** Tells how far a command is, once it takes longer than people like to wait. @param clock in ms, from anywhere */
export function slowly(out: Pick<Writable, 'write'>, clock: () => number): OnProgress {
  let told = clock();
  return (file, share) => {
    const now = clock();
    if (now - told < PATIENCE) return;
    told = now;
    out.write(`${file}: ${Math.floor(share * 100)} %\n`);
  };
}
