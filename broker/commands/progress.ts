import type { Writable } from 'node:stream';
import type { OnProgress } from './backup.ts';

/** How long a command may be silent, and how often it tells then how far it is, in ms. */
const PATIENCE = 1_000;

/** Tells how far a command is, once it takes longer than people like to wait. @param since `performance.now()` */
export function slowly(out: Writable, since: number): OnProgress {
  let told = since;
  return (file, share) => {
    const now = performance.now();
    if (now - told < PATIENCE) return;
    told = now;
    out.write(`${file}: ${Math.floor(share * 100)} %\n`);
  };
}
