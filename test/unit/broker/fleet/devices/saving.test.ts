import { expect, test } from 'vitest';
import { STATUS } from '#firmware-protocol';
import { FleetBench } from '../fleet-bench.ts';
import { START, values } from '../builders.ts';

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  return bench;
};

const savedValues = async (bench: FleetBench) => (await bench.restarted()).told()?.vals;

test('what changed is saved within a second, in one go', async () => {
  const bench = await lampOnline();
  await bench.fleet.save(bench.now);
  const saves: number[] = [];
  const { saveTwins } = bench.store;
  bench.store.saveTwins = (twins) => {
    saves.push(twins.length);
    return saveTwins.call(bench.store, twins);
  };
  bench.state({ 2: 5 });
  const due = await bench.run();
  expect(due).toBeLessThanOrEqual(bench.now + 1_000);
  bench.state({ 2: 6 });
  await bench.pass(999);
  expect(saves).toEqual([]);
  await bench.pass(1);
  expect(saves).toEqual([1]);
  expect(await savedValues(bench)).toEqual(values({ 2: 6 }));
  await bench.pass(5_000);
  expect(saves).toEqual([1]);
});

test('with nothing left to do, only the time is to be told again', async () => {
  const bench = await lampOnline();
  await bench.pass(5_000);
  await bench.pass(100);
  expect(await bench.pass(5_000)).toBe(START + 1_800_000);
});

test('a store that fails keeps what changed unsaved: it is tried again', async () => {
  const bench = await lampOnline();
  const { saveTwins } = bench.store;
  bench.store.saveTwins = () => Promise.reject(new Error('disk full'));
  bench.state({ 2: 5 });
  const due = await bench.pass(2_000);
  expect(due).toBe(bench.now + 1_000);
  expect(bench.log).toMatchObject([{ level: 'error', line: expect.stringContaining('could not be stored') }]);
  bench.store.saveTwins = saveTwins;
  await bench.pass(1_000);
  expect(await savedValues(bench)).toEqual(values({ 2: 5 }));
});

test('a step of a command that cannot be stored is sent and told all the same, and the log says so', async () => {
  const bench = await lampOnline();
  bench.store.saveCommands = () => Promise.reject(new Error('disk full'));
  await bench.command();
  expect(bench.takeSent()).toHaveLength(1);
  expect(bench.takeCommands()).toHaveLength(2);
  expect(bench.log).toMatchObject([{ level: 'error' }]);
});

test('a fleet that starts again knows what it knew, and nobody is online', async () => {
  const bench = await lampOnline();
  bench.state({ 1: true, 2: 5 }, { ver: 42 });
  bench.now += 60_000;
  bench.tele({ vals: values({ 4: 1.5 }) });
  await bench.fleet.save(bench.now);
  const next = await bench.restarted();
  expect(next.told()).toMatchObject({
    name: 'lamp by name',
    vals: values({ 1: true, 2: 5, 4: 1.5 }),
    ver: 42,
    dhash: bench.told()?.dhash,
    st: STATUS.lost,
    since: START + 60_000,
    seen: START + 60_000,
  });
  expect(next.fleet.count()).toEqual({ devices: 1, online: 0, lost: 0 });
});

test('every change asks to be run', async () => {
  const bench = await lampOnline();
  const woken = bench.woken;
  bench.state({ 2: 5 });
  expect(bench.woken).toBeGreaterThan(woken);
});
