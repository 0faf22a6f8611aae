import { beforeEach, expect, test } from 'vitest';
import { AppBench } from './app-bench.ts';

let bench: AppBench;
beforeEach(async () => void (bench = await AppBench.create()));

/** Somebody guesses Ada's password from so many other addresses. */
async function guesses(times: number): Promise<number[]> {
  const { address } = bench;
  const statuses = [];
  for (let n = 0; n < times; n += 1) {
    bench.address = `198.51.100.${n}`;
    statuses.push((await bench.signIn(`guess ${n}`)).status);
  }
  bench.address = address;
  return statuses;
}

test.each([
  ['back', -3_600_000],
  ['forward', 3_600_000],
])('whoever has to wait has to wait where the clock is set %s', async (_where, by) => {
  expect(await guesses(6)).toEqual([401, 401, 401, 401, 401, 429]);
  bench.now += by;
  expect((await bench.signIn()).status).toBe(429);
  bench.elapsed += 1_000;
  expect((await bench.signIn()).status).toBe(200);
});
