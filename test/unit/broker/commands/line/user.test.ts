import { beforeEach, expect, test } from 'vitest';
import { invited, toldPeople } from '#broker/contract/person.ts';
import { toldSessions } from '#broker/contract/session.ts';
import { Lines } from './lines.ts';

let lines: Lines;
beforeEach(async () => void (lines = await Lines.withLamp()));

const people = async () => toldPeople.parse({ people: await lines.json('user', 'list') }).people;

test('people are invited by a link that is all there is on stdout', async () => {
  const { out, err } = await lines.tried('user', 'invite', 'ada', '--role', 'operator', '--name', 'Ada L.');
  expect(out).toMatch(/^https:\/\/localhost:8443\/sign-in#\S{32}\n$/);
  expect(err).toMatch(/^a link for @ada, good once, until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\n$/);
  const made = await lines.json('user', 'invite', 'ben', '--role', 'viewer', '--url', 'https://hub.example/');
  const { invitation } = invited.parse(made);
  expect(made).toMatchObject({ link: `https://hub.example/sign-in#${invitation.code}` });
});

test('whoever is invited before the first start finds the owner there', async () => {
  await lines.done('user', 'invite', 'ada', '--role', 'operator', '--name', 'Ada L.');
  expect(await lines.done('user', 'list')).toBe(
    'ada\tAda L.\toperator\tinvited\t0\t\nowner\tOwner\tadmin\tinvited\t0\t\n',
  );
});

test('people are changed only as far as is said, and removed', async () => {
  await lines.done('user', 'invite', 'ada', '--role', 'operator', '--name', 'Ada L.');
  await lines.done('user', 'change', 'ada', '--role', 'admin');
  expect((await people())[0]).toMatchObject({ id: 'ada', name: 'Ada L.', role: 'admin' });
  await lines.done('user', 'change', 'ada', '--name', 'Ada');
  expect((await people())[0]).toMatchObject({ name: 'Ada', role: 'admin' });
  await lines.done('user', 'remove', 'owner');
  expect((await people()).map(({ id }) => id)).toEqual(['ada']);
});

test('people are signed out of one session, or of all', async () => {
  await lines.done('token');
  await lines.done('token');
  const sessions = async () =>
    toldSessions.parse({ sessions: await lines.json('user', 'sessions', 'owner') }).sessions;
  const [first, second] = await sessions();
  await lines.done('user', 'sign-out', 'owner', '--session', first?.id ?? '');
  expect(await sessions()).toEqual([second]);
  expect(await lines.done('user', 'sessions', 'owner')).toMatch(
    new RegExp(`^${second?.id}\t\tcommand line(\t\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ){3}\n$`),
  );
  expect((await lines.tried('user', 'sign-out', 'owner')).err).toBe('sessions ended: 1\n');
  expect(await sessions()).toEqual([]);
});
