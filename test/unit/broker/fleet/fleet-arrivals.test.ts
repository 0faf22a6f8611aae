import { expect, test } from 'vitest';
import { ACK, blkreq, CODE, COMMAND, event, RESEND, type Value } from '#firmware-protocol';
import { FleetBench } from './fleet-bench.ts';
import { id8, lampPayload, START, values } from './builders.ts';

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  return bench;
};

test('messages that never came are counted, and the state is asked for', async () => {
  const bench = await lampOnline();
  bench.tele({ seq: 100, vals: values({ 4: 1.5 }) });
  bench.tele({ seq: 104, vals: values({ 4: 2.5 }) });
  await bench.pass(1_999);
  expect(bench.takeSent()).toEqual([]);
  await bench.pass(1);
  expect(bench.takeSent()).toEqual([{ device: 'lamp', channel: 'ctl', t: START + 2_000, op: RESEND.state }]);
  expect(bench.fleet.count().lost).toBe(3);
  expect(bench.log).toEqual([{ level: 'warn', line: '3 messages of lamp were lost on their way' }]);
});

test('messages that came late are no loss', async () => {
  const bench = await lampOnline();
  bench.tele({ seq: 100, vals: values({ 4: 1.5 }) });
  bench.tele({ seq: 102, vals: values({ 4: 2.5 }) });
  bench.tele({ seq: 101, vals: values({ 4: 3.5 }) });
  await bench.pass(5_000);
  expect(bench.takeSent()).toEqual([]);
  expect(bench.fleet.count().lost).toBe(0);
});

test('an event is the last value of its property', async () => {
  const bench = await lampOnline();
  const payload = event.encode({ boot: 7, seq: 900, t: -500, vals: values({ 4: 7.5, 99: true }) });
  bench.fleet.received('lamp', 'event', payload, bench.now);
  expect(bench.told()).toMatchObject({ vals: values({ 4: 7.5 }), t: START - 500 });
  bench.fleet.received('lamp', 'event', payload, bench.now);
  expect(bench.log.map(({ line }) => line)).toEqual([
    expect.stringContaining('there is no property 99'),
    expect.stringContaining('came before'),
  ]);
});

test('a request for blocks is answered in the log', async () => {
  const bench = await lampOnline();
  const payload = blkreq.encode({ off: 0, n: 4, img: id8(1) });
  bench.fleet.received('lamp', 'blk', payload, bench.now);
  expect(bench.log).toEqual([{ level: 'warn', line: expect.stringContaining('lamp asks for blocks') }]);
  expect(bench.takeSent()).toEqual([]);
});

test('a command that is longer than the device takes is refused', async () => {
  const bench = await lampOnline();
  const lines = (length: number) => Array.from({ length: 4 }, () => 'x'.repeat(length));
  await bench.command(1, { vals: undefined, op: 10, args: lines(256) });
  expect(bench.takeCommands()).toMatchObject([{ st: COMMAND.rejected, code: CODE.range }]);
  expect(bench.takeSent()).toEqual([]);
  await bench.command(2, { vals: undefined, op: 10, args: lines(200) });
  expect(bench.takeSent()).toMatchObject([{ channel: 'cmd' }]);
});

test.each<[string, number, Value[], number]>([
  ['unknown', 11, [], CODE.unimplemented],
  ['without its argument', 9, [], CODE.invalid],
  ['with an argument of a wrong type', 9, ['twice'], CODE.invalid],
  ['with an argument that is null', 9, [null], CODE.invalid],
  ['with an argument out of range', 9, [6], CODE.range],
])('an action %s is refused before it reaches the device', async (_name, op, args, code) => {
  const bench = await lampOnline();
  await bench.command(1, { vals: undefined, op, args });
  expect(bench.takeCommands()).toMatchObject([{ st: COMMAND.rejected, code }]);
  expect(bench.takeSent()).toEqual([]);
});

test('readings from before the latest ones change nothing that is shown', async () => {
  const bench = await lampOnline();
  bench.tele({ vals: values({ 4: 7.5 }) });
  bench.tele({
    t: -60_000,
    batch: [
      [0, values({ 4: 1.5 })],
      [1_000, values({ 4: 2.5 })],
    ],
  });
  expect(bench.told()).toMatchObject({ vals: values({ 4: 7.5 }), t: START });
});

test('the samples of a batch count by their times, in whatever order they stand', async () => {
  const bench = await lampOnline();
  bench.tele({
    batch: [
      [-1_000, values({ 4: 2.5 })],
      [-2_000, values({ 4: 1.5 })],
    ],
  });
  expect(bench.told()).toMatchObject({ vals: values({ 4: 2.5 }), t: START - 1_000 });
});

test('a device is told the time every half hour', async () => {
  const bench = await lampOnline();
  const due = (await bench.pass(0)) ?? 0;
  expect(due).toBe(START + 1_800_000);
  await bench.pass(due - START - 1);
  expect(bench.takeSent()).toEqual([]);
  await bench.pass(1);
  expect(bench.takeSent()).toEqual([{ device: 'lamp', channel: 'ctl', t: START + 1_800_000 }]);
  expect(await bench.pass(0)).toBe(START + 3_600_000);
});

test('a command waits for the description that the device has named', async () => {
  const bench = await lampOnline();
  bench.status({ dhash: id8(77), sess: 2 });
  await bench.command(1);
  expect(bench.takeSent()).toEqual([]);
  bench.fleet.received('lamp', 'desc', lampPayload('2'), bench.now);
  await bench.run();
  expect(bench.takeSent()).toMatchObject([{ channel: 'cmd' }]);
});

test('a state that comes after a later one does not turn the clock back', async () => {
  const bench = await lampOnline();
  bench.state({ 1: true, 2: 20 }, { seq: 500, ver: 8 });
  bench.state({ 1: true, 2: 40 }, { seq: 502, ver: 10 });
  bench.state({ 1: false, 2: 30 }, { seq: 501, ver: 9 });
  expect(bench.told()).toMatchObject({ vals: values({ 1: true, 2: 40 }), ver: 10 });
});

test('a late answer ends its command, and says nothing of the state', async () => {
  const bench = await lampOnline();
  await bench.command(1);
  bench.state({ 1: true, 2: 40 }, { seq: 502, ver: 10 });
  bench.clear();
  bench.ack(1, ACK.done, { seq: 501, vals: values({ 1: false }), ver: 9 });
  await bench.run();
  expect(bench.takeCommands()).toMatchObject([{ st: COMMAND.done }]);
  expect(bench.told()).toMatchObject({ vals: values({ 1: true, 2: 40 }), ver: 10 });
});

test('a number that is used twice is named in the log', async () => {
  const bench = await lampOnline();
  bench.tele({ seq: 500, vals: values({ 4: 1.5 }) });
  bench.tele({ seq: 500, vals: values({ 4: 2.5 }) });
  expect(bench.log).toEqual([
    { level: 'warn', line: expect.stringContaining('number 500 of boot 7 came before') },
  ]);
});
