import { describe, expect, test } from 'vitest';
import { AWAITED, RESEND, STATUS } from '#firmware-protocol';
import { FleetBench } from './fleet-bench.ts';
import { START, values } from './builders.ts';

const DAY = 24 * 3_600_000;

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  await bench.pass(1_000);
  bench.clear();
  return bench;
};

describe.each([DAY, -DAY])('a clock that is set by %i ms', (by) => {
  test('is told to every device that listens', async () => {
    const bench = await lampOnline();
    await bench.setClock(by);
    expect(bench.takeSent()).toEqual([{ device: 'lamp', channel: 'ctl', t: START + 1_000 + by }]);
    await bench.pass(1_799_999);
    expect(bench.takeSent()).toEqual([]);
    await bench.pass(1);
    expect(bench.takeSent()).toMatchObject([{ channel: 'ctl' }]);
  });

  test('does not keep consoles from being told what changes', async () => {
    const bench = await lampOnline();
    bench.state({ 2: 5 });
    await bench.run();
    await bench.setClock(by);
    bench.clear();
    bench.state({ 2: 6 });
    await bench.pass(100);
    expect(bench.takeFleetEvents()).toMatchObject([{ devs: [{ vals: values({ 2: 6 }) }] }]);
  });

  test('does not keep twins from being saved', async () => {
    const bench = await lampOnline();
    bench.state({ 2: 5 });
    await bench.run();
    await bench.setClock(by);
    bench.state({ 2: 6 });
    await bench.pass(1_000);
    expect((await bench.restarted()).told()?.vals).toEqual(values({ 2: 6 }));
  });

  test('does not keep readings from being saved', async () => {
    const bench = await lampOnline();
    bench.tele({ vals: values({ 4: 1 }) });
    await bench.pass(10_000);
    await bench.setClock(by);
    const saves = () => bench.store.done.filter((operation) => operation === 'saveTwins').length;
    const before = saves();
    await bench.pass(19_999);
    expect(saves()).toBe(before);
    await bench.pass(1);
    expect(saves()).toBe(before + 1);
  });

  test('does not keep what happened from being saved', async () => {
    const bench = await lampOnline();
    bench.event({ 4: 1 });
    await bench.run();
    await bench.setClock(by);
    bench.event({ 4: 2 });
    await bench.pass(1_000);
    const kept = (await bench.store.happenings('lamp', { limit: 10 })).filter(({ kind }) => kind === 'event');
    expect(kept).toHaveLength(2);
  });

  test('does not keep the store from being tried again', async () => {
    const bench = await lampOnline();
    bench.store.breakDown('saveProgress');
    await bench.command(1);
    await bench.setClock(by);
    bench.store.mend();
    await bench.pass(1_000);
    expect(bench.fleet.trouble).toBeUndefined();
  });

  test('leaves lost messages to be asked for when they would have been', async () => {
    const bench = await lampOnline();
    bench.tele({ seq: 100, vals: values({ 4: 1.5 }) });
    bench.tele({ seq: 104, vals: values({ 4: 2.5 }) });
    await bench.setClock(by);
    bench.clear();
    await bench.pass(1_999);
    expect(bench.takeSent()).toEqual([]);
    await bench.pass(1);
    expect(bench.takeSent()).toMatchObject([{ channel: 'ctl', op: RESEND.state }]);
    expect(bench.fleet.count().lost).toBe(3);
  });

  test('gives devices as long to come back after the start of the hub', async () => {
    const bench = await (await lampOnline()).restarted();
    await bench.pass(20_000);
    await bench.setClock(by);
    await bench.pass(39_999);
    expect(bench.told()?.st).toBe(AWAITED);
    await bench.pass(1);
    expect(bench.told()?.st).toBe(STATUS.lost);
  });

  test('leaves a device that flaps flapping for as long', async () => {
    const bench = await lampOnline();
    for (let time = 0; time < 3; time += 1) {
      await bench.away();
      await bench.link();
    }
    await bench.setClock(by);
    expect(bench.told()?.flaps).toBe(3);
    await bench.pass(594_999);
    expect(bench.told()?.flaps).toBe(3);
    await bench.pass(10_000);
    expect(bench.told()?.flaps ?? 0).toBe(0);
  });
});
