import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import type { KeptChanges, KeptSessionRecord } from '#broker/store/kept-sessions.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import type { Store } from '#broker/store/store.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { bytes, NOW } from './records.ts';
import { STORES } from './stores.ts';

const NOTHING: KeptChanges = {
  ended: [],
  sessions: [],
  filters: [],
  filtersGone: [],
  messages: [],
  deliveries: [],
  deliveriesGone: [],
  ids: [],
  idsGone: [],
};

const session = (number: number, fields: Partial<KeptSessionRecord> = {}): KeptSessionRecord => ({
  number,
  clientId: `@node-red/${number}`,
  owner: '@node-red',
  ownerCreatedAt: NOW,
  awaySince: null,
  dropped: 0,
  ...fields,
});
const message = (number: number) => ({ number, topic: 'a/b', payload: bytes(number) });
const delivery = (of: number, to: number, packetId: number | null = null) =>
  ({ message: of, session: to, qos: 1, retain: 0, packetId }) as const;
const id = (of: number, kind: 'received' | 'released', packetId: number, place: number) => ({
  session: of,
  kind,
  packetId,
  place,
});

let store: Store;

const begin = async (open: () => Promise<Store>): Promise<void> => {
  store = await open();
  onTestFinished(() => store.close());
};
const save = (changes: Partial<KeptChanges>): Promise<void> => store.saveKept({ ...NOTHING, ...changes });
const deliveries = async (after = { message: 0, session: 0 }, limit = 99) =>
  (await store.keptDeliveries({ after, limit })).map(({ message: of, session: to }) => [of, to]);

/** Two sessions that are to have three messages between them. */
const twoSessions = (): Promise<void> =>
  save({
    sessions: [session(1), session(2)],
    filters: [{ session: 1, filter: 'a/#', qos: 1 }],
    messages: [message(3), message(4), message(5)],
    deliveries: [delivery(3, 1), delivery(4, 1), delivery(4, 2), delivery(5, 2)],
    ids: [id(1, 'received', 7, 6), id(2, 'received', 7, 7)],
  });

describe.each(STORES)('%s', (_where, open) => {
  beforeEach(() => begin(open));

  test.each([
    ['whose client is there', session(1)],
    ['whose client is away', session(1, { awaySince: NOW, dropped: 3 })],
  ])('a session comes back as it was saved last: %s', async (_what, record) => {
    await save({ sessions: [session(1, { awaySince: 1, dropped: 9 })] });
    await save({ sessions: [record] });
    expect((await store.keptSessions()).sessions).toEqual([record]);
  });

  test('its filters come back, each as it was granted last, and no longer when they are gone', async () => {
    const filter = (name: string, qos: number) => ({ session: 1, filter: name, qos });
    await save({ sessions: [session(1)], filters: [filter('a', 0), filter('b', 1), filter('c/#', 2)] });
    await save({ filters: [filter('b', 2)], filtersGone: [{ session: 1, filter: 'a' }] });
    const { filters } = await store.keptSessions();
    expect(new Set(filters)).toEqual(new Set([filter('b', 2), filter('c/#', 2)]));
  });

  test('its messages come back in the order of publication, with all that is known of them', async () => {
    const sent = { ...delivery(9, 1, 65_535), qos: 2, retain: 1 } as const;
    await save({
      sessions: [session(1)],
      messages: [message(10), { number: 9, topic: 'ü', payload: bytes() }],
      deliveries: [delivery(10, 1), sent],
    });
    expect(await store.keptDeliveries({ after: { message: 0, session: 0 }, limit: 9 })).toEqual([
      { ...sent, topic: 'ü', payload: bytes() },
      { ...delivery(10, 1), topic: 'a/b', payload: bytes(10) },
    ]);
  });

  test('its identifiers come back in their order, of each kind by themselves', async () => {
    await save({
      sessions: [session(1)],
      ids: [id(1, 'released', 9, 1), id(1, 'received', 9, 2), id(1, 'released', 2, 3)],
    });
    await save({
      ids: [id(1, 'released', 5, 4)],
      idsGone: [{ session: 1, kind: 'released', packetId: 9 }],
    });
    expect((await store.keptSessions()).ids).toEqual([
      id(1, 'received', 9, 2),
      id(1, 'released', 2, 3),
      id(1, 'released', 5, 4),
    ]);
  });

  test('what ends takes all along that is its own, and nothing else', async () => {
    await twoSessions();
    await save({ ended: [1] });
    expect(await store.keptSessions()).toEqual({
      sessions: [session(2)],
      filters: [],
      ids: [id(2, 'received', 7, 7)],
    });
    expect(await deliveries()).toEqual([
      [4, 2],
      [5, 2],
    ]);
  });

  test('where a session ends and its client begins another one, the other one is kept', async () => {
    await twoSessions();
    const next = session(3, { clientId: session(1).clientId });
    await save({ ended: [1], sessions: [next], deliveries: [delivery(5, 3)] });
    expect((await store.keptSessions()).sessions).toEqual([session(2), next]);
    expect(await deliveries({ message: 4, session: 2 })).toEqual([
      [5, 2],
      [5, 3],
    ]);
  });

  test('all of them may be ended at once', async () => {
    await twoSessions();
    await store.removeKept();
    expect(await store.keptSessions()).toEqual({ sessions: [], filters: [], ids: [] });
    expect(await deliveries()).toEqual([]);
  });

  test('messages are told in pages that go on where the last one ended', async () => {
    await twoSessions();
    expect(await deliveries({ message: 0, session: 0 }, 2)).toEqual([
      [3, 1],
      [4, 1],
    ]);
    expect(await deliveries({ message: 4, session: 1 }, 2)).toEqual([
      [4, 2],
      [5, 2],
    ]);
    expect(await deliveries({ message: 5, session: 2 }, 2)).toEqual([]);
  });

  test('what was stored may be stored again, where nobody heard that it was', async () => {
    await twoSessions();
    await twoSessions();
    const gone = {
      deliveriesGone: [{ message: 3, session: 1 }],
      filtersGone: [{ session: 1, filter: 'a/#' }],
    };
    await save(gone);
    await save(gone);
    expect((await store.keptSessions()).filters).toEqual([]);
    expect(await deliveries()).toHaveLength(3);
  });

  test('all of it is stored or nothing', async () => {
    await save({ sessions: [session(1)] });
    const broken = { ...delivery(3, 1), packetId: 65_536 };
    await expect(
      save({ ended: [1], sessions: [session(2)], messages: [message(3)], deliveries: [broken] }),
    ).rejects.toThrow(/CHECK/);
    expect((await store.keptSessions()).sessions).toEqual([session(1)]);
  });

  test.each<[string, Partial<KeptChanges>]>([
    ['no session', { messages: [message(3)], deliveries: [delivery(3, 9)] }],
    ['no message', { deliveries: [delivery(9, 1)] }],
    ['a client of another', { sessions: [session(2, { clientId: session(1).clientId })] }],
  ])('nothing is stored that belongs to %s', async (_what, changes) => {
    await save({ sessions: [session(1)] });
    await expect(save(changes)).rejects.toThrow(/constraint/);
    expect(await deliveries()).toEqual([]);
  });
});

test('a message is in the file once, and leaves it with the last who was to have it', async () => {
  const file = join(temporaryFolder(), 'store.db');
  await begin(async () => new SqliteStore(file));
  const db = new DatabaseSync(file);
  onTestFinished(() => db.close());
  const numbers = () =>
    db
      .prepare('SELECT number FROM keptMessage ORDER BY number')
      .all()
      .map((row) => row['number']);
  await twoSessions();
  expect(numbers()).toEqual([3, 4, 5]);
  await save({ deliveriesGone: [{ message: 4, session: 1 }] });
  expect(numbers()).toEqual([3, 4, 5]);
  await save({ deliveriesGone: [{ message: 4, session: 2 }] });
  expect(numbers()).toEqual([3, 5]);
  await save({ ended: [1] });
  expect(numbers()).toEqual([5]);
});
