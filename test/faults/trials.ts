import { clockJumps } from './clock-jumps.ts';
import { dyingDevice } from './dying-device.ts';
import { fullDisk } from './full-disk.ts';
import { strayAcks } from './stray-acks.ts';
import { unusableStore } from './unusable-store.ts';
import type { Verdict } from './verdict.ts';

/** The trials beside the killing of the hub, by what goes wrong in them. */
export const TRIALS: ReadonlyMap<string, () => Promise<Verdict>> = new Map([
  ['a device loses its power between "accepted" and "done"', dyingDevice],
  ['answers come twice, late, or from another boot', strayAcks],
  ['the disk is full', fullDisk],
  ['the database is damaged, or its disk read-only', unusableStore],
  ["the clock of the hub's machine is set", clockJumps],
]);
