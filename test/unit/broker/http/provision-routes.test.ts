import { beforeEach, describe, expect, test } from 'vitest';
import { createClaim } from '#broker/auth/claims.ts';
import { NOW } from '../auth/access-bench.ts';
import { AppBench } from './app-bench.ts';

let bench: AppBench;
/** The token of a claim for one lamp. */
let token: string;
/** Its id. */
let claim: string;

beforeEach(async () => {
  bench = await AppBench.create();
  const request = { name: 'Lamps', uses: 1, model: 'lamp', expiresAt: NOW + 60_000 };
  const made = await createClaim(bench.access, request, '@ada', NOW);
  token = made.token;
  claim = made.claim.id;
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

/** As the token, of the same claim, and wrong. */
const wrongToken = (): string => `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;

test('whoever guesses claims is slowed down, and so is all else that is guessed from there', async () => {
  const guess = wrongToken();
  expect(await tries(20, (n) => provision(`plug-${n}`, { shown: guess }))).toEqual(new Set([401]));
  expect(await provision('lamp')).toBe(429);
  expect((await bench.signIn()).status).toBe(429);
});

describe('the audit notes that a claim was refused', () => {
  const refusal = (device: string, cause: string, subject = claim) => ({
    ...{ t: NOW, who: '', address: bench.address, action: 'claim.refuse', subject },
    detail: JSON.stringify({ device, cause }),
  });

  test('and why', async () => {
    await provision('lamp');
    await provision('plug', { model: 'plug' });
    await provision('lamp-2');
    await provision('lamp-3', { shown: wrongToken() });
    await provision('lamp-4', { shown: 'swc.00000000.x' });
    expect(await bench.audit('claim.refuse')).toEqual([
      refusal('plug', 'the claim "Lamps" is for the model "lamp"'),
      refusal('lamp-2', 'the claim "Lamps" is used up, or too old'),
      refusal('lamp-3', 'there is no such claim', ''),
      refusal('lamp-4', 'there is no such claim', ''),
    ]);
  });

  test('and is not filled by a device that asks again and again', async () => {
    await provision('lamp');
    for (let n = 0; n < 600; n += 1) {
      await provision('plug');
      bench.elapsed += 1_000;
    }
    // Five, then after 1, 2 and 4 min.
    expect(await bench.audit('claim.refuse')).toHaveLength(8);
  });
});
