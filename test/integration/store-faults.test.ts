import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { faultsOf } from '#broker/commands/database-file.ts';
import { ThreadedStore } from '#broker/store/threaded/threaded-store.ts';
import { command, lamp, twin } from '../unit/broker/store/records.ts';
import { startErrorOf } from '../unit/broker/start-errors.ts';
import { temporaryFolder } from '../unit/broker/temporary-folder.ts';
import { fill, smallDisk } from './store-disk.ts';

const saying = (part: string): string => expect.stringContaining(part) as string;

async function open(file: string): Promise<ThreadedStore> {
  const store = await ThreadedStore.open(file, (cause) => {
    throw new Error(cause);
  });
  onTestFinished(() => store.close());
  return store;
}

describe('a full disk', () => {
  test('fails what is to be written, keeps what was, still answers, and needs no restart once there is room', async () => {
    const disk = smallDisk(4 * 2 ** 20);
    const file = join(disk, 'switchyard.db');
    const store = await open(file);
    await store.createDevices([lamp]);
    await store.saveTwins([twin]);
    const filler = fill(disk);

    const big = { ...twin, desc: new Uint8Array(200_000) };
    const outcomes = await Promise.allSettled([
      store.saveTwins([big]),
      store.saveProgress({ commands: [command] }),
      store.twins(),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { name: 'StoreError', kind: 'full', remedy: saying('room') } },
      { status: 'rejected', reason: { kind: 'full' } },
      { status: 'fulfilled', value: [twin] },
    ]);
    expect(await store.commandsNotIn([])).toEqual([]);

    rmSync(filler);
    await store.saveTwins([big]);
    await store.saveProgress({ commands: [command] });
    expect(await store.twins()).toEqual([big]);
    await store.close();
    expect(faultsOf(file)).toEqual([]);
  });

  test('never takes back what was told as stored, whenever it fills up', async () => {
    const disk = smallDisk(2 * 2 ** 20);
    const file = join(disk, 'switchyard.db');
    const store = await open(file);
    await store.createDevices([lamp]);
    const stored = new Set<string>();
    const write = async (at: number): Promise<void> => {
      const record = { ...command, id: `${at}`, request: new Uint8Array(1_000) };
      await store.saveProgress({ commands: [record] });
      stored.add(record.id);
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 3_000 }, (_, at) => write(at)));
    const refused = outcomes.filter(({ status }) => status === 'rejected');
    expect(refused).not.toEqual([]);
    expect(new Set(refused.map((each) => (each as { reason: { kind: string } }).reason.kind))).toEqual(
      new Set(['full']),
    );
    const there = (await store.commandsNotIn([])).map(({ id }) => id);
    expect(new Set(there)).toEqual(stored);
    await store.close();
    expect(faultsOf(file)).toEqual([]);
  });
});

test('a new store on a full disk is told to want room', async () => {
  const disk = smallDisk(64 * 1_024);
  fill(disk);
  const { problem, remedy } = await startErrorOf(() => open(join(disk, 'switchyard.db')));
  expect(problem).toContain('cannot use the store');
  expect(remedy).toContain('make room');
});

describe('a disk that cannot be written', () => {
  test('is told when the store is opened', async () => {
    const disk = smallDisk(4 * 2 ** 20);
    const file = join(disk, 'switchyard.db');
    await (await open(file)).close();
    execFileSync('mount', ['-o', 'remount,ro', disk]);
    const { problem, remedy } = await startErrorOf(() => open(file));
    expect(problem).toContain(`cannot use the store ${file}`);
    expect(remedy).toContain('write access');
  });
});

describe('a damaged file', () => {
  /** A store with many rows, overwritten in the middle. */
  async function damaged(): Promise<string> {
    const file = join(temporaryFolder(), 'switchyard.db');
    const store = await open(file);
    const devices = Array.from({ length: 2_000 }, (_, at) => ({ ...lamp, id: `lamp-${at}` }));
    await store.createDevices(devices);
    await store.saveTwins(devices.map(({ id }) => ({ ...twin, device: id, desc: new Uint8Array(500) })));
    await store.close();
    const content = readFileSync(file);
    content.fill(0xff, content.length / 4, (content.length * 3) / 4);
    writeFileSync(file, content);
    return file;
  }

  test('fails what needs the part that is lost, and says so', async () => {
    const file = await damaged();
    const store = await open(file);
    await expect(store.twins()).rejects.toMatchObject({ kind: 'corrupt', remedy: saying('check') });
    await expect(
      store.saveTwins(Array.from({ length: 2_000 }, (_, at) => ({ ...twin, device: `lamp-${at}` }))),
    ).rejects.toMatchObject({ kind: 'corrupt' });
    await store.saveAudit([{ t: 1, who: '@ada', address: '', action: 'x', subject: 'y', detail: '' }]);
    expect(await store.audit({ limit: 1 })).toHaveLength(1);
  });

  test('is found by the check, and left as it is', async () => {
    const file = await damaged();
    const before = readFileSync(file);
    expect(faultsOf(file)).not.toEqual([]);
    expect(readFileSync(file).equals(before)).toBe(true);
  });
});
