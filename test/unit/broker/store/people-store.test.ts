import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { PersonRecord, SessionRecord } from '#broker/store/people.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import type { Store } from '#broker/store/store.ts';
import { ada, bytes, nodeRed, NOW, session } from './records.ts';
import { STORES, storeThatRefuses } from './stores.ts';

const bob: PersonRecord = { ...ada, id: 'bob', name: 'Bob', role: 'admin' };
const code = (last: number, person = 'ada') => ({
  hash: bytes(9, last),
  person,
  expiresAt: NOW,
  createdBy: '@hub',
});
const sessionOf = (person: string, sid: string, renewedAt = NOW): SessionRecord => ({
  ...session,
  hash: new TextEncoder().encode(`hash of ${sid}`),
  sid,
  person,
  renewedAt,
});
const sids = (sessions: readonly SessionRecord[]): string[] => sessions.map(({ sid }) => sid).toSorted();

let store: Store;

const begin = async (open: () => Promise<Store>): Promise<void> => {
  store = await open();
  onTestFinished(() => store.close());
  await store.createPerson(ada);
};

describe('alone', () => {
  beforeEach(() => begin(async () => new SqliteStore(':memory:')));

  describe('people', () => {
    test('come back as they were created, and keep their ids', async () => {
      expect(await store.createPerson(bob)).toBe(true);
      expect(await store.createPerson({ ...ada, role: 'admin' })).toBe(false);
      expect(await store.people()).toEqual([ada, bob]);
      expect(await store.person('ada')).toEqual(ada);
      expect(await store.person('eve')).toBeUndefined();
    });

    test('share their ids with services', async () => {
      await store.createService(nodeRed);
      expect(await store.createPerson({ ...ada, id: nodeRed.id })).toBe(false);
      expect(await store.createService({ ...nodeRed, id: 'ada' })).toBe(false);
      expect(await store.people()).toEqual([ada]);
      expect(await store.services()).toEqual([nodeRed]);
      await store.removePerson('ada');
      expect(await store.createService({ ...nodeRed, id: 'ada' })).toBe(true);
    });

    test.each([
      ['nothing', {}, {}],
      ['a name', { name: 'Ada L.' }, { name: 'Ada L.' }],
      ['a role', { role: 'viewer' }, { role: 'viewer' }],
      ['both', { name: 'A', role: 'admin' }, { name: 'A', role: 'admin' }],
      ['what is undefined', { name: undefined, role: undefined }, {}],
    ] as const)('are changed in nothing but what is given: %s', async (_what, change, changed) => {
      await store.saveSignInCode(code(1));
      await store.useSignInCode(code(1).hash, '$hash', NOW - 1);
      await store.createSession(session);
      expect(await store.changePerson('ada', change)).toBe(true);
      expect(await store.person('ada')).toEqual({ ...ada, password: '$hash', ...changed });
      expect(await store.sessions()).toEqual([session]);
    });

    test('that are not there are not changed or removed', async () => {
      expect(await store.changePerson('eve', { name: 'Eve' })).toBe(false);
      expect(await store.removePerson('eve')).toBe(false);
      expect(await store.people()).toEqual([ada]);
    });

    test('take their codes and sessions along when they are removed', async () => {
      await store.createPerson(bob);
      await store.saveSignInCode(code(1));
      await store.saveSignInCode(code(2, 'bob'));
      await store.createSession(sessionOf('ada', 'a'));
      await store.createSession(sessionOf('bob', 'b'));
      expect(await store.removePerson('ada')).toBe(true);
      expect(await store.removePerson('ada')).toBe(false);
      expect(await store.signInCode(code(1).hash)).toBeUndefined();
      expect(await store.signInCode(code(2).hash)).toBeDefined();
      expect(sids(await store.sessions())).toEqual(['b']);
    });
  });

  describe('the last administrator', () => {
    beforeEach(() => store.createPerson(bob));

    test('stays one', async () => {
      expect(await store.changePerson('bob', { role: 'operator' })).toBe(false);
      expect(await store.changePerson('bob', { role: 'viewer', name: 'Robert' })).toBe(false);
      expect(await store.removePerson('bob')).toBe(false);
      expect(await store.people()).toEqual([ada, bob]);
    });

    test('may be called otherwise, and be made one again', async () => {
      expect(await store.changePerson('bob', { name: 'Robert' })).toBe(true);
      expect(await store.changePerson('bob', { role: 'admin' })).toBe(true);
      expect(await store.person('bob')).toEqual({ ...bob, name: 'Robert' });
    });

    test('keeps nobody else from being changed or removed', async () => {
      expect(await store.changePerson('ada', { role: 'viewer' })).toBe(true);
      expect(await store.removePerson('ada')).toBe(true);
    });
  });

  describe('a one-time code', () => {
    beforeEach(async () => {
      await store.createPerson(bob);
      await store.saveSignInCode(code(1));
      await store.saveSignInCode(code(3, 'bob'));
      await store.createSession(sessionOf('ada', 'a1'));
      await store.createSession(sessionOf('ada', 'a2'));
      await store.createSession(sessionOf('bob', 'b'));
    });

    test('is found by its whole hash, and stays', async () => {
      expect(await store.signInCode(bytes(9))).toBeUndefined();
      expect(await store.signInCode(bytes(9, 1))).toEqual(code(1));
      expect(await store.signInCode(bytes(9, 1))).toEqual(code(1));
    });

    test('sets the password, and is used up with all sessions of its person', async () => {
      expect(await store.useSignInCode(code(1).hash, '$new', NOW - 1)).toBe(true);
      expect(await store.person('ada')).toEqual({ ...ada, password: '$new' });
      expect(await store.signInCode(code(1).hash)).toBeUndefined();
      expect(await store.sessionsOf('ada')).toEqual([]);
      expect(await store.person('bob')).toEqual(bob);
      expect(await store.signInCode(code(3).hash)).toBeDefined();
      expect(sids(await store.sessions())).toEqual(['b']);
    });

    test.each([
      ['that is too old', code(1).hash, NOW],
      ['that is unknown', bytes(9), NOW - 1],
    ])('%s changes nothing', async (_name, hash, now) => {
      expect(await store.useSignInCode(hash, '$new', now)).toBe(false);
      expect(await store.person('ada')).toEqual(ada);
      expect(await store.signInCode(code(1).hash)).toBeDefined();
      expect(sids(await store.sessions())).toEqual(['a1', 'a2', 'b']);
    });

    test.each<[string, () => Promise<unknown>]>([
      ['there is another for its person', () => store.saveSignInCode(code(2))],
      ['all sessions of its person are ended', () => store.removeSessionsOf('ada')],
      ['all others are', () => store.removeSessionsOf('ada', 'a1')],
    ])('is withdrawn once %s', async (_when, happen) => {
      await happen();
      expect(await store.signInCode(code(1).hash)).toBeUndefined();
      expect(await store.signInCode(code(3).hash)).toBeDefined();
    });

    test.each<[string, (maker: string) => Promise<unknown>, boolean]>([
      ['called otherwise', (maker) => store.changePerson(maker, { name: 'E' }), true],
      ['made an administrator again', (maker) => store.changePerson(maker, { role: 'admin' }), true],
      ['no service', (maker) => store.removeService(maker), true],
      ['made less', (maker) => store.changePerson(maker, { role: 'operator' }), false],
      ['removed', (maker) => store.removePerson(maker), false],
    ])('is held to whoever made it, who is %s', async (_how, happen, isGood) => {
      await store.createPerson({ ...bob, id: 'eve' });
      await store.saveSignInCode({ ...code(1), createdBy: '@eve' });
      await happen('eve');
      expect((await store.signInCode(code(1).hash)) !== undefined).toBe(isGood);
      expect(await store.signInCode(code(3).hash)).toBeDefined();
    });

    test.each<[string, (maker: string) => Promise<unknown>, boolean]>([
      ['called otherwise', (maker) => store.changeService(maker, { name: 'Flows' }), true],
      ['made less', (maker) => store.changeService(maker, { role: 'operator' }), false],
      ['barred', (maker) => store.changeService(maker, { disabled: 1 }), false],
      ['removed', (maker) => store.removeService(maker), false],
    ])('is held to the service that made it, which is %s', async (_how, happen, isGood) => {
      await store.createService({ ...nodeRed, role: 'admin' });
      await store.saveSignInCode({ ...code(1), createdBy: `@${nodeRed.id}` });
      await happen(nodeRed.id);
      expect((await store.signInCode(code(1).hash)) !== undefined).toBe(isGood);
      expect(await store.signInCode(code(3).hash)).toBeDefined();
    });

    test('of the last administrator, who cannot be made less, stays', async () => {
      await store.saveSignInCode({ ...code(1), createdBy: '@bob' });
      expect(await store.changePerson('bob', { role: 'viewer' })).toBe(false);
      expect(await store.removePerson('bob')).toBe(false);
      expect(await store.signInCode(code(1).hash)).toBeDefined();
    });

    test('of nobody is not stored', async () => {
      await expect(store.saveSignInCode(code(4, 'eve'))).rejects.toThrow(/FOREIGN KEY/);
    });
  });

  describe('a session', () => {
    test('is found by its cookie’s hash and by its id, until it is removed', async () => {
      expect(await store.createSession(session)).toBe(true);
      expect(await store.session(bytes(1, 2))).toBeUndefined();
      expect(await store.session(session.hash)).toEqual(session);
      expect(await store.sessionById(session.sid)).toEqual(session);
      expect(await store.removeSession('ada', session.sid)).toBe(true);
      expect(await store.removeSession('ada', session.sid)).toBe(false);
      expect(await store.session(session.hash)).toBeUndefined();
      expect(await store.sessionById(session.sid)).toBeUndefined();
    });

    test('is not begun by somebody who is not there', async () => {
      expect(await store.createSession({ ...session, person: 'eve' })).toBe(false);
      expect(await store.sessions()).toEqual([]);
    });

    test('is not begun by a password that was changed since it was looked at', async () => {
      await store.saveSignInCode(code(1));
      await store.useSignInCode(code(1).hash, '$new', NOW - 1);
      expect(await store.createSession(session, '$old')).toBe(false);
      expect(await store.sessions()).toEqual([]);
      expect(await store.createSession(session, '$new')).toBe(true);
      expect(await store.sessions()).toEqual([session]);
    });

    test('is not begun by a password where there is none', async () => {
      expect(await store.createSession(session, '$old')).toBe(false);
    });

    const renewal = { renewedAt: NOW + 5, address: '2001:db8::1', agent: 'Safari' };

    test('notes when it was renewed, from where and with what', async () => {
      await store.createSession(session);
      await store.createSession(sessionOf('ada', 'other'));
      expect(await store.renewSession(session.sid, renewal)).toBe(true);
      expect(await store.sessionById(session.sid)).toEqual({ ...session, ...renewal });
      expect(await store.sessionById('other')).toEqual(sessionOf('ada', 'other'));
    });

    test('is not removed as another person’s', async () => {
      await store.createPerson(bob);
      await store.createSession(session);
      expect(await store.removeSession('bob', session.sid)).toBe(false);
      expect(await store.sessions()).toEqual([session]);
    });

    test('is listed with those of its person, the one that was renewed last first', async () => {
      await store.createPerson(bob);
      const all = [sessionOf('ada', 'a', 1), sessionOf('ada', 'b', 3), sessionOf('ada', 'c', 2)] as const;
      for (const each of [...all, sessionOf('bob', 'd')]) await store.createSession(each);
      expect(await store.sessionsOf('ada')).toEqual([all[1], all[2], all[0]]);
      expect(await store.sessionsOf('eve')).toEqual([]);
    });

    test.each([
      ['all', undefined, 2, ['b']],
      ['all but one', 'a1', 1, ['a1', 'b']],
      ['all where the one is another person’s', 'b', 2, ['b']],
    ])('ends with the others of its person: %s', async (_which, except, ended, left) => {
      await store.createPerson(bob);
      for (const sid of ['a1', 'a2']) await store.createSession(sessionOf('ada', sid));
      await store.createSession(sessionOf('bob', 'b'));
      expect(await store.removeSessionsOf('ada', except)).toBe(ended);
      expect(sids(await store.sessions())).toEqual(left);
    });
  });

  describe('a password is changed', () => {
    beforeEach(async () => {
      await store.createPerson({ ...bob, password: '$bob' });
      await store.createPerson({ ...ada, id: 'eve', password: '$old' });
      for (const sid of ['e1', 'e2', 'e3']) await store.createSession(sessionOf('eve', sid));
      await store.createSession(sessionOf('bob', 'b'));
    });

    test('by one session, and all others of its person end, and the code that they had', async () => {
      await store.saveSignInCode(code(1, 'eve'));
      expect(await store.changePassword('e2', '$old', '$new')).toBe(true);
      expect(await store.person('eve')).toMatchObject({ password: '$new' });
      expect(await store.person('bob')).toMatchObject({ password: '$bob' });
      expect(sids(await store.sessions())).toEqual(['b', 'e2']);
      expect(await store.signInCode(code(1).hash)).toBeUndefined();
    });

    test.each([
      ['another password was looked at', 'e2', '$older'],
      ['the session has ended', 'gone', '$old'],
      ['the session is another person’s', 'b', '$old'],
    ])('not where %s', async (_why, sid, shown) => {
      expect(await store.changePassword(sid, shown, '$new')).toBe(false);
      expect(await store.person('eve')).toMatchObject({ password: '$old' });
      expect(await store.person('bob')).toMatchObject({ password: '$bob' });
      expect(await store.sessions()).toHaveLength(4);
    });
  });
});

describe.each(STORES)('at once, %s', (_where, open) => {
  beforeEach(async () => {
    await begin(open);
    await store.createPerson(bob);
  });

  test('people and services that want one id get it once', async () => {
    const made = await Promise.all([
      store.createPerson({ ...bob, id: 'eve' }),
      store.createService({ ...nodeRed, id: 'eve' }),
      store.createPerson({ ...bob, id: 'eve' }),
    ]);
    expect(made).toEqual([true, false, false]);
    expect(await store.services()).toEqual([]);
  });

  test.each<[string, (id: string) => Promise<boolean>]>([
    ['lowered', (id) => store.changePerson(id, { role: 'viewer' })],
    ['removed', (id) => store.removePerson(id)],
  ])('of two administrators that are %s, the last one stays', async (_how, deprive) => {
    await store.changePerson('ada', { role: 'admin' });
    expect(await Promise.all([deprive('ada'), deprive('bob')])).toEqual([true, false]);
    expect((await store.people()).filter(({ role }) => role === 'admin')).toEqual([bob]);
  });

  test('one of several uses of a code counts', async () => {
    await store.saveSignInCode(code(1));
    const used = await Promise.all(
      ['$0', '$1', '$2'].map((password) => store.useSignInCode(code(1).hash, password, NOW - 1)),
    );
    expect(used).toEqual([true, false, false]);
    expect(await store.person('ada')).toMatchObject({ password: '$0' });
  });

  test('a session that ends is not brought back where it is renewed', async () => {
    await store.createSession(session);
    const [ended, renewed] = await Promise.all([
      store.removeSession('ada', session.sid),
      store.renewSession(session.sid, session),
    ]);
    expect([ended, renewed]).toEqual([true, false]);
    expect(await store.sessions()).toEqual([]);
  });

  test('one of two changes of a password counts', async () => {
    await store.createPerson({ ...ada, id: 'eve', password: '$old' });
    for (const sid of ['e1', 'e2']) await store.createSession(sessionOf('eve', sid));
    const tries = ['e1', 'e2'].map((sid) => store.changePassword(sid, '$old', `$by ${sid}`));
    expect(await Promise.all(tries)).toEqual([true, false]);
    expect(await store.person('eve')).toMatchObject({ password: '$by e1' });
    expect(sids(await store.sessionsOf('eve'))).toEqual(['e1']);
  });
});

test.each<[string, (store: Store) => Promise<unknown>]>([
  ['a one-time code', (store) => store.useSignInCode(code(1).hash, '$new', NOW - 1)],
  ['a password', (store) => store.changePassword('a1', '$old', '$new')],
])('where %s cannot do all that it does, it does nothing', async (_what, use) => {
  const store = await storeThatRefuses('UPDATE ON person', async (whole) => {
    await whole.createPerson({ ...ada, password: '$old' });
    await whole.saveSignInCode(code(1));
    for (const sid of ['a1', 'a2']) await whole.createSession(sessionOf('ada', sid));
  });
  await expect(use(store)).rejects.toThrow(/refused by the test/);
  expect(await store.signInCode(code(1).hash)).toBeDefined();
  expect(sids(await store.sessions())).toEqual(['a1', 'a2']);
  expect(await store.person('ada')).toMatchObject({ password: '$old' });
});
