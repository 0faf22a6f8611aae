import { Command, InvalidArgumentError } from 'commander';
import { anySeed, killHub } from '../test/faults/killed-hub.ts';
import { TRIALS } from '../test/faults/trials.ts';
import type { Verdict } from '../test/faults/verdict.ts';
import { installMissing, NEEDED_BY_TESTS } from './system-packages.ts';

/**
 * `npm run faults`: the long form of the fault tests. Kills a hub a hundred times under load, then has disks, devices
 * and clocks fail, and prints what came of it. Ends with 1 where anything was not as it has to be.
 */

/** No trial takes that long, in ms: something that it waits for never comes. */
const PATIENCE_MS = 120_000;
const PER_KILL_MS = 10_000;

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

const { kills, seed } = new Command('faults')
  .description(
    'Kills a hub again and again under load, has disks, devices and clocks fail, and prints what came of it.',
  )
  .option('--kills <n>', 'how often the hub is killed', whole, 100)
  .option('--seed <n>', 'repeat the load and the moments of an earlier run (default: any)', whole, anySeed())
  .parse()
  .opts<{ kills: number; seed: number }>();

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A trial that waits for ever has failed, and its processes end with this one. */
async function within(ms: number, trial: Promise<Verdict>): Promise<Verdict> {
  const overdue = Promise.withResolvers<never>();
  const deadline = setTimeout(() => overdue.reject(new Error(`not done after ${ms / 1_000} s`)), ms);
  try {
    return await Promise.race([trial, overdue.promise]);
  } catch (error) {
    return { figures: {}, violations: [error instanceof Error ? error.message : String(error)] };
  } finally {
    clearTimeout(deadline);
  }
}

function print(what: string, { figures, violations }: Verdict): void {
  say(`\n${violations.length === 0 ? '✓' : '✗'} ${what}`);
  for (const [name, figure] of Object.entries(figures)) say(`    ${name.padEnd(36)} ${figure}`);
  for (const violation of violations) say(`    ✗ ${violation}`);
}

for (const { what, advice } of installMissing(NEEDED_BY_TESTS)) say(`missing: ${what}: ${advice}`);
const trials = new Map<string, () => Promise<Verdict>>([
  [`the hub is killed ${kills} times under load`, () => killHub({ kills, seed, tell: say })],
  ...TRIALS,
]);
const startedAt = performance.now();
let failed = 0;
for (const [what, trial] of trials) {
  const patience = PATIENCE_MS + (what.includes('killed') ? kills * PER_KILL_MS : 0);
  const verdict = await within(patience, trial());
  print(what, verdict);
  failed += verdict.violations.length > 0 ? 1 : 0;
}
const minutes = ((performance.now() - startedAt) / 60_000).toFixed(1);
say(
  `\n${trials.size - failed} of ${trials.size} trials passed in ${minutes} minutes (--seed ${seed} repeats this one)`,
);
process.exit(failed === 0 ? 0 : 1);
