import { beforeEach, describe, expect, test } from 'vitest';
import { ACCESS_TOKEN_LIFE, verifyAccessToken } from '#broker/auth/access-tokens.ts';
import {
  createAccessToken,
  createSignInCode,
  SESSION_LIFE,
  Sessions,
  type GrantedSession,
} from '#broker/auth/sessions.ts';
import type { Store } from '#broker/store/store.ts';
import { ada, newKeys, NOW, storeWithAda } from './people.ts';

const DAY = 86_400_000;
const keys = newKeys();
let store: Store;
let sessions: Sessions;
let told: string[];

beforeEach(async () => {
  store = await storeWithAda();
  told = [];
  sessions = new Sessions({
    store,
    keys,
    tenant: 'home',
    onExtended: (sid, expiresAt) => told.push(`${sid} until ${expiresAt - NOW}`),
    onEnded: (sid) => told.push(`${sid} ended`),
  });
});

async function signIn(now = NOW): Promise<GrantedSession> {
  const code = await createSignInCode(store, 'ada', now);
  return (await sessions.signIn(code, now)) as GrantedSession;
}

const sidOf = async (token: string): Promise<string> => {
  const access = await verifyAccessToken(keys, token, NOW);
  return typeof access === 'string' ? access : access.sid;
};

describe('a code', () => {
  test('is exchanged for a session', async () => {
    const { session } = await signIn();
    const { accessToken, ...rest } = session;
    expect(rest).toEqual({
      expiresAt: NOW + ACCESS_TOKEN_LIFE,
      tenant: 'home',
      user: { id: 'ada', name: 'Ada', role: 'operator' },
    });
    expect(await verifyAccessToken(keys, accessToken, NOW)).toMatchObject({
      person: 'ada',
      role: 'operator',
    });
    expect(told).toEqual([`${await sidOf(accessToken)} until ${ACCESS_TOKEN_LIFE}`]);
  });

  test('works once', async () => {
    const code = await createSignInCode(store, 'ada', NOW);
    expect(await sessions.signIn(code, NOW)).toBeDefined();
    expect(await sessions.signIn(code, NOW)).toBeUndefined();
  });

  test('works once even when it is used twice in one moment', async () => {
    const code = await createSignInCode(store, 'ada', NOW);
    const granted = await Promise.all([sessions.signIn(code, NOW), sessions.signIn(code, NOW)]);
    expect(granted.filter((each) => each !== undefined)).toHaveLength(1);
  });

  test.each([
    ['right before a day is over', DAY - 1, true],
    ['when a day is over', DAY, false],
  ])('waits for a day: %s', async (_name, after, good) => {
    const code = await createSignInCode(store, 'ada', NOW);
    expect((await sessions.signIn(code, NOW + after)) !== undefined).toBe(good);
  });

  test('that is too old is used up as well', async () => {
    const code = await createSignInCode(store, 'ada', NOW);
    await sessions.signIn(code, NOW + DAY);
    expect(await sessions.signIn(code, NOW)).toBeUndefined();
  });

  test.each(['', 'x', 'A'.repeat(32)])('that is unknown is refused: %j', async (code) => {
    await createSignInCode(store, 'ada', NOW);
    expect(await sessions.signIn(code, NOW)).toBeUndefined();
    expect(told).toEqual([]);
  });

  test('is random, and is not stored as it is', async () => {
    const code = await createSignInCode(store, 'ada', NOW);
    expect(code).toMatch(/^[\w-]{32}$/);
    expect(await store.takeSignInCode(Buffer.from(code))).toBeUndefined();
  });
});

describe('a session', () => {
  test('yields new access tokens of the same session', async () => {
    const { session, cookie } = await signIn();
    const later = NOW + 600_000;
    const refreshed = await sessions.refresh(cookie, later);
    expect(refreshed).toMatchObject({ expiresAt: later + ACCESS_TOKEN_LIFE, user: session.user });
    const sid = await sidOf(session.accessToken);
    expect(await sidOf(refreshed?.accessToken as string)).toBe(sid);
    expect(told.at(-1)).toBe(`${sid} until ${600_000 + ACCESS_TOKEN_LIFE}`);
  });

  test.each([
    [SESSION_LIFE - 1, true],
    [SESSION_LIFE, false],
  ])('lives for thirty days (%i ms: %j)', async (after, alive) => {
    const { cookie } = await signIn();
    expect((await sessions.refresh(cookie, NOW + after)) !== undefined).toBe(alive);
  });

  test('is another for each sign-in', async () => {
    const [one, other] = [await signIn(), await signIn()];
    expect(one.cookie).not.toBe(other.cookie);
    expect(await sidOf(one.session.accessToken)).not.toBe(await sidOf(other.session.accessToken));
  });

  test('is not known by anything but its cookie', async () => {
    const { session } = await signIn();
    for (const guess of ['', 'x', session.accessToken, await sidOf(session.accessToken)]) {
      expect(await sessions.refresh(guess, NOW)).toBeUndefined();
    }
  });
});

describe('signing out', () => {
  test('ends the session, and says so', async () => {
    const { session, cookie } = await signIn();
    await sessions.signOut(cookie);
    expect(told.at(-1)).toBe(`${await sidOf(session.accessToken)} ended`);
    expect(await sessions.refresh(cookie, NOW)).toBeUndefined();
  });

  test('leaves other sessions', async () => {
    const [one, other] = [await signIn(), await signIn()];
    await sessions.signOut(one.cookie);
    expect(await sessions.refresh(other.cookie, NOW)).toBeDefined();
  });

  test('twice, or without a session, changes nothing', async () => {
    const { cookie } = await signIn();
    await sessions.signOut(cookie);
    const before = told.length;
    await sessions.signOut(cookie);
    await sessions.signOut('unknown');
    expect(told).toHaveLength(before);
  });
});

test('a script’s access token has a session of its own', async () => {
  const { token, expiresAt } = await createAccessToken(store, keys, { person: ada, now: NOW });
  expect(expiresAt).toBe(NOW + ACCESS_TOKEN_LIFE);
  expect(await verifyAccessToken(keys, token, NOW)).toMatchObject({ person: 'ada', role: 'operator' });
});
