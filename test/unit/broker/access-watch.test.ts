import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { loadAndWatch } from '#broker/registry-watch.ts';
import { createLog } from '#broker/log/log.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { BenchStore } from './fleet/bench-store.ts';
import { device, values } from './fleet/builders.ts';
import { FleetBench } from './fleet/fleet-bench.ts';
import { temporaryFolder } from './temporary-folder.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

/** A store whose fleet has one lamp of which something is wanted, and the store as another process sees it. */
async function storeWithLamp(): Promise<{ store: BenchStore; other: SqliteStore }> {
  const file = join(temporaryFolder(), 'store.db');
  const before = new FleetBench(new BenchStore(new SqliteStore(file)));
  await before.store.createDevices([device('lamp')]);
  await before.fleet.load(before.now);
  await before.online();
  await before.desire({ 3: 10 });
  const other = new SqliteStore(file);
  onTestFinished(() => other.close());
  return { store: await before.store.kill(), other };
}

const watched = (bench: FleetBench): Promise<() => void> =>
  loadAndWatch(bench.store, bench.fleet, createLog('silent'), bench.now);

/** A second passes, and what comes of it is done. */
async function second(bench: FleetBench): Promise<void> {
  vi.advanceTimersByTime(1_000);
  await bench.pass(1_000);
}

test('what another process registers appears within a second', async () => {
  const { store, other } = await storeWithLamp();
  const bench = new FleetBench(store);
  const end = await watched(bench);
  await other.createDevices([device('plug')]);
  await second(bench);
  expect([...bench.fleet.devices()].map(({ id }) => id)).toEqual(['lamp', 'plug']);
  end();
  await other.createDevices([device('later')]);
  await second(bench);
  expect(bench.fleet.device('later')).toBeUndefined();
});

test('what is registered while the fleet is loaded overwrites nothing that is stored, and appears after it', async () => {
  const { store, other } = await storeWithLamp();
  const bench = new FleetBench(store);
  const load = bench.fleet.load.bind(bench.fleet);
  // Another process writes in the middle of a load that takes several seconds.
  vi.spyOn(bench.fleet, 'load').mockImplementation(async (now) => {
    await other.createDevices([device('plug')]);
    await second(bench);
    await second(bench);
    await load(now);
  });
  await watched(bench);
  await second(bench);
  expect(bench.told()?.want).toEqual(values({ 3: 10 }));
  expect([...bench.fleet.devices()].map(({ id }) => id)).toEqual(['lamp', 'plug']);
  const stored = (await store.twins()).find((twin) => twin.device === 'lamp');
  expect(stored?.desired).not.toBeNull();
});
