import { beforeEach, expect, test } from 'vitest';
import { createAccessToken } from '#broker/auth/sessions.ts';
import { ada, NOW } from '../auth/access-bench.ts';
import { AppBench } from './app-bench.ts';

let bench: AppBench;
/** Access tokens of two administrators. */
let bob: string;
let eve: string;

beforeEach(async () => {
  bench = await AppBench.create();
  const tokenOf = async (id: string): Promise<string> => {
    const { store, keys } = bench.access;
    const person = { ...ada, id, role: 'admin' } as const;
    await store.createPerson(person);
    return (await createAccessToken(store, keys, { person, now: NOW })).token;
  };
  bob = await tokenOf('bob');
  eve = await tokenOf('eve');
});

const codeOf = async (made: Response): Promise<string> => {
  const { code, invitation } = (await made.json()) as { code?: string; invitation?: { code: string } };
  return code ?? invitation?.code ?? '';
};
const isGood = async (code: string): Promise<boolean> =>
  (await bench.ask('POST', '/api/session/code', { code })).status === 200;

test.each([
  ['is removed', 'DELETE', undefined],
  ['is no administrator any more', 'PATCH', { role: 'operator' }],
])('an administrator who %s leaves no way in behind', async (_how, method, body) => {
  const codes = [
    await codeOf(await bench.ask('POST', '/api/people/ada/link', undefined, eve)),
    await codeOf(await bench.ask('POST', '/api/people', { id: 'mallory', role: 'admin' }, eve)),
  ];
  const kept = await codeOf(await bench.ask('POST', '/api/people', { id: 'cleo', role: 'viewer' }, bob));
  for (const code of [...codes, kept]) expect(await isGood(code)).toBe(true);
  expect((await bench.ask(method, '/api/people/eve', body, bob)).ok).toBe(true);
  for (const code of codes) expect(await isGood(code)).toBe(false);
  expect(await isGood(kept)).toBe(true);
});
