import { Command } from 'commander';
import { anySeed } from '../test/faults/killed-hub.ts';
import { fuzzPackets } from '../test/fuzz/fuzz.ts';
import { print, say, verdictOf, whole } from './verdicts.ts';

/**
 * `npm run fuzz`: sends a million mutated packets to a hub, over links of strangers, devices and services, while good
 * clients go on with what they do. Ends with 1 where any of them noticed, or the hub did not stay as it was.
 */

const { packets, seed } = new Command('fuzz')
  .description('Sends mutated packets to a hub, and prints what became of it and of its good clients.')
  .option('--packets <n>', 'how many', whole, 1_000_000)
  .option('--seed <n>', 'repeat the links of an earlier run (default: any)', whole, anySeed())
  .parse()
  .opts<{ packets: number; seed: number }>();

const verdict = await verdictOf(fuzzPackets({ packets, seed, tell: say }));
print(`${packets} mutated packets`, verdict);
say(`\n--seed ${seed} repeats this run`);
process.exit(verdict.violations.length === 0 ? 0 : 1);
