import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { JournalWriter } from '#broker/mqtt/kept/journal-writer.ts';
import type { SessionJournal } from '#broker/mqtt/kept/session-journal.ts';
import { TestLog } from '../../../../support/hub.ts';
import { HeldStore, turn } from './held-store.ts';

const RETRY = 1_000;

let store: HeldStore;
let log: TestLog;
let writer: JournalWriter;
let session: SessionJournal;

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  store = new HeldStore();
  log = new TestLog();
  writer = new JournalWriter(store, log);
  const whose = { owner: '@service', ownerCreatedAt: 1, awaySince: 5, dropped: 0 };
  session = writer.journal.open({ clientId: 'c', ...whose });
  await turn();
  await store.commit();
  await turn();
});
afterEach(async () => {
  vi.useRealTimers();
  await store.disk.close();
});

const filters = async (): Promise<string[]> =>
  (await store.disk.keptSessions()).filters.map(({ filter }) => filter).toSorted();

/** With what a promise was broken, once it is; 'kept' where it was kept. */
const outcome = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'kept',
    (error: unknown) => error,
  );

/** How a promise stands: what it was kept with, broken with, or that it is neither. */
async function standing(promise: Promise<unknown>): Promise<unknown> {
  const open = Symbol('open');
  const settled = await Promise.race([outcome(promise), turn().then(() => open)]);
  return settled === open ? 'open' : settled;
}

test('what happens in one turn is written at once, what happens meanwhile as soon as that is done', async () => {
  session.subscribed('a', 1);
  session.subscribed('b', 1);
  await turn();
  session.subscribed('c', 1);
  await turn();
  session.subscribed('d', 1);
  await turn();
  expect(store.asked.map(({ changes }) => changes.filters.length)).toEqual([2]);
  await store.commit();
  await turn();
  expect(store.asked.map(({ changes }) => changes.filters.length)).toEqual([2]);
  await store.commit();
  await turn();
  expect(store.asked).toEqual([]);
  expect(await filters()).toEqual(['a', 'b', 'c', 'd']);
});

test('whoever waits is told when all that had happened is on the disk, and not before', async () => {
  session.subscribed('a', 1);
  await turn();
  session.subscribed('b', 1);
  const stored = writer.stored();
  const order: string[] = [];
  writer.onceStored(() => order.push('first'));
  writer.onceStored(() => order.push('second'));
  await store.commit();
  expect(await standing(stored)).toBe('open');
  expect(order).toEqual([]);
  await store.commit();
  expect(await standing(stored)).toBe('kept');
  expect(order).toEqual(['first', 'second']);
  expect(await filters()).toEqual(['a', 'b']);
});

test('where nothing is to be written, nothing is, and nobody waits', async () => {
  expect(await standing(writer.stored())).toBe('kept');
  const then = vi.fn();
  writer.onceStored(then);
  await turn();
  expect(then).toHaveBeenCalledOnce();
  expect(store.asked).toEqual([]);
});

test('what is under way is waited for, also where nothing happened since', async () => {
  session.subscribed('a', 1);
  await turn();
  const stored = writer.stored();
  expect(await standing(stored)).toBe('open');
  await store.commit();
  expect(await standing(stored)).toBe('kept');
});

describe('while the store fails', () => {
  let waiting: Promise<unknown>;
  let came: Promise<unknown>;
  const then = vi.fn();

  beforeEach(async () => {
    then.mockClear();
    session.subscribed('a', 1);
    waiting = outcome(writer.stored());
    writer.onceStored(then);
    await turn();
    session.subscribed('b', 1);
    came = outcome(writer.stored());
    store.fail();
    await turn();
  });

  test('whoever waits is told so, and the log why', async () => {
    expect(await waiting).toMatchObject({ name: 'StoreError', kind: 'full' });
    expect(await came).toMatchObject({ name: 'StoreError', kind: 'full' });
    expect(writer.failing).toBe(true);
    await log.line(/sessions that are kept could not be stored: the disk that holds the store is full/);
  });

  test('it is tried again after a while, whatever happens meanwhile: first what failed, as it was', async () => {
    session.unsubscribed('a');
    await turn();
    expect(store.asked).toEqual([]);
    vi.advanceTimersByTime(RETRY - 1);
    await turn();
    expect(store.asked).toEqual([]);
    vi.advanceTimersByTime(1);
    await turn();
    expect(store.asked.map(({ changes }) => changes.filters.map(({ filter }) => filter))).toEqual([['a']]);
    store.fail();
    await turn();
    vi.advanceTimersByTime(RETRY);
    await turn();
    expect(then).not.toHaveBeenCalled();
    await store.commit();
    await turn();
    expect(then).toHaveBeenCalledOnce();
    expect(writer.failing).toBe(false);
    await log.line(/can be stored again/);
    await store.commit();
    await turn();
    expect(await filters()).toEqual(['b']);
  });

  test('who comes meanwhile is told how the next try ends', async () => {
    const stored = writer.stored();
    expect(await standing(stored)).toBe('open');
    vi.advanceTimersByTime(RETRY);
    await turn();
    store.fail();
    expect(await standing(stored)).toMatchObject({ kind: 'full' });
    const next = writer.stored();
    vi.advanceTimersByTime(RETRY);
    await turn();
    await store.commit();
    await turn();
    await store.commit();
    expect(await standing(next)).toBe('kept');
  });

  test('at the end it is tried once more', async () => {
    const closed = writer.close();
    await turn();
    await store.commit();
    await turn();
    await store.commit();
    await closed;
    expect(await filters()).toEqual(['a', 'b']);
  });

  test('the end comes also where it fails once more', async () => {
    const closed = writer.close();
    await turn();
    store.fail();
    await closed;
    vi.advanceTimersByTime(10 * RETRY);
    await turn();
    expect(store.asked).toEqual([]);
  });
});

test('at the end all is written, and nothing afterwards', async () => {
  session.subscribed('a', 1);
  await turn();
  session.subscribed('b', 1);
  const closed = writer.close();
  await store.commit();
  await turn();
  await store.commit();
  await closed;
  expect(await filters()).toEqual(['a', 'b']);
  session.subscribed('c', 1);
  await turn();
  expect(store.asked).toEqual([]);
});
