import { describe, expect, test } from 'vitest';
import { CODE, COMMAND, desc, desired, FLAG, TYPE, type DeviceDelta } from '#firmware-protocol';
import { FleetBench } from '../fleet-bench.ts';
import { values } from '../builders.ts';

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  return bench;
};

const wish = ({ want, wver, who }: DeviceDelta = { did: '' }) => ({ want, wver, who });

describe('a wish', () => {
  test('is stored, told and sent with a version', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 });
    expect(bench.takeSent()).toEqual([
      { device: 'lamp', channel: 'desired', vals: values({ 3: 10 }), ver: 1 },
    ]);
    expect(wish(bench.told())).toEqual({ want: values({ 3: 10 }), wver: 1, who: '@ada' });
    const [record] = await bench.store.twins();
    expect(desired.decode(record?.desired as Uint8Array)).toEqual({ vals: values({ 3: 10 }), ver: 1 });
  });

  test('on the version that stands makes the next', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 }, 0);
    await bench.desire({ 3: 20 }, 1);
    expect(bench.takeSent().map((sent) => 'ver' in sent && sent.ver)).toEqual([1, 2]);
  });

  test('can be made while the device is offline', async () => {
    const bench = await lampOnline();
    bench.fleet.disconnected('lamp', bench.now);
    await bench.desire({ 3: 10 });
    expect(bench.takeSent()).toMatchObject([{ channel: 'desired', ver: 1 }]);
  });

  test('is sent again when the hub starts, which has forgotten what is retained', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 });
    const next = await bench.restarted();
    expect(next.takeSent()).toEqual([
      { device: 'lamp', channel: 'desired', vals: values({ 3: 10 }), ver: 1 },
    ]);
    await next.desire({ 3: 20 }, 1);
    expect(wish(next.told())).toMatchObject({ want: values({ 3: 20 }), wver: 2 });
  });

  test('that the device applied is told with its version', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 });
    bench.state({ 3: 10 }, { dver: 1 });
    expect(bench.told()).toMatchObject({ vals: values({ 3: 10 }), dver: 1, errs: new Map() });
  });
});

describe('a wish is refused', () => {
  test.each([
    ['for a property that is commanded', { 1: true }, CODE.invalid, 'Light is written through cmd'],
    ['for a reading', { 4: 1 }, CODE.invalid, 'power cannot be written'],
    ['for a value out of range', { 3: 101 }, CODE.range, 'start must be at most 100'],
    ['for one bad value among good', { 3: 10, 99: 1 }, CODE.notFound, 'no property 99'],
  ])('%s', async (_name, entries, code, msg) => {
    const bench = await lampOnline();
    await bench.desire(entries);
    expect(bench.takeSent()).toEqual([]);
    expect(bench.takeCommands()).toMatchObject([
      { did: 'lamp', st: COMMAND.rejected, code, msg: expect.stringContaining(msg), who: '@ada' },
    ]);
    expect(wish(bench.told())).toMatchObject({ want: undefined, wver: 0 });
  });

  test.each([0, 2])('when it was based on version %i and 1 stands', async (version) => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 });
    bench.clear();
    await bench.desire({ 3: 20 }, version);
    expect(bench.takeSent()).toEqual([]);
    expect(bench.takeCommands()).toMatchObject([{ st: COMMAND.rejected, code: CODE.precondition }]);
    expect(wish(bench.told())).toMatchObject({ want: values({ 3: 10 }), wver: 1 });
  });

  test('when all that is wanted is more than the device takes in one message', async () => {
    const bench = await FleetBench.with('sign');
    await bench.fleet.connected('sign', bench.now);
    const line = { type: TYPE.text, flags: FLAG.writable | FLAG.persistent };
    const props = Array.from({ length: 20 }, (_, pid) => ({ pid, key: `line${pid}`, ...line }));
    const sign = desc.encode({ proto: [1, 0], model: 'sign', fw: '1', props, maxrx: 4_096 });
    bench.fleet.received('sign', 'desc', sign, bench.now);
    const lines = (first: number) =>
      Object.fromEntries(Array.from({ length: 10 }, (_, at) => [first + at, 'x'.repeat(250)]));
    await bench.desire(lines(0), undefined, 'sign');
    await bench.desire(lines(10), undefined, 'sign');
    expect(bench.takeSent()).toMatchObject([{ channel: 'desired', ver: 1 }]);
    expect(bench.takeCommands()).toMatchObject([{ st: COMMAND.rejected, code: CODE.range }]);
    expect((await bench.restarted()).told('sign')).toMatchObject({ wver: 1 });
  });

  test('for a device that does not exist', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 }, undefined, 'nobody');
    expect(bench.takeCommands()).toMatchObject([{ did: 'nobody', code: CODE.notFound }]);
  });

  test('for a device that has not described itself', async () => {
    const bench = await FleetBench.with('lamp');
    await bench.desire({ 3: 10 });
    expect(bench.takeCommands()).toMatchObject([{ st: COMMAND.rejected, code: CODE.unavailable }]);
  });
});

test('a wish that cannot be stored is not sent, and the log says so', async () => {
  const bench = await lampOnline();
  bench.store.saveTwins = () => Promise.reject(new Error('disk full'));
  await bench.desire({ 3: 10 });
  expect(bench.takeSent()).toEqual([]);
  expect(bench.log).toContainEqual({ level: 'error', line: expect.stringContaining('was not sent') });
});
