import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { limitsSchema } from '#broker/config/limits.ts';
import { Turns } from '#broker/links/rates/turns.ts';
import { loadSessions, storedFault, type StoredSession } from '#broker/mqtt/kept/load.ts';
import { Message } from '#broker/mqtt/message.ts';
import { Router } from '#broker/mqtt/router.ts';
import type { KeptSession } from '#broker/mqtt/session/kept-session.ts';
import { KeptSessions, type SessionLimits } from '#broker/mqtt/session/kept-sessions.ts';
import type { Queued } from '#broker/mqtt/session/outgoing-queue.ts';
import type { Receiver } from '#broker/mqtt/session/session.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { TestLog } from '../../../../support/hub.ts';
import { storedStates } from './stored-state.ts';

const LIMITS: SessionLimits = limitsSchema.parse({});
const DAY = 86_400_000;
const NOW = 1_800_000_000_000;

let store: SqliteStore;
let log: TestLog;
let now: number;
let router: Router;

beforeEach(() => {
  store = new SqliteStore(':memory:');
  onTestFinished(() => store.close());
  log = new TestLog();
  now = NOW;
});

/** The kept sessions of the next hub. */
async function begin(limits: Partial<SessionLimits> = {}): Promise<KeptSessions> {
  router = new Router();
  const kept = new KeptSessions({
    limits: { ...LIMITS, ...limits },
    router,
    turns: new Turns(),
    store,
    log,
    now: () => now,
  });
  await kept.load();
  return kept;
}

/** Whoever reads nothing and answers nothing. */
const receiver = (): Receiver => ({
  open: true,
  congested: false,
  mayReceive: () => true,
  send: () => undefined,
  whenCalm: () => undefined,
  fallBehind: () => undefined,
});

const open = (kept: KeptSessions, clientId: string, name = '@service'): KeptSession =>
  kept.open(clientId, { name, createdAt: 1 }) as KeptSession;

/** Lets somebody come, subscribe and go. */
function leave(kept: KeptSessions, clientId: string, name?: string): void {
  const [session, connection] = [open(kept, clientId, name), receiver()];
  session.expect(connection);
  session.resume(connection);
  session.subscribe('a', 1);
  session.leave(connection);
}

const publish = (text: string): void =>
  router.publish(new Message({ topic: 'a', payload: Buffer.from(text), qos: 1, retain: false }));

const messagesOf = async (clientId: string): Promise<string[]> =>
  (await storedStates(store))
    .filter(({ record }) => record.clientId === clientId)
    .flatMap(({ messages }) => messages.map(([, text]) => text));

describe('how long a client is away', () => {
  const ended = async (kept: KeptSessions): Promise<boolean> => {
    kept.expire();
    await kept.close();
    return (await store.keptSessions()).sessions.length === 0;
  };

  test.each([
    ['away before, counted on over the restart', 3 * DAY, 4 * DAY, true],
    ['away before, not long enough', 3 * DAY, 4 * DAY - 1, false],
  ])('%s', async (_what, before, after, isOver) => {
    const kept = await begin();
    leave(kept, 'c');
    now += before;
    await kept.close();
    now += after;
    expect(await ended(await begin())).toBe(isOver);
  });

  test.each([
    ['when the hub ended', async (kept: KeptSessions) => kept.close(), 0],
    [
      'when the hub was killed, of which nobody knows for how long it was gone',
      (kept: KeptSessions) => kept.stored(),
      5 * DAY,
    ],
  ])('there %s: from then on', async (_what, end, gone) => {
    const kept = await begin();
    const session = open(kept, 'c');
    session.expect(receiver());
    now += 30 * DAY;
    await end(kept);
    now += gone;
    const next = await begin();
    now += 7 * DAY - 1;
    next.expire();
    expect(next.find('c')).toBeDefined();
    now += 1;
    next.expire();
    expect(next.find('c')).toBeUndefined();
  });

  test.each([
    ['forward', 30 * DAY],
    ['back', -30 * DAY],
  ])('does not change where the clock is set %s, now or for the next hub', async (_way, by) => {
    const kept = await begin();
    leave(kept, 'c');
    now += 3 * DAY + by;
    kept.clockJumped(by);
    await kept.close();
    now += 4 * DAY - 1;
    const next = await begin();
    next.expire();
    expect(next.find('c')).toBeDefined();
    now += 1;
    next.expire();
    expect(next.find('c')).toBeUndefined();
  });

  test('is not negative where the clock was set back while no hub ran', async () => {
    const kept = await begin();
    leave(kept, 'c');
    await kept.close();
    now -= 300 * DAY;
    const next = await begin();
    now += 7 * DAY;
    next.expire();
    expect(next.find('c')).toBeUndefined();
  });
});

describe('where the settings allow less than before', () => {
  test('the oldest messages go, and as many as went are told when the client is back', async () => {
    const kept = await begin();
    leave(kept, 'c');
    for (let at = 0; at < 10; at += 1) publish(`${at}`);
    await kept.close();
    const next = await begin({ sessionMessages: 4 });
    await next.stored();
    expect(await messagesOf('c')).toEqual(['6', '7', '8', '9']);
    publish('10');
    await next.close();
    expect(await messagesOf('c')).toEqual(['7', '8', '9', '10']);
    const last = await begin({ sessionMessages: 4 });
    open(last, 'c').resume(receiver());
    await log.line(/"c" of @service goes on, and lacks 7 messages/);
  });

  test('the sessions go that were away the longest, of each service and in all', async () => {
    const kept = await begin();
    for (const [id, name] of [
      ['a1', '@a'],
      ['a2', '@a'],
      ['b1', '@b'],
      ['a3', '@a'],
      ['b2', '@b'],
    ] as const) {
      leave(kept, id, name);
      now += 1;
    }
    await kept.close();
    const next = await begin({ sessionsPerService: 2, sessions: 3 });
    await next.close();
    const left = (await store.keptSessions()).sessions.map(({ clientId }) => clientId);
    expect(left).toEqual(['b1', 'a3', 'b2']);
  });
});

test('what many sessions have is in memory once, in however many pages it is read', async () => {
  const kept = await begin();
  const ids = ['one', 'two', 'three'];
  for (const id of ids) leave(kept, id);
  const texts = Array.from({ length: 501 }, (_, at) => `${at}`);
  for (const text of texts) publish(text);
  await kept.close();
  const { sessions, last } = await loadSessions(store);
  for (const { messages } of sessions) {
    expect(messages.map(({ message }) => Buffer.from(message.payload).toString())).toEqual(texts);
  }
  const payloads = sessions.flatMap(({ messages }) => messages.map(({ message }) => message.payload));
  expect(new Set(payloads).size).toBe(501);
  expect(last).toEqual({ session: 3, number: 501 });
});

test('numbers go on where the last hub left off, that of the place of an identifier included', async () => {
  const kept = await begin();
  const session = open(kept, 'c');
  session.subscribe('a', 1);
  publish('first');
  session.received.add(9);
  session.received.add(8);
  await kept.close();
  expect((await loadSessions(store)).last).toEqual({ session: 1, number: 3 });
  const next = await begin();
  open(next, 'd').received.add(7);
  next.find('c')?.received.add(1);
  publish('second');
  await next.close();
  const [state] = await storedStates(store);
  expect(state?.messages.map(([number]) => number)).toEqual([1, 6]);
  expect(state?.received).toEqual([9, 8, 1]);
  expect((await store.keptSessions()).sessions.map(({ number }) => number)).toEqual([1, 2]);
});

describe('a session is not taken up', () => {
  const message: Queued = { topic: 'a', payload: Buffer.of(1), qos: 1, retain: false, number: 1 };
  const sound: StoredSession = {
    record: { number: 1, clientId: 'c', owner: '@a', ownerCreatedAt: 1, awaySince: null, dropped: 0 },
    filters: [{ filter: 'a/+/#', qos: 1 }],
    messages: [
      { message, id: 1 },
      { message: { ...message, number: 2 }, id: undefined },
      { message: { ...message, number: 3 }, id: undefined },
    ],
    received: [1],
    released: [2],
  };

  test('unless it is sound', () => {
    expect(storedFault(sound)).toBeUndefined();
  });

  test.each<[string, Partial<StoredSession>, RegExp]>([
    ['with a filter that is none', { filters: [{ filter: 'a/#/b', qos: 1 }] }, /MQTT-4.7.1-2/],
    ['with an empty filter', { filters: [{ filter: '', qos: 1 }] }, /MQTT-4.7.3-1/],
    [
      'with a topic name that is none',
      { messages: [{ message: { ...message, topic: 'a/+' }, id: undefined }] },
      /a topic name with a wildcard/,
    ],
    [
      'with two messages that were sent with one identifier',
      {
        messages: [
          { message, id: 1 },
          { message: { ...message, number: 2 }, id: 1 },
        ],
      },
      /a packet identifier is stored twice/,
    ],
    ['with a message that was sent with one that is to be released', { released: [1] }, /stored twice/],
  ])('%s', (_what, fields, fault) => {
    expect(storedFault({ ...sound, ...fields })).toMatch(fault);
  });
});
