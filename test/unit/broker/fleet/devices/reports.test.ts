import { describe, expect, test } from 'vitest';
import { ACK, blkreq, CODE, COMMAND, event, RESEND, state, type State, type Value } from '#firmware-protocol';
import { Descriptions } from '#broker/fleet/devices/description.ts';
import { FleetBench } from '../fleet-bench.ts';
import { id8, lampPayload, START, values } from '../builders.ts';

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
  const due = (await bench.pass(60_000)) ?? 0;
  expect(due).toBe(START + 1_800_000);
  await bench.pass(due - bench.now - 1);
  expect(bench.takeSent()).toEqual([]);
  await bench.pass(1);
  expect(bench.takeSent()).toEqual([{ device: 'lamp', channel: 'ctl', t: START + 1_800_000 }]);
  expect(await bench.pass(0)).toBe(START + 3_600_000);
});

describe('a description that the status names', () => {
  const firmware2 = lampPayload('2');
  const hash = new Descriptions().learn(firmware2).hash;
  const asked = (bench: FleetBench) =>
    bench.takeSent().filter((sent) => sent.channel === 'ctl' && sent.op === RESEND.desc);

  test('and the hub does not have keeps commands away until it comes', async () => {
    const bench = await lampOnline();
    bench.status({ dhash: hash, sess: 2 });
    await bench.command(1);
    expect(bench.takeCommands()).toMatchObject([{ st: COMMAND.rejected, code: CODE.unavailable }]);
    bench.fleet.received('lamp', 'desc', firmware2, bench.now);
    await bench.command(2);
    expect(bench.takeSent()).toMatchObject([{ channel: 'cmd' }]);
  });

  test('is asked for, and again when nothing came, and no more once it is there', async () => {
    const bench = await lampOnline();
    bench.status({ dhash: hash, sess: 2 });
    await bench.pass(1_000);
    expect(asked(bench)).toHaveLength(1);
    await bench.pass(30_000);
    expect(asked(bench)).toHaveLength(1);
    bench.fleet.received('lamp', 'desc', firmware2, bench.now);
    await bench.pass(60_000);
    expect(asked(bench)).toEqual([]);
  });

  test('is asked for only when the device can hear it', async () => {
    const bench = await FleetBench.with('lamp');
    bench.fleet.connected('lamp', bench.now);
    bench.status({ dhash: hash });
    await bench.pass(5_000);
    expect(bench.takeSent()).toEqual([]);
    bench.fleet.listening('lamp', bench.now);
    await bench.run();
    expect(asked(bench)).toHaveLength(1);
  });

  test('is not another one that is repeated; if that is the answer, the status was wrong', async () => {
    const bench = await lampOnline();
    bench.status({ dhash: hash, sess: 2 });
    bench.fleet.received('lamp', 'desc', lampPayload('1'), bench.now);
    await bench.command(1);
    expect(bench.takeCommands()).toMatchObject([{ st: COMMAND.rejected, code: CODE.unavailable }]);
    await bench.pass(1_000);
    expect(asked(bench)).toHaveLength(1);
    bench.fleet.received('lamp', 'desc', lampPayload('1'), bench.now);
    await bench.command(2);
    expect(bench.takeSent()).toMatchObject([{ channel: 'cmd' }]);
    expect(bench.log).toContainEqual({ level: 'warn', line: expect.stringContaining('clause 8.5') });
  });
});

test('a status of an earlier boot that is repeated does not keep the device from being commanded', async () => {
  const bench = await FleetBench.with('lamp');
  bench.fleet.connected('lamp', bench.now, { address: '192.0.2.1', birth: { boot: 7, sess: 1 } });
  bench.fleet.listening('lamp', bench.now);
  bench.status({ boot: 6, sess: 9, seq: 40 });
  bench.status({ boot: 7, sess: 1, seq: 0 });
  bench.fleet.received('lamp', 'desc', lampPayload(), bench.now);
  bench.status({ boot: 6, sess: 9 });
  expect(bench.log).toEqual(
    Array.from({ length: 2 }, () => ({
      level: 'warn',
      line: expect.stringContaining('boot 6 and session 9'),
    })),
  );
  bench.clear();
  await bench.command(1);
  expect(bench.takeSent()).toMatchObject([{ channel: 'cmd' }]);
  bench.state({ 1: true, 2: 50 });
  expect(bench.told()?.vals).toEqual(values({ 1: true, 2: 50 }));
});

test('a late reading counts by its time, unless that is relative', async () => {
  const bench = await lampOnline();
  bench.tele({ seq: 500, t: START - 60_000, vals: values({ 4: 1.5 }) });
  bench.state({ 1: true, 2: 50 }, { seq: 503 });
  bench.tele({ seq: 501, t: -10, vals: values({ 4: 9.5 }) });
  expect(bench.told()?.vals?.get(4)).toBe(1.5);
  bench.tele({ seq: 502, t: START - 30_000, vals: values({ 4: 2.5 }) });
  expect(bench.told()?.vals?.get(4)).toBe(2.5);
});

test('a late event does not replace a later one', async () => {
  const bench = await lampOnline();
  const say = (seq: number, reading: number) =>
    bench.fleet.received(
      'lamp',
      'event',
      event.encode({ boot: 7, seq, t: 0, vals: values({ 4: reading }) }),
      bench.now,
    );
  say(501, 2.5);
  say(500, 1.5);
  expect(bench.told()?.vals?.get(4)).toBe(2.5);
});

test('readings go on when the clock of the hub or of a new session is set back', async () => {
  const bench = await lampOnline();
  bench.tele({ vals: values({ 4: 1.5 }) });
  bench.now -= 3_600_000;
  bench.tele({ vals: values({ 4: 2.5 }) });
  expect(bench.told()?.vals?.get(4)).toBe(2.5);
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

test('what does not count is kept from everybody else as well', async () => {
  const bench = await lampOnline();
  const told = (fields: Partial<State>) => {
    const message = { boot: 7, seq: 500, t: 0, vals: values({ 1: true }), ver: 8, ...fields };
    return bench.fleet.received('lamp', 'state', state.encode(message), bench.now);
  };
  expect(told({})).toBe(true);
  expect(told({})).toBe(false);
  expect(told({ seq: 499 })).toBe(false);
  expect(told({ boot: 6, seq: 900 })).toBe(false);
  expect(told({ seq: 501 })).toBe(true);
  expect(bench.fleet.received('nobody', 'state', new Uint8Array(), bench.now)).toBe(false);
});
