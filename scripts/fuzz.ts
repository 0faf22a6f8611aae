import { Command, InvalidArgumentError } from 'commander';
import { anySeed } from '../test/faults/killed-hub.ts';
import { fuzzPackets } from '../test/fuzz/fuzz.ts';
const whole = (text: string) => Number(text);
const { packets, seed } = new Command('fuzz').option('--packets <n>', 'x', whole, 1_000_000).option('--seed <n>', 'y', whole, anySeed()).parse().opts<{ packets: number; seed: number }>();
const verdict = await fuzzPackets({ packets, seed, tell: (l) => process.stdout.write(l + '\n') });
console.log(verdict);
process.exit(verdict.violations.length === 0 ? 0 : 1);
