import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { History, type HistoryOptions } from '#broker/history/history.ts';
import { TestLog } from '../support/hub.ts';
import { temporaryFolder } from '../unit/broker/temporary-folder.ts';
import { fill, smallDisk } from './store-disk.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const log = (): TestLog => new TestLog();

async function open(file: string, told: TestLog, options: HistoryOptions = {}): Promise<History> {
  const keep = { rawHours: 24, minuteDays: 31, hourDays: 366 };
  const history = await History.open(file, keep, told, { clock: () => NOW, ...options });
  onTestFinished(() => history.close());
  return history;
}

/** Samples a second apart that are hard to make small. */
function record(history: History, count: number, from = 0): void {
  for (let index = from; index < from + count; index += 1) {
    history.record('meter', 1, NOW - 3_600_000 + index * 100, Math.sin(index) * 1e3);
  }
}

async function countOf(history: History): Promise<number> {
  let count = 0;
  const range = { from: 0, to: NOW + 1, resolution: 'raw' } as const;
  for await (const { samples } of history.export({
    devices: history.devices(),
    wanted: () => true,
    ...range,
  })) {
    count += samples?.length ?? 0;
  }
  return count;
}

test('a full disk makes samples wait, is told once, and costs none where there is room again', async () => {
  const disk = smallDisk(2 * 2 ** 20);
  const told = log();
  const history = await open(join(disk, 'history.db'), told);
  record(history, 1_000);
  await history.flush();
  const filler = fill(disk);
  record(history, 5_000, 1_000);
  await expect(history.flush()).rejects.toThrow(/full/);
  await told.line(/cannot be stored in .*history\.db \(.*full.*\): samples wait/);
  expect(history.state().problem).toMatch(/full/);
  expect(await countOf(history)).toBe(1_000);
  rmSync(filler);
  await told.line(/is stored again/);
  await history.flush();
  expect(await countOf(history)).toBe(6_000);
  expect(history.state()).toMatchObject({ dropped: 0, problem: undefined });
  expect(told.lines).toHaveLength(2);
});

describe('a damaged file', () => {
  test('at the start is moved aside, and a new one begins', async () => {
    const file = join(temporaryFolder(), 'history.db');
    writeFileSync(file, 'this was never a database'.repeat(1_000));
    const told = log();
    const history = await open(file, told);
    const line = await told.line(/is damaged/);
    record(history, 10);
    expect(await countOf(history)).toBe(10);
    const aside = readdirSync(dirname(file)).find((name) => name.startsWith('history.db.broken-'));
    expect(aside).toBeDefined();
    expect(line).toContain(aside);
    expect(readFileSync(join(dirname(file), aside as string), 'utf8')).toMatch(/^this was never/);
  });

  test('that shows later is moved aside as well, and what comes then is kept', async () => {
    const file = join(temporaryFolder(), 'history.db');
    const first = await open(file, log());
    record(first, 30_000);
    await first.close();
    const content = readFileSync(file);
    content.fill(0xa5, 3 * 4_096);
    writeFileSync(file, content);

    const told = log();
    const history = await open(file, told);
    record(history, 5, 100_000);
    // The query meets the damage, where opening the file has not.
    await history.query({ device: 'meter', from: 0, to: NOW, points: 10 }).catch(() => undefined);
    await told.line(/is damaged .* a new one has begun/);
    record(history, 10);
    await history.flush();
    expect(await countOf(history)).toBe(10);
  });
});

test('a folder that is not there stops nothing: samples are dropped and counted', async () => {
  const told = log();
  const history = await open(join(temporaryFolder(), 'no', 'such', 'folder', 'history.db'), told);
  await told.line(/has stopped \(.*unable to open.*\)/);
  record(history, 10);
  expect(history.state()).toMatchObject({ dropped: 10, problem: expect.stringMatching(/open/) as string });
  await expect(history.query({ device: 'meter', from: 0, to: 1, points: 1 })).rejects.toThrow(/right now/);
});

test('a file that a newer version wrote is left as it is', async () => {
  const file = join(temporaryFolder(), 'history.db');
  const newer = new DatabaseSync(file);
  newer.exec('PRAGMA user_version = 99');
  newer.close();
  const told = log();
  await open(file, told);
  await told.line(/has stopped \(it was written by a newer version/);
  expect(readdirSync(dirname(file)).filter((name) => name.includes('broken'))).toEqual([]);
});

test('a thread that dies is started again; what was stored is there, and what was lost is counted', async () => {
  const told = log();
  const history = await open(join(temporaryFolder(), 'history.db'), told, {
    thread: new URL('./history-ending-thread.ts', import.meta.url),
  });
  record(history, 100);
  await history.flush();
  record(history, 50, 100);
  const dying = history.query({ device: 'meter', from: 0, to: NOW, points: 13 });
  await Promise.allSettled([dying]);
  await told.line(/has stopped \(thirteen\): it is started again in 1 s/);
  record(history, 7);
  await told.line(/is stored again/);
  const { dropped } = history.state();
  expect(dropped).toBeGreaterThanOrEqual(7);
  expect((await countOf(history)) + dropped).toBeGreaterThanOrEqual(157);
  await told.line(/samples of telemetry were dropped/);
  record(history, 3, 1_000);
  await history.flush();
  expect(history.devices()).toEqual(['meter']);
});

test('a device that was removed leaves nothing, also after a restart, and begins anew', async () => {
  const file = join(temporaryFolder(), 'history.db');
  const first = await open(file, log());
  record(first, 20);
  await first.flush();
  record(first, 20, 20);
  await first.removeDevice('meter');
  expect(first.devices()).toEqual([]);
  await first.close();

  const second = await open(file, log());
  expect(second.devices()).toEqual([]);
  record(second, 5);
  expect(await countOf(second)).toBe(5);
});

test('numbers that are none, and times out of range, are dropped and counted', async () => {
  const history = await open(join(temporaryFolder(), 'history.db'), log());
  for (const value of [NaN, Infinity, -Infinity]) history.record('meter', 1, NOW, value);
  for (const time of [-1, NaN, 2 ** 43]) history.record('meter', 1, time, 1);
  history.record('meter', 1, NOW, true);
  expect(history.state().dropped).toBe(6);
  expect(await countOf(history)).toBe(1);
});
