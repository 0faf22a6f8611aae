import { beforeEach, describe, expect, test } from 'vitest';
import { NOW, PASSWORD } from '../auth/access-bench.ts';
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

const change = (token: string, current = PASSWORD): Promise<Response> =>
  bench.ask('PUT', '/api/account/password', { current, password: 'battery staple 17' }, token);

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

describe('what strangers try elsewhere slows nobody who is signed in from here', () => {
  test('down in signing in', async () => {
    await bench.token();
    await guesses(9);
    expect((await bench.signIn()).status).toBe(200);
  });

  test('down in changing the password', async () => {
    const token = await bench.token();
    await guesses(9);
    expect((await change(token)).status).toBe(204);
  });

  test('and does slow whoever has the token elsewhere', async () => {
    const token = await bench.token();
    await guesses(9);
    bench.address = '203.0.113.1';
    expect((await change(token)).status).toBe(429);
  });
});

test('a wrong current password stands in the audit', async () => {
  const token = await bench.token();
  expect((await change(token, 'not mine')).status).toBe(403);
  expect((await change(token)).status).toBe(204);
  const each = { t: NOW, who: '@ada', address: bench.address, subject: '@ada', detail: '' };
  expect(await bench.audit('person.password.refuse')).toEqual([
    { ...each, action: 'person.password.refuse' },
  ]);
  expect(await bench.audit('person.password')).toEqual([{ ...each, action: 'person.password' }]);
});

test('tries that are turned away are in the log, and not in the audit', async () => {
  await guesses(6);
  expect(await bench.audit('session.refuse')).toHaveLength(5);
  expect(bench.log.lines.filter((line) => line.includes('too many tries'))).toEqual([
    'turned away POST /api/session from 198.51.100.5 for 1 s: too many tries',
  ]);
});
