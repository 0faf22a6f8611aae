import fc from 'fast-check';
import { test } from 'vitest';
import { happening } from './happening.ts';
import { World } from './world.ts';

/** How many sequences an ordinary run tries. `FUZZ_RUNS` asks for more. */
const RUNS = Math.max(60, Math.floor(Number(process.env['FUZZ_RUNS'] ?? 0) / 100));

test('whatever happens, in whatever order: a command happens at most once, and what is told is so', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(happening, { minLength: 10, maxLength: 80, size: 'max' }),
      async (happenings) => {
        const world = await World.begin();
        for (const each of happenings) await world.happens(each);
        await world.ends();
      },
    ),
    { numRuns: RUNS },
  );
}, 600_000);
