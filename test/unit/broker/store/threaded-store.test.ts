import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test, vi } from 'vitest';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { ThreadedStore } from '#broker/store/threaded/threaded-store.ts';
import { startErrorOf } from '../start-errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { command, lamp, NOW, twin } from './records.ts';

const newFile = (): string => join(temporaryFolder(), 'switchyard.db');

/** Opens a store and tells the thread that it runs on. */
async function open(
  file: string,
  onGone: (cause: string) => void = () => undefined,
): Promise<{ store: ThreadedStore; thread: () => Worker }> {
  let latest: Worker | undefined;
  const onThread = (message: unknown): void => void ({ worker: latest } = message as { worker: Worker });
  subscribe('worker_threads', onThread);
  const store = await ThreadedStore.open(file, onGone);
  onTestFinished(async () => {
    unsubscribe('worker_threads', onThread);
    await store.close();
  });
  return { store, thread: () => latest as Worker };
}

test('calls are done in their order, without waiting for one another', async () => {
  const { store } = await open(newFile());
  const answers = await Promise.all([
    store.device('lamp'),
    store.createDevices([lamp]),
    store.device('lamp'),
    store.removeDevice('lamp'),
    store.device('lamp'),
  ]);
  expect(answers).toEqual([undefined, [], lamp, true, undefined]);
});

test('a write that fails rejects only itself, as a StoreError', async () => {
  const { store } = await open(newFile());
  await store.createDevices([lamp]);
  const [good, bad, other] = await Promise.allSettled([
    store.saveTwins([twin]),
    store.saveTwins([{ ...twin, st: null as never }]),
    store.saveProgress({ commands: [command] }),
  ]);
  expect(good).toMatchObject({ status: 'fulfilled' });
  expect(bad).toMatchObject({ status: 'rejected', reason: { name: 'StoreError', kind: 'other' } });
  expect(other).toMatchObject({ status: 'fulfilled' });
  expect(await store.twins()).toEqual([twin]);
});

test('what cannot be handed to the thread rejects only itself', async () => {
  const { store } = await open(newFile());
  await expect(store.saveTwins([{ ...twin, who: (() => '') as never }])).rejects.toThrow(
    /could not be cloned/,
  );
  expect(await store.twins()).toEqual([]);
});

test('closing waits for what was asked, and is harmless twice', async () => {
  const file = newFile();
  const { store } = await open(file);
  const asked = [store.createDevices([lamp]), store.saveTwins([twin])];
  await Promise.all([store.close(), store.close()]);
  await Promise.all(asked);
  await expect(store.twins()).rejects.toMatchObject({ kind: 'gone', message: 'the store is closed' });
  const after = new SqliteStore(file);
  expect(await after.twins()).toEqual([twin]);
  await after.close();
});

test('sees what another process has written, and tells so', async () => {
  const file = newFile();
  const { store } = await open(file);
  const before = await store.foreignVersion();
  await store.createDevices([{ ...lamp, id: 'own' }]);
  expect(await store.foreignVersion()).toBe(before);
  const other = new SqliteStore(file);
  await other.createDevices([lamp]);
  await other.close();
  expect(await store.foreignVersion()).not.toBe(before);
  expect(await store.device('lamp')).toEqual(lamp);
});

test('a file that is no store is refused as it is without a thread', async () => {
  const file = newFile();
  writeFileSync(file, 'this is no database, but it is long enough to be taken for one. '.repeat(20));
  const { problem, remedy } = await startErrorOf(() => ThreadedStore.open(file, () => undefined));
  expect(problem).toContain(`cannot use the store ${file} (`);
  expect(remedy).toContain('restore it from a backup');
});

test('a thread that ends fails what it was asked, and is started again by the next call', async () => {
  const onGone = vi.fn();
  const { store, thread } = await open(newFile(), onGone);
  await store.createDevices([lamp]);
  const first = thread();
  const ended = once(first, 'exit');
  void first.terminate();
  await expect(store.saveTwins([twin])).rejects.toMatchObject({ name: 'StoreError', kind: 'gone' });
  await ended;
  expect(onGone).toHaveBeenCalledOnce();
  await store.saveTwins([{ ...twin, seenAt: NOW + 9 }]);
  expect(await store.twins()).toEqual([{ ...twin, seenAt: NOW + 9 }]);
  expect(thread()).not.toBe(first);
});

test('where the thread cannot be started again, calls say so until it can', async () => {
  const file = newFile();
  const { store, thread } = await open(file);
  const ended = once(thread(), 'exit');
  await thread().terminate();
  await ended;
  const content = 'no database any more, for a while at least, and long enough to be read. '.repeat(20);
  writeFileSync(file, content);
  await expect(store.devices()).rejects.toMatchObject({
    kind: 'gone',
    message: expect.stringContaining('cannot use the store') as string,
  });
  writeFileSync(file, '');
  expect(await store.createDevices([lamp])).toEqual([]);
});
