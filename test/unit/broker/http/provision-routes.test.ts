import { beforeEach, expect, test } from 'vitest';
import { createClaim } from '#broker/auth/claims.ts';
import { NOW } from '../auth/access-bench.ts';
import { AppBench } from './app-bench.ts';

let bench: AppBench;
/** The token of a claim for one lamp. */
let token: string;

beforeEach(async () => {
  bench = await AppBench.create();
  const request = { name: 'Lamps', uses: 1, model: 'lamp', expiresAt: NOW + 60_000 };
  ({ token } = await createClaim(bench.access, request, '@ada', NOW));
});

const provision = async (id: string, { model = 'lamp', shown = token } = {}): Promise<number> =>
  (await bench.ask('POST', '/api/provision', { id, model }, shown)).status;

/** What comes of so many tries. */
async function tries(times: number, each: (n: number) => Promise<number>): Promise<Set<number>> {
  const statuses = new Set<number>();
  for (let n = 0; n < times; n += 1) statuses.add(await each(n));
  return statuses;
}

test.each<[string, (n: number) => Promise<number>]>([
  ['used up', (n) => provision(`plug-${n}`)],
  ['for another model', (n) => provision(`plug-${n}`, { model: 'plug' })],
])('whoever shows a claim that is %s slows nobody down', async (_how, refused) => {
  await provision('lamp');
  expect(await tries(40, refused)).toEqual(new Set([401]));
  expect((await bench.signIn()).status).toBe(200);
});

test('whoever guesses claims is slowed down, and so is all else that is guessed from there', async () => {
  const guess = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
  expect(await tries(20, (n) => provision(`plug-${n}`, { shown: guess }))).toEqual(new Set([401]));
  expect(await provision('lamp')).toBe(429);
  expect((await bench.signIn()).status).toBe(429);
});
