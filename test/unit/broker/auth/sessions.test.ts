import { beforeEach, describe, expect, test, vi } from 'vitest';
import { verifyAccessToken } from '#broker/auth/access-tokens.ts';
import { ACCESS_TOKEN_LIFE, type HubKeys } from '#broker/auth/keys.ts';
import { oneTimeCode } from '#broker/auth/people.ts';
import {
  createAccessToken,
  digest,
  SESSION_LIFE,
  Sessions,
  type GrantedSession,
  type Visitor,
} from '#broker/auth/sessions.ts';
import type { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { ada, cheapHash, DAY, faultOf, newAccess, NOW, PASSWORD } from './access-bench.ts';

const NEW = 'battery staple 17';
const CODE_LIFE = 3 * DAY;
const HOME: Visitor = { address: '192.0.2.7', agent: 'Firefox' };

let keys: HubKeys;
let store: SqliteStore;
let sessions: Sessions;
/** What those were told who hold links to what is stored. */
let told: string[];

beforeEach(async () => {
  ({ store, keys } = await newAccess());
  told = [];
  sessions = new Sessions({
    store,
    keys,
    tenant: 'home',
    onEnded: (person) => told.push(`@${person} ended`),
  });
});

const signIn = async (visitor = HOME, now = NOW): Promise<GrantedSession> =>
  (await sessions.signIn('ada', PASSWORD, visitor, now)) as GrantedSession;
const newCode = async (now = NOW): Promise<string> => (await oneTimeCode(store, 'ada', '@hub', now)).code;
const byCode = (code: string, password = NEW, now = NOW) => sessions.signInByCode(code, password, HOME, now);
const sidOf = async ({ accessToken }: { accessToken: string }, now = NOW): Promise<string> => {
  const access = await verifyAccessToken(keys, accessToken, now);
  return typeof access === 'string' ? access : access.sid;
};

/** Something happens after a password was looked at, and before the store is asked for what comes of it. */
function meanwhile(operation: 'createSession' | 'changePassword', happen: () => Promise<unknown>): void {
  const asked = store[operation] as (...args: unknown[]) => Promise<boolean>;
  vi.spyOn(store, operation).mockImplementationOnce(async (...args: unknown[]) => {
    await happen();
    return asked(...args);
  });
}

describe('signing in with a password', () => {
  test('yields a session, and an access token of it', async () => {
    const { session } = await signIn();
    const { accessToken, ...rest } = session;
    expect(rest).toEqual({
      expiresAt: NOW + ACCESS_TOKEN_LIFE,
      tenant: 'home',
      user: { id: 'ada', name: 'Ada', role: 'operator' },
    });
    expect(await verifyAccessToken(keys, accessToken, NOW)).toMatchObject({ person: 'ada' });
    expect(told).toEqual([]);
  });

  test('keeps of the session who, when, from where and with what, and of its cookie a digest', async () => {
    const { session, cookie } = await signIn({ address: '2001:db8::1', agent: 'x'.repeat(300) });
    expect(cookie).toMatch(/^[\w-]{32}$/);
    expect(await store.sessions()).toEqual([
      {
        ...{ hash: new Uint8Array(digest(cookie)), sid: await sidOf(session), person: 'ada' },
        ...{ createdAt: NOW, renewedAt: NOW, expiresAt: NOW + SESSION_LIFE },
        ...{ address: '2001:db8::1', agent: 'x'.repeat(200) },
      },
    ]);
  });

  test('is another session each time', async () => {
    const [one, other] = [await signIn(), await signIn()];
    expect(one.cookie).not.toBe(other.cookie);
    expect(await sidOf(one.session)).not.toBe(await sidOf(other.session));
  });

  test.each([
    ['another password', 'ada', `${PASSWORD}!`],
    ['no password', 'ada', ''],
    ['the hash of the password', 'ada', cheapHash(PASSWORD)],
    ['nobody’s name', 'eve', PASSWORD],
    ['somebody who has not chosen one', 'bob', PASSWORD],
    ['somebody who has not chosen one, and none', 'bob', ''],
    ['another case of the name', 'Ada', PASSWORD],
  ])('fails with %s', async (_what, id, password) => {
    await store.createPerson({ ...ada, id: 'bob', password: null });
    expect(await sessions.signIn(id, password, HOME, NOW)).toBeUndefined();
    expect(await store.sessions()).toEqual([]);
    expect(told).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>]>([
    [
      'their password was changed',
      async () => store.useSignInCode(digest(await newCode()), cheapHash(NEW), NOW),
    ],
    ['they were removed', () => store.removePerson('ada')],
  ])('fails where %s while it was looked at', async (_what, happen) => {
    meanwhile('createSession', happen);
    expect(await sessions.signIn('ada', PASSWORD, HOME, NOW)).toBeUndefined();
    expect(await store.sessions()).toEqual([]);
    expect(told).toEqual([]);
  });
});

describe('a one-time code', () => {
  test('tells whose it is, and stays good', async () => {
    const code = await newCode();
    const owner = { user: { id: 'ada', name: 'Ada' }, hasPassword: true };
    expect(await sessions.ownerOf(code, NOW)).toEqual(owner);
    expect(await sessions.ownerOf(code, NOW)).toEqual(owner);
    await store.createPerson({ ...ada, id: 'bob', password: null });
    const { code: invitation } = await oneTimeCode(store, 'bob', '@hub', NOW);
    expect(await sessions.ownerOf(invitation, NOW)).toMatchObject({ hasPassword: false });
  });

  test('chooses a password and signs in; all sessions there were end', async () => {
    const before = await signIn();
    const code = await newCode();
    told = [];
    const { session } = (await byCode(code)) as GrantedSession;
    expect(session.user).toEqual({ id: 'ada', name: 'Ada', role: 'operator' });
    expect(told).toEqual(['@ada ended']);
    expect((await store.sessions()).map(({ sid }) => sid)).toEqual([await sidOf(session)]);
    expect(await sessions.refresh(before.cookie, HOME, NOW)).toBeUndefined();
    expect(await sessions.signIn('ada', PASSWORD, HOME, NOW)).toBeUndefined();
    expect(await sessions.signIn('ada', NEW, HOME, NOW)).toBeDefined();
  });

  test('is good until there is a newer one, the password is changed, or all sessions are ended', async () => {
    const { session } = await signIn();
    const sid = await sidOf(session);
    const withdraw: (() => Promise<unknown>)[] = [
      newCode,
      () => sessions.changePassword({ id: 'ada', sid }, PASSWORD, NEW),
      () => sessions.endAll('ada', sid),
      () => sessions.endAll('ada'),
    ];
    for (const each of withdraw) {
      const code = await newCode();
      await each();
      expect(await sessions.ownerOf(code, NOW)).toBeUndefined();
      expect(await byCode(code, 'by whoever has it')).toBeUndefined();
    }
    expect(await sessions.signIn('ada', NEW, HOME, NOW)).toBeDefined();
  });

  test('works once, also where it is used twice in one moment', async () => {
    const code = await newCode();
    const granted = await Promise.all([byCode(code), byCode(code, 'another password')]);
    expect(granted.filter((each) => each !== undefined)).toHaveLength(1);
    expect(await byCode(code)).toBeUndefined();
    expect(await store.sessions()).toHaveLength(1);
  });

  test('opens no session by a password that was replaced in that moment', async () => {
    const code = await newCode();
    meanwhile('createSession', async () => {
      await store.useSignInCode(digest(await newCode()), cheapHash('of somebody else'), NOW);
    });
    expect(await byCode(code)).toBeUndefined();
    expect(await store.sessions()).toEqual([]);
  });

  test.each([
    ['right before three days are over', CODE_LIFE - 1, true],
    ['when they are over', CODE_LIFE, false],
  ])('waits for three days: %s', async (_name, after, isGood) => {
    const code = await newCode();
    expect((await sessions.ownerOf(code, NOW + after)) !== undefined).toBe(isGood);
    expect((await byCode(code, NEW, NOW + after)) !== undefined).toBe(isGood);
    expect((await store.person('ada'))?.password === ada.password).toBe(!isGood);
  });

  test.each(['', 'x', 'A'.repeat(32)])('that is unknown is refused: %j', async (code) => {
    await newCode();
    expect(await sessions.ownerOf(code, NOW)).toBeUndefined();
    expect(await byCode(code)).toBeUndefined();
    expect(await store.person('ada')).toEqual(ada);
    expect(told).toEqual([]);
  });

  test('goes with its person', async () => {
    const code = await newCode();
    await store.removePerson('ada');
    expect(await sessions.ownerOf(code, NOW)).toBeUndefined();
    expect(await byCode(code)).toBeUndefined();
  });

  test.each([
    ['aaaaaaaaaaaa', 'invalid: password: use at least 5 different characters'],
    [
      'switchyard12',
      'invalid: password: it is little more than names, runs of keys and digits, which anybody would try',
    ],
  ])('stays good where the password is not: %s', async (password, fault) => {
    const { cookie } = await signIn();
    const code = await newCode();
    expect(await faultOf(() => byCode(code, password))).toBe(fault);
    expect(await sessions.ownerOf(code, NOW)).toBeDefined();
    expect(await sessions.refresh(cookie, HOME, NOW)).toBeDefined();
    expect(await store.person('ada')).toEqual(ada);
  });
});

describe('a session', () => {
  test('yields new access tokens, and notes from where and with what', async () => {
    const { session, cookie } = await signIn();
    const later = NOW + 600_000;
    const refreshed = await sessions.refresh(cookie, { address: '192.0.2.8', agent: 'y'.repeat(201) }, later);
    expect(refreshed).toMatchObject({ expiresAt: later + ACCESS_TOKEN_LIFE, user: session.user });
    const sid = await sidOf(session);
    expect(await sidOf(refreshed as typeof session, later)).toBe(sid);
    expect(await store.sessionById(sid)).toMatchObject({
      ...{ createdAt: NOW, renewedAt: later, expiresAt: NOW + SESSION_LIFE },
      ...{ address: '192.0.2.8', agent: 'y'.repeat(200) },
    });
  });

  test('tells its person as they are now', async () => {
    const { cookie } = await signIn();
    await store.changePerson('ada', { role: 'viewer', name: 'Ada L.' });
    expect(await sessions.refresh(cookie, HOME, NOW)).toMatchObject({
      user: { role: 'viewer', name: 'Ada L.' },
    });
  });

  test.each([
    [SESSION_LIFE - 1, true],
    [SESSION_LIFE, false],
  ])('lives for thirty days, however often it is renewed (%i ms: %j)', async (after, isAlive) => {
    const { cookie } = await signIn();
    await sessions.refresh(cookie, HOME, NOW + SESSION_LIFE - 2);
    expect((await sessions.refresh(cookie, HOME, NOW + after)) !== undefined).toBe(isAlive);
  });

  test('is not known by anything but its cookie', async () => {
    const { session, cookie } = await signIn();
    const sid = await sidOf(session);
    for (const guess of ['', 'x', session.accessToken, sid, digest(cookie).toString('base64url')]) {
      expect(await sessions.refresh(guess, HOME, NOW)).toBeUndefined();
      expect(await sessions.signOut(guess)).toBeUndefined();
    }
    expect(await sessions.refresh(cookie, HOME, NOW)).toBeDefined();
  });

  test('that ends while it is renewed yields nothing', async () => {
    const { session, cookie } = await signIn();
    const sid = await sidOf(session);
    const { person } = store;
    vi.spyOn(store, 'person').mockImplementationOnce(async (id) => {
      await store.removeSession('ada', sid);
      return person(id);
    });
    told = [];
    expect(await sessions.refresh(cookie, HOME, NOW)).toBeUndefined();
    expect(told).toEqual([]);
    expect(await store.sessions()).toEqual([]);
  });
});

describe('signing out', () => {
  test('ends the session, says so, and tells whose it was', async () => {
    const { cookie } = await signIn();
    expect(await sessions.signOut(cookie)).toBe('ada');
    expect(told.at(-1)).toBe('@ada ended');
    expect(await sessions.refresh(cookie, HOME, NOW)).toBeUndefined();
  });

  test('leaves other sessions', async () => {
    const [one, other] = [await signIn(), await signIn()];
    await sessions.signOut(one.cookie);
    expect(await sessions.refresh(other.cookie, HOME, NOW)).toBeDefined();
  });

  test('twice, or without a session, changes nothing', async () => {
    const { cookie } = await signIn();
    await sessions.signOut(cookie);
    const before = told.length;
    expect(await sessions.signOut(cookie)).toBeUndefined();
    expect(await sessions.signOut('unknown')).toBeUndefined();
    expect(told).toHaveLength(before);
  });
});

describe('sessions of a person', () => {
  let ids: string[];
  beforeEach(async () => {
    ids = [];
    for (const after of [0, 1, 2]) {
      const { session } = await signIn(HOME, NOW + after * 1_000);
      ids.push(await sidOf(session, NOW + 2_000));
    }
    await store.createPerson({ ...ada, id: 'bob' });
    await sessions.signIn('bob', PASSWORD, HOME, NOW);
    told = [];
  });
  const open = async (): Promise<string[]> => (await store.sessionsOf('ada')).map(({ sid }) => sid);

  test('are listed the latest first, and the one that asks is marked', async () => {
    const each = { ...HOME, expiresAt: NOW + SESSION_LIFE + 2_000, current: false };
    const list = await sessions.list('ada', NOW + 3_000, ids[1]);
    expect(list.map(({ id, current }) => [id, current])).toEqual([
      [ids[2], false],
      [ids[1], true],
      [ids[0], false],
    ]);
    expect(list[0]).toEqual({ ...each, id: ids[2], createdAt: NOW + 2_000, renewedAt: NOW + 2_000 });
    expect((await sessions.list('ada', NOW + 3_000)).every(({ current }) => !current)).toBe(true);
  });

  test('are listed as long as they go on', async () => {
    const list = async (now: number) => (await sessions.list('ada', now)).map(({ id }) => id);
    expect(await list(NOW + SESSION_LIFE)).toEqual([ids[2], ids[1]]);
    expect(await list(NOW + SESSION_LIFE + 2_000)).toEqual([]);
    expect(await sessions.list('eve', NOW)).toEqual([]);
  });

  test('make known where their person is signed in, as long as they go on', async () => {
    const isKnown = (address: string, now = NOW, id = 'ada') => sessions.isKnownAt(id, address, now);
    const last = NOW + SESSION_LIFE + 2_000;
    expect([await isKnown(HOME.address), await isKnown(HOME.address, last - 1)]).toEqual([true, true]);
    expect(await isKnown(HOME.address, last)).toBe(false);
    expect(await isKnown('192.0.2.8')).toBe(false);
    expect(await isKnown(HOME.address, NOW, 'eve')).toBe(false);
  });

  test('end one by one', async () => {
    expect(await sessions.end('ada', ids[1] as string)).toBe(true);
    expect(await open()).toEqual([ids[2], ids[0]]);
    expect(told).toEqual(['@ada ended']);
    expect(await sessions.end('ada', ids[1] as string)).toBe(false);
    expect(await sessions.end('bob', ids[0] as string)).toBe(false);
    expect(await open()).toEqual([ids[2], ids[0]]);
  });

  test.each([
    ['all', undefined, 3],
    ['all but one', 1, 2],
  ])('end at once: %s', async (_which, kept, ended) => {
    const except = kept === undefined ? undefined : ids[kept];
    expect(await sessions.endAll('ada', except)).toBe(ended);
    expect(await open()).toEqual(except === undefined ? [] : [except]);
    expect(told).toEqual(['@ada ended']);
    expect(await store.sessionsOf('bob')).toHaveLength(1);
  });

  const change = (
    current = PASSWORD,
    password = NEW,
    id = 'ada',
    sid = ids[1] as string,
  ): Promise<true | undefined> => sessions.changePassword({ id, sid }, current, password);
  const passwordOf = async (id = 'ada') => (await store.person(id))?.password;

  describe('where one of them changes the password', () => {
    test('all others end, and the new one signs in', async () => {
      expect(await change()).toBe(true);
      expect(await open()).toEqual([ids[1]]);
      expect(await store.sessionsOf('bob')).toHaveLength(1);
      expect(told).toEqual(['@ada ended']);
      expect(await sessions.signIn('ada', PASSWORD, HOME, NOW)).toBeUndefined();
      expect(await sessions.signIn('ada', NEW, HOME, NOW)).toBeDefined();
    });

    test('nothing happens where the current one is not theirs', async () => {
      for (const wrong of ['', 'guess', cheapHash(PASSWORD)]) expect(await change(wrong)).toBeUndefined();
      expect(await passwordOf()).toBe(ada.password);
      expect(await open()).toHaveLength(3);
      expect(told).toEqual([]);
    });

    test.each([
      ['aaaaaaaaaaaa', 'invalid: password: use at least 5 different characters'],
      [
        'my-switchyard',
        'invalid: password: it is little more than names, runs of keys and digits, which anybody would try',
      ],
    ])('nothing happens where the new one is not good enough: %s', async (password, fault) => {
      expect(await faultOf(() => change(PASSWORD, password))).toBe(fault);
      expect(await passwordOf()).toBe(ada.password);
      expect(await open()).toHaveLength(3);
    });

    test('nothing happens for nobody, nor for somebody without one', async () => {
      await store.createPerson({ ...ada, id: 'carol', password: null });
      expect(await change(PASSWORD, NEW, 'eve')).toBeUndefined();
      expect(await change(PASSWORD, NEW, 'carol')).toBeUndefined();
      expect(await passwordOf('carol')).toBeNull();
    });

    test.each<[string, () => Promise<unknown>]>([
      ['its session has ended', () => store.removeSession('ada', ids[1] as string)],
      [
        'its person has chosen another by a link',
        async () => store.useSignInCode(digest(await newCode()), cheapHash('by a link'), NOW),
      ],
    ])('nothing happens where %s meanwhile', async (_what, happen) => {
      meanwhile('changePassword', happen);
      expect(await change()).toBeUndefined();
      expect(await sessions.signIn('ada', NEW, HOME, NOW)).toBeUndefined();
      expect(told).toEqual([]);
    });
  });
});

test('a script’s access token has a session of its own, which ends with it', async () => {
  const { token, expiresAt } = await createAccessToken(store, keys, { person: ada, now: NOW });
  expect(expiresAt).toBe(NOW + ACCESS_TOKEN_LIFE);
  const sid = await sidOf({ accessToken: token });
  expect(await sessions.list('ada', NOW)).toMatchObject([
    { id: sid, expiresAt, address: '', agent: 'command line' },
  ]);
});
