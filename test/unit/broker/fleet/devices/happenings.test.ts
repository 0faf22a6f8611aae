import { describe, expect, test } from 'vitest';
import { FleetBench } from '../fleet-bench.ts';
import { START, values } from '../builders.ts';

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  await bench.pass(1_000);
  return bench;
};

const events = async (bench: FleetBench, limit = 20_000) =>
  (await bench.store.happenings('lamp', { limit }))
    .filter(({ kind }) => kind === 'event')
    .map(({ data, t }) => [t, JSON.parse(data) as unknown])
    .reverse();

describe('what happened', () => {
  test('is kept with its values, its word and its time', async () => {
    const bench = await lampOnline();
    bench.event({ 4: 7.5 }, { t: -500, msg: 'overheated' });
    await bench.pass(1_000);
    expect(await events(bench)).toEqual([[START + 500, { vals: { 4: 7.5 }, msg: 'overheated' }]]);
  });

  test('is kept though the message came late, and once', async () => {
    const bench = await lampOnline();
    bench.event({ 4: 2 }, { seq: 501 });
    bench.event({ 4: 1 }, { seq: 500 });
    bench.event({ 4: 1 }, { seq: 500 });
    await bench.pass(1_000);
    expect(await events(bench)).toHaveLength(2);
  });

  test('is saved together, each second', async () => {
    const bench = await lampOnline();
    bench.event({ 4: 0 });
    await bench.run();
    const saves = () => bench.store.done.filter((operation) => operation === 'saveHappenings').length;
    const before = saves();
    for (let at = 1; at < 4; at += 1) {
      bench.event({ 4: at });
      await bench.pass(300);
    }
    expect(saves()).toBe(before);
    await bench.pass(100);
    expect(saves()).toBe(before + 1);
    expect(await events(bench)).toHaveLength(4);
  });

  test('is kept while the store fails, in its order, and saved once it works again', async () => {
    const bench = await lampOnline();
    bench.store.breakDown('saveHappenings');
    bench.event({ 4: 1 });
    await bench.pass(1_000);
    bench.event({ 4: 2 });
    await bench.pass(1_000);
    expect(await events(bench)).toEqual([]);
    expect(bench.log.at(-1)).toEqual({
      level: 'warn',
      line: expect.stringContaining('what happened to devices could not be stored'),
    });
    bench.store.mend();
    await bench.pass(1_000);
    expect((await events(bench)).map(([, said]) => said)).toEqual([{ vals: { 4: 1 } }, { vals: { 4: 2 } }]);
  });

  test('is the latest ten thousand at most while the store fails, and the log says what was dropped', async () => {
    const bench = await lampOnline();
    bench.store.breakDown('saveHappenings');
    for (let at = 0; at < 10_005; at += 1) bench.event({ 4: at });
    await bench.pass(1_000);
    expect(bench.log.at(-1)?.line).toContain('5 of the oldest were dropped');
    bench.store.mend();
    await bench.pass(1_000);
    const kept = await events(bench);
    expect(kept).toHaveLength(10_000);
    expect(kept[0]?.[1]).toEqual({ vals: { 4: 5 } });
  });

  test('is saved when the hub is closed, also what came while others were being saved', async () => {
    const bench = await lampOnline();
    bench.event({ 4: 1 });
    bench.store.hold();
    await bench.pass(1_000);
    bench.event({ 4: 2 });
    const closed = bench.fleet.close(bench.now);
    bench.store.letGo();
    await closed;
    expect(await events(bench)).toHaveLength(2);
  });
});

test('readings are kept one by one, with their times; what cannot be measured is not', async () => {
  const bench = await lampOnline();
  bench.state({ 1: true, 2: 50 });
  bench.tele({
    batch: [
      [-1_000, values({ 4: 2.5 })],
      [-2_000, values({ 4: 1.5 })],
      [-3_000, values({ 4: null })],
    ],
  });
  const { now } = bench;
  expect(bench.readings).toEqual([
    { device: 'lamp', pid: 1, t: now, value: true },
    { device: 'lamp', pid: 2, t: now, value: 50 },
    { device: 'lamp', pid: 4, t: now - 2_000, value: 1.5 },
    { device: 'lamp', pid: 4, t: now - 1_000, value: 2.5 },
  ]);
});

test('readings of a device that is removed are let go of', async () => {
  const bench = await lampOnline();
  bench.fleet.registered([]);
  expect(bench.forgotten).toEqual(['lamp']);
});
