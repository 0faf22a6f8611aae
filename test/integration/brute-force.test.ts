import { afterAll, beforeAll, expect, test } from 'vitest';
import { problem } from '#broker/contract/problem.ts';
import { ApiClient } from '../support/api-client.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { PASSWORD, postSession, signInByCode } from '../support/sign-in.ts';

let hub: TestHub;

beforeAll(async () => {
  hub = await startTestHub();
  await hub.addPerson('ada', 'admin');
});
afterAll(() => hub.close());

test('guessing a password is slowed after five tries, and is all in the audit', async () => {
  await signInByCode(hub, 'ada');
  const admin = await ApiClient.as(hub);
  await admin.ask('DELETE', '/people/ada/sessions');
  const guess = (password: string) => postSession(hub, { id: 'ada', password });
  for (let tries = 0; tries < 5; tries += 1) expect((await guess(`wrong guess ${tries}`)).status).toBe(401);
  // The right one has to wait as well, or the wait would tell which one is right.
  const [right, last] = await Promise.all([guess(PASSWORD), guess('wrong guess 5')]);
  expect([right.status, last.status]).toEqual([429, 429]);
  expect(Number(last.headers['retry-after'])).toBeGreaterThan(0);
  const { error } = problem.parse(JSON.parse(last.body));
  expect(error).toEqual({
    code: 'too_many_tries',
    message: expect.stringMatching(/^too many tries: wait \d+ s, then try again$/) as string,
  });
  const { entries } = await admin.get<{ entries: { subject: string; from: string }[] }>(
    '/audit?action=session.refuse',
  );
  expect(entries).toHaveLength(5);
  expect(entries[0]).toMatchObject({
    who: '',
    subject: '@ada',
    from: expect.stringMatching(/127\.0\.0\.1|::1/) as string,
  });
});

test('whoever does not exist is refused as whoever does', async () => {
  const nobody = await postSession(hub, { id: 'nobody-here', password: PASSWORD });
  const somebody = await postSession(hub, { id: 'owner', password: PASSWORD });
  expect([nobody.status, nobody.body]).toEqual([somebody.status, somebody.body]);
});

test('guesses that come all at once are counted all the same', async () => {
  await hub.addPerson('bob', 'viewer');
  const answers = await Promise.all(
    Array.from({ length: 12 }, (_, guess) => postSession(hub, { id: 'bob', password: `wrong ${guess}` })),
  );
  expect(answers.filter(({ status }) => status === 401).length).toBeLessThanOrEqual(5);
});

test('whoever has a stolen token cannot guess the password by changing it', async () => {
  await hub.addPerson('cleo', 'viewer');
  const client = await ApiClient.as(hub, 'cleo');
  const codes = [];
  for (let guess = 0; guess < 6; guess += 1) {
    const body = { current: `wrong ${guess}`, password: PASSWORD };
    codes.push((await client.refusal('PUT', '/account/password', body)).code);
  }
  expect(codes.at(-1)).toBe('too_many_tries');
});

test('one address is slowed whatever it tries', async () => {
  const statuses = [];
  for (let guess = 0; guess < 25; guess += 1) {
    statuses.push((await postSession(hub, { code: `guess-${guess}`, password: PASSWORD })).status);
  }
  expect(statuses.at(-1)).toBe(429);
});
