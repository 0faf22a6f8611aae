import { expect, test } from 'vitest';
import { fuzzPackets } from '../fuzz/fuzz.ts';

/** `npm run fuzz -- --seed 1` begins with the same links. */
const SEED = 1;
const PACKETS = 100_000;
/** In how many ways links end at least, where what is sent is of every kind. */
const WAYS = 40;

/** The short form of `npm run fuzz`. */
test('a hundred thousand mutated packets end links, and nobody else notices', async () => {
  const lines: string[] = [];
  const tell = (line: string) => lines.push(line);
  const { figures, violations } = await fuzzPackets({ packets: PACKETS, seed: SEED, tell });
  expect(violations, lines.join('\n')).toEqual([]);
  expect(figures['packets sent']).toBeGreaterThanOrEqual(PACKETS);
  const ways = Object.keys(figures).filter((name) => name.startsWith('links that were told: '));
  expect(ways.length, ways.join('\n')).toBeGreaterThan(WAYS);
}, 600_000);
