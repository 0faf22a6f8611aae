import { Command } from 'commander';
import { anySeed, killHub } from '../test/faults/killed-hub.ts';
import { TRIALS } from '../test/faults/trials.ts';
import type { Verdict } from '../test/faults/verdict.ts';
import { installMissing, NEEDED_BY_TESTS } from './system-packages.ts';
import { print, say, verdictOf, whole } from './verdicts.ts';

/**
 * `npm run faults`: the long form of the fault tests. Kills a hub a hundred times under load, then has disks, devices
 * and clocks fail, and prints what came of it. Ends with 1 where anything was not as it has to be.
 */

/** No trial takes that long, in ms: something that it waits for never comes. */
const PATIENCE_MS = 120_000;
const PER_KILL_MS = 10_000;

const { kills, seed } = new Command('faults')
  .description(
    'Kills a hub again and again under load, has disks, devices and clocks fail, and prints what came of it.',
  )
  .option('--kills <n>', 'how often the hub is killed', whole, 100)
  .option('--seed <n>', 'repeat the load and the moments of an earlier run (default: any)', whole, anySeed())
  .parse()
  .opts<{ kills: number; seed: number }>();

for (const { what, advice } of installMissing(NEEDED_BY_TESTS)) say(`missing: ${what}: ${advice}`);
const trials = new Map<string, () => Promise<Verdict>>([
  [`the hub is killed ${kills} times under load`, () => killHub({ kills, seed, tell: say })],
  ...TRIALS,
]);
const startedAt = performance.now();
let failed = 0;
for (const [what, trial] of trials) {
  const patience = PATIENCE_MS + (what.includes('killed') ? kills * PER_KILL_MS : 0);
  const verdict = await verdictOf(trial(), patience);
  print(what, verdict);
  failed += verdict.violations.length > 0 ? 1 : 0;
}
const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
say(
  `\n${trials.size - failed} of ${trials.size} trials passed in ${minutes} minutes (--seed ${seed} repeats this one)`,
);
process.exit(failed === 0 ? 0 : 1);
