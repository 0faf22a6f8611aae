import { beforeEach, describe, expect, test } from 'vitest';
import {
  changePerson,
  ensureOwner,
  firstAdministrator,
  invite,
  listPeople,
  oneTimeCode,
  personOf,
  removePerson,
} from '#broker/auth/people.ts';
import { digest } from '#broker/auth/sessions.ts';
import type { Role } from '#broker/contract/session.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { nodeRed, session } from '../store/records.ts';
import { ada, DAY, faultOf, NOW, storeWithAda } from './access-bench.ts';

let store: SqliteStore;
beforeEach(async () => void (store = await storeWithAda()));

const toldAda = {
  ...{ id: 'ada', name: 'Ada', role: 'operator', createdAt: NOW },
  ...{ hasPassword: true, sessions: 0 },
};

describe('the first start', () => {
  test('makes an owner, who has no password yet', async () => {
    const empty = new SqliteStore(':memory:');
    await ensureOwner(empty, NOW);
    await ensureOwner(empty, NOW + 1);
    expect(await empty.people()).toEqual([
      { id: 'owner', name: 'Owner', role: 'admin', password: null, createdAt: NOW },
    ]);
    await empty.close();
  });

  test('makes nobody where there is somebody', async () => {
    await ensureOwner(store, NOW);
    expect(await store.people()).toEqual([ada]);
  });
});

describe('who is let in first', () => {
  const person = (id: string, role: Role, password: string | null = null) => ({ ...ada, id, role, password });

  test.each([
    ['the owner', [person('another', 'admin'), person('owner', 'admin')], 'owner'],
    ['an administrator, where the owner is none', [person('owner', 'viewer'), person('zoe', 'admin')], 'zoe'],
    [
      'nobody, once an administrator has a password',
      [person('owner', 'admin'), person('zoe', 'admin', '$')],
      undefined,
    ],
    ['an administrator still, where only others have one', [person('zoe', 'admin')], 'zoe'],
    ['nobody, where there is no administrator', [], undefined],
  ])('is %s', async (_who, people, first) => {
    for (const each of people) await store.createPerson(each);
    expect((await firstAdministrator(store))?.id).toBe(first);
  });
});

describe('an invitation', () => {
  test('makes a person who chooses a password by its code, of which only a digest is kept', async () => {
    const { person, invitation } = await invite(
      store,
      { id: 'bob', name: 'Bob', role: 'admin' },
      '@hub',
      NOW,
    );
    expect(person).toEqual({
      ...{ id: 'bob', name: 'Bob', role: 'admin', createdAt: NOW },
      ...{ hasPassword: false, sessions: 0 },
    });
    expect(await store.person('bob')).toEqual({
      ...ada,
      id: 'bob',
      name: 'Bob',
      role: 'admin',
      password: null,
    });
    expect(invitation).toEqual({
      code: expect.stringMatching(/^[\w-]{32}$/) as string,
      expiresAt: NOW + 3 * DAY,
    });
    const { code, expiresAt } = invitation;
    expect(await store.signInCode(Buffer.from(code))).toBeUndefined();
    expect(await store.signInCode(digest(code))).toMatchObject({ person: 'bob', expiresAt });
  });

  test('calls people by their ids where it gives no name', async () => {
    expect(await invite(store, { id: 'bob', role: 'viewer' }, '@hub', NOW)).toMatchObject({
      person: { name: 'bob' },
    });
  });

  const taken = (id: string): string =>
    `conflict: @${id} is there already: people and services share their ids, so choose another`;

  test.each([
    ['of a person', 'ada', taken('ada')],
    ['of a service', nodeRed.id, taken(nodeRed.id)],
    ['of the hub', 'hub', 'conflict: @hub is the hub itself: choose another id'],
    ['of the fleet', 'fleet', 'conflict: @fleet is the hub itself: choose another id'],
  ])('is refused with the id %s', async (_whose, id, fault) => {
    await store.createService(nodeRed);
    expect(await faultOf(() => invite(store, { id, role: 'viewer' }, '@hub', NOW))).toBe(fault);
    expect(await store.people()).toEqual([ada]);
  });
});

describe('a one-time code', () => {
  test('is another each time, in place of the one before', async () => {
    const [one, other] = [
      await oneTimeCode(store, 'ada', '@hub', NOW),
      await oneTimeCode(store, 'ada', '@hub', NOW),
    ];
    expect(one.code).not.toBe(other.code);
    expect(await store.signInCode(digest(one.code))).toBeUndefined();
    expect(await store.signInCode(digest(other.code))).toBeDefined();
  });

  test('is refused for nobody', async () => {
    expect(await faultOf(() => oneTimeCode(store, 'eve', '@hub', NOW))).toBe(
      'notFound: there is nobody called eve',
    );
  });
});

describe('people are told', () => {
  test('with how many of their sessions go on, and when one was last renewed', async () => {
    await store.createPerson({ ...ada, id: 'bob', password: null });
    const open = { ...session, expiresAt: NOW + 1 };
    for (const [sid, renewedAt] of [
      ['a', 5],
      ['b', 9],
      ['c', 7],
    ] as const) {
      await store.createSession({ ...open, sid, hash: digest(sid), renewedAt });
    }
    await store.createSession({ ...open, sid: 'd', hash: digest('d'), renewedAt: 99, expiresAt: NOW });
    expect(await listPeople(store, NOW)).toEqual([
      { ...toldAda, sessions: 3, renewedAt: 9 },
      { ...toldAda, id: 'bob', hasPassword: false },
    ]);
  });

  test('without their passwords', async () => {
    expect(JSON.stringify(await listPeople(store, NOW))).not.toContain('scrypt');
  });

  test('as they are after they were changed', async () => {
    await store.createSession({ ...session, expiresAt: NOW + 1 });
    await store.createSession({ ...session, sid: 'old', hash: digest('old'), expiresAt: NOW });
    expect(await changePerson(store, 'ada', { role: 'viewer' }, NOW)).toEqual({
      ...toldAda,
      ...{ role: 'viewer', sessions: 1, renewedAt: session.renewedAt },
    });
  });
});

describe('it is refused', () => {
  const nobody = 'notFound: there is nobody called eve';
  const last =
    'conflict: @bob is the last administrator: make somebody else one first, or nobody could let others in';

  test.each<[string, () => Promise<unknown>, string]>([
    ['to find nobody', () => personOf(store, 'eve'), nobody],
    ['to change nobody', () => changePerson(store, 'eve', { name: 'Eve' }, NOW), nobody],
    ['to remove nobody', () => removePerson(store, 'eve'), nobody],
    ['to lower the last administrator', () => changePerson(store, 'bob', { role: 'viewer' }, NOW), last],
    ['to remove the last administrator', () => removePerson(store, 'bob'), last],
  ])('%s', async (_what, attempt, fault) => {
    await store.createPerson({ ...ada, id: 'bob', role: 'admin' });
    expect(await faultOf(attempt)).toBe(fault);
    expect(await store.people()).toHaveLength(2);
    expect(await store.person('bob')).toMatchObject({ role: 'admin' });
  });
});

test('somebody who is removed is gone', async () => {
  await removePerson(store, 'ada');
  expect(await store.people()).toEqual([]);
});
