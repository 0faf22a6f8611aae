import { describe, expect, test } from 'vitest';
import { AWAITED, desired } from '#firmware-protocol';
import { FleetBench } from '../fleet-bench.ts';
import { START, values } from '../builders.ts';

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  await bench.pass(60_000);
  bench.clear();
  return bench;
};

/** What a hub that is killed now knows of the lamp when it starts again. */
const savedValues = async (bench: FleetBench) => (await bench.restarted()).told()?.vals;

/** How many twins each save since now has. */
function watchSaves(bench: FleetBench): number[] {
  const saves: number[] = [];
  const { saveTwins } = bench.store;
  bench.store.saveTwins = (twins) => {
    saves.push(twins.length);
    return saveTwins(twins);
  };
  return saves;
}

describe('what changed', () => {
  test('of the state is saved within a second, in one go', async () => {
    const bench = await lampOnline();
    bench.state({ 2: 4 });
    await bench.run();
    const saves = watchSaves(bench);
    bench.state({ 2: 5 });
    expect(await bench.pass(500)).toBeLessThanOrEqual(bench.now + 500);
    bench.state({ 2: 6 });
    await bench.pass(499);
    expect(saves).toEqual([]);
    await bench.pass(1);
    expect(saves).toEqual([1]);
    await bench.pass(5_000);
    expect(saves).toEqual([1]);
    expect(await savedValues(bench)).toEqual(values({ 2: 6 }));
  });

  test('of readings alone is saved after half a minute', async () => {
    const bench = await lampOnline();
    const saves = watchSaves(bench);
    bench.tele({ vals: values({ 4: 1 }) });
    await bench.pass(29_000);
    bench.tele({ vals: values({ 4: 2 }) });
    await bench.pass(999);
    expect(saves).toEqual([]);
    await bench.pass(1);
    expect(saves).toEqual([1]);
    expect(await savedValues(bench)).toEqual(values({ 4: 2 }));
  });

  test('of readings is saved with the state, and not once more', async () => {
    const bench = await lampOnline();
    const saves = watchSaves(bench);
    bench.tele({ vals: values({ 4: 1 }) });
    bench.state({ 2: 6 });
    await bench.pass(1_000);
    await bench.pass(60_000);
    expect(saves).toEqual([1]);
  });

  test('of many devices is saved two hundred at a time', async () => {
    const ids = Array.from({ length: 450 }, (_, at) => `lamp-${at}`);
    const bench = await FleetBench.with(...ids);
    const saves = watchSaves(bench);
    for (const id of ids) bench.fleet.connected(id, bench.now);
    await bench.pass(1_000);
    expect(saves).toEqual([200, 200, 50]);
  });

  test('is not saved while nothing changes: only the time is to be told again', async () => {
    const bench = await lampOnline();
    await bench.pass(5_000);
    expect(await bench.pass(5_000)).toBe(START + 1_800_000);
  });

  test('is saved when the hub is closed', async () => {
    const bench = await lampOnline();
    bench.tele({ vals: values({ 4: 1.5 }) });
    await bench.fleet.close(bench.now);
    expect(await savedValues(bench)).toEqual(values({ 4: 1.5 }));
  });

  test('asks for the fleet to be run', async () => {
    const bench = await lampOnline();
    expect(bench.woken).toBe(false);
    bench.state({ 2: 5 });
    expect(bench.woken).toBe(true);
  });
});

test('a store that fails keeps what changed unsaved: it is tried again', async () => {
  const bench = await lampOnline();
  bench.store.breakDown('saveTwins');
  bench.state({ 2: 5 });
  expect(await bench.pass(2_000)).toBeLessThanOrEqual(bench.now + 1_000);
  expect(bench.log).toContainEqual({ level: 'warn', line: expect.stringContaining('could not be stored') });
  bench.store.mend();
  await bench.pass(1_000);
  expect(await savedValues(bench)).toEqual(values({ 2: 5 }));
});

test('twins are saved while commands keep the store busy', async () => {
  const bench = await lampOnline();
  bench.state({ 2: 5 });
  for (let last = 1; last <= 8; last += 1) {
    bench.now += 250;
    bench.store.hold();
    bench.ask(last, { vals: values({ 2: 101 }) });
    await bench.run();
    bench.store.letGo();
    // Asked for in the moment in which the store has answered: it is busy again at once.
    bench.ask(last + 100, { vals: values({ 2: 101 }) });
    await bench.run();
  }
  expect(await savedValues(bench)).toEqual(values({ 2: 5 }));
});

describe('a twin and its document', () => {
  test('once that is stored, go on being saved together', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 });
    bench.state({ 2: 5 });
    await bench.pass(1_000);
    expect(await savedValues(bench)).toEqual(values({ 2: 5 }));
  });

  const wanted = async (bench: FleetBench) => {
    const [record] = await bench.store.twins();
    return record?.desired && desired.decode(record.desired);
  };

  test('that is on its way to the disk are not parted by an older twin', async () => {
    const bench = await lampOnline();
    bench.state({ 2: 5 });
    bench.store.hold();
    bench.now += 1_000;
    bench.wish({ 3: 10 });
    await bench.run();
    bench.store.letGo();
    bench.store.hold();
    await bench.run();
    await bench.pass(1_000);
    bench.store.letGo();
    await bench.run();
    expect(await wanted(bench)).toEqual({ vals: values({ 3: 10 }), ver: 1 });
    await bench.pass(2_000);
    expect(await wanted(bench)).toEqual({ vals: values({ 3: 10 }), ver: 1 });
  });
});

test('a fleet that starts again knows what it knew, and waits for those who were there', async () => {
  const bench = await lampOnline();
  bench.state({ 1: true, 2: 5 }, { ver: 42 });
  await bench.pass(60_000);
  bench.tele({ vals: values({ 4: 1.5 }) });
  await bench.pass(30_000);
  const next = await bench.restarted();
  expect(next.told()).toMatchObject({
    name: 'lamp by name',
    vals: values({ 1: true, 2: 5, 4: 1.5 }),
    ver: 42,
    dhash: bench.told()?.dhash,
    st: AWAITED,
    since: START,
    seen: START + 120_000,
  });
  expect(next.fleet.count()).toEqual({ devices: 1, online: 0, twice: 0, lost: 0 });
});
