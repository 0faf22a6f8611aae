import { expect, test } from 'vitest';
import { anySeed, killHub } from '../faults/killed-hub.ts';
import { TRIALS } from '../faults/trials.ts';

/** The short form of `npm run faults`. A failure names its seed, with which the long form repeats it. */
test('a hub that is killed again and again loses nothing it told, and nothing happens twice', async () => {
  const seed = anySeed();
  const lines: string[] = [];
  const { figures, violations } = await killHub({ kills: 6, seed, tell: (line) => lines.push(line) });
  expect(violations, `seed ${seed}\n${lines.join('\n')}`).toEqual([]);
  expect(figures['carried out'], 'a trial in which nothing is carried out shows nothing').toBeGreaterThan(0);
}, 120_000);

test.each([...TRIALS])(
  '%s',
  async (_what, trial) => {
    expect((await trial()).violations).toEqual([]);
  },
  60_000,
);
