import { describe, expect, test } from 'vitest';
import { ACK, CODE, COMMAND, STATUS } from '#firmware-protocol';
import { FleetBench } from '../fleet-bench.ts';
import { from, id8, plain, requestPayload, START, values } from '../builders.ts';

const steps = (bench: FleetBench) => bench.takeCommands().map(({ st }) => st);

async function lampOnline(): Promise<FleetBench> {
  const bench = await FleetBench.with('lamp', 'other');
  await bench.online();
  return bench;
}

describe('a command that goes well', () => {
  test('is stored, sent, and told at each step', async () => {
    const bench = await lampOnline();
    await bench.command();
    const [sent, ...rest] = bench.takeSent();
    expect(rest).toEqual([]);
    expect({ ...sent, id: plain((sent as { id: Uint8Array }).id) }).toEqual({
      device: 'lamp',
      channel: 'cmd',
      id: id8(1),
      exp: START + 10_000,
      vals: values({ 1: true }),
    });
    expect(bench.takeCommands()).toMatchObject([
      { did: 'lamp', st: COMMAND.created, who: '@ada', want: values({ 1: true }) },
      { did: 'lamp', st: COMMAND.sent },
    ]);
    expect(bench.stored()).toMatchObject({ st: COMMAND.sent, boot: 7 });

    bench.ack(1, ACK.accepted);
    bench.ack(1, ACK.progress, { pct: 50 });
    await bench.run();
    bench.ack(1, ACK.done, { vals: values({ 1: true }), ver: 43 });
    await bench.run();
    expect(bench.takeCommands()).toMatchObject([
      { st: COMMAND.accepted },
      { st: COMMAND.progress, pct: 50 },
      { st: COMMAND.done, vals: values({ 1: true }), ver: 43 },
    ]);
    expect(bench.stored()).toMatchObject({ st: COMMAND.done });
    expect(bench.told()).toMatchObject({ vals: values({ 1: true }), ver: 43 });
  });

  test('carries an action, its arguments and a condition', async () => {
    const bench = await lampOnline();
    bench.fleet.requested('lamp', 'cmd', requestAction(), from('@ada'), bench.now);
    await bench.run();
    expect(bench.takeSent()).toMatchObject([{ channel: 'cmd', op: 9, args: [3], if: 42 }]);
  });

  test('is not sent before it is stored', async () => {
    const bench = await lampOnline();
    bench.store.hold();
    await bench.command();
    expect(bench.takeSent()).toEqual([]);
    bench.store.letGo();
    bench.store.hold();
    await bench.run();
    expect(bench.takeSent()).toEqual([]);
    expect(bench.takeCommands()).toEqual([]);
    bench.store.letGo();
    await bench.run();
    expect(bench.takeSent()).toHaveLength(1);
  });
});

describe('a command is refused', () => {
  test.each([
    ['for a value out of range', { vals: values({ 2: 101 }) }, CODE.range, 'level must be at most 100'],
    ['for a value of another type', { vals: values({ 1: 1 }) }, CODE.invalid, 'Light must be true or false'],
    ['for a reading', { vals: values({ 4: 1 }) }, CODE.invalid, 'power cannot be written'],
    ['for a persistent property', { vals: values({ 3: 1 }) }, CODE.invalid, 'start is persistent'],
    ['for a property that is not there', { vals: values({ 77: 1 }) }, CODE.notFound, 'no property 77'],
    ['for one bad value among good', { vals: values({ 1: true, 2: -1 }) }, CODE.range, 'level must be'],
  ])('%s', async (_name, fields, code, msg) => {
    const bench = await lampOnline();
    await bench.command(1, fields);
    expect(bench.takeSent()).toEqual([]);
    expect(bench.takeCommands()).toMatchObject([
      { st: COMMAND.rejected, code, msg: expect.stringContaining(msg) },
    ]);
    expect(bench.stored()).toMatchObject({ st: COMMAND.rejected, code });
  });

  test('for an action that is not there', async () => {
    const bench = await lampOnline();
    bench.fleet.requested('lamp', 'cmd', requestAction(11), from('@ada'), bench.now);
    await bench.run();
    expect(bench.takeCommands()).toMatchObject([{ st: COMMAND.rejected, code: CODE.unimplemented }]);
  });

  test('for a device that is offline', async () => {
    const bench = await lampOnline();
    bench.fleet.disconnected('lamp', bench.now);
    await bench.command();
    expect(bench.takeSent()).toEqual([]);
    expect(bench.takeCommands()).toMatchObject([
      { st: COMMAND.rejected, code: CODE.unavailable, msg: 'the device is offline' },
    ]);
  });

  test('for a device that said goodbye', async () => {
    const bench = await lampOnline();
    bench.status({ st: STATUS.bye });
    await bench.command();
    expect(bench.takeCommands()).toMatchObject([{ st: COMMAND.rejected, code: CODE.unavailable }]);
  });

  test('for a device that has not described itself', async () => {
    const bench = await FleetBench.with('lamp');
    bench.fleet.connected('lamp', bench.now);
    bench.fleet.listening('lamp', bench.now);
    await bench.command();
    expect(bench.takeCommands()).toMatchObject([{ st: COMMAND.rejected, code: CODE.unavailable }]);
  });

  test('for a device that does not exist', async () => {
    const bench = await lampOnline();
    await bench.command(1, {}, 'nobody');
    expect(bench.takeCommands()).toMatchObject([
      { did: 'nobody', st: COMMAND.rejected, code: CODE.notFound },
    ]);
    expect(bench.takeSent()).toEqual([]);
  });
});

describe('an id that was used before', () => {
  test.each([
    ['while it is open', undefined, COMMAND.sent],
    ['after it is done', ACK.done, COMMAND.done],
  ])('changes nothing: its command is told again (%s)', async (_name, word, st) => {
    const bench = await lampOnline();
    await bench.command();
    if (word !== undefined) bench.ack(1, word);
    await bench.run();
    bench.clear();
    await bench.command(1, { vals: values({ 1: false }) });
    expect(bench.takeSent()).toEqual([]);
    expect(bench.takeCommands()).toMatchObject([{ st, want: values({ 1: true }) }]);
  });

  test('counts once even when both come in the same moment', async () => {
    const bench = await lampOnline();
    for (let copy = 0; copy < 2; copy += 1) bench.ask();
    await bench.run();
    expect(bench.takeSent()).toHaveLength(1);
  });

  test('by another device is another command', async () => {
    const bench = await lampOnline();
    await bench.online('other', 8);
    await bench.command();
    await bench.command(1, {}, 'other');
    expect(bench.takeSent().map(({ device }) => device)).toEqual(['lamp', 'other']);
  });
});

describe('a command without an answer', () => {
  test('is sent again with the same id, and times out', async () => {
    const bench = await lampOnline();
    await bench.command();
    const sent = bench.takeSent();
    await bench.pass(2_900);
    expect(bench.takeSent()).toEqual([]);
    await bench.pass(250);
    expect(bench.takeSent()).toEqual(sent);
    bench.clear();
    await bench.pass(6_900);
    expect(bench.takeCommands()).toMatchObject([{ st: COMMAND.timedOut, code: CODE.expired }]);
    expect(bench.takeSent()).toEqual([]);
  });

  test('is unknown when the device restarted', async () => {
    const bench = await lampOnline();
    await bench.command();
    bench.clear();
    bench.fleet.disconnected('lamp', bench.now);
    await bench.online('lamp', 8);
    expect(bench.stored()).toMatchObject({ st: COMMAND.unknown });
  });

  test('is sent again when the same boot links again', async () => {
    const bench = await lampOnline();
    await bench.command();
    bench.fleet.disconnected('lamp', bench.now);
    await bench.pass(1_000);
    bench.clear();
    bench.fleet.connected('lamp', bench.now);
    bench.fleet.listening('lamp', bench.now);
    expect(bench.takeSent()).toMatchObject([{ channel: 'ctl' }]);
    bench.status();
    await bench.run();
    expect(bench.takeSent()).toMatchObject([{ channel: 'cmd', exp: START + 10_000 }]);
  });

  test('is not sent to a device that says goodbye', async () => {
    const bench = await lampOnline();
    await bench.command();
    bench.clear();
    bench.status({ st: STATUS.bye });
    await bench.run();
    expect(bench.takeSent()).toEqual([]);
  });
});

test('a command waits for a device that is linked and has not told its boot yet', async () => {
  const bench = await lampOnline();
  bench.fleet.connected('lamp', bench.now);
  bench.fleet.listening('lamp', bench.now);
  await bench.command();
  expect(steps(bench)).toEqual([COMMAND.created]);
  expect(bench.takeSent()).toMatchObject([{ channel: 'ctl' }]);
  bench.status();
  await bench.run();
  expect(steps(bench)).toEqual([COMMAND.sent]);
  expect(bench.takeSent()).toHaveLength(1);
});

test('a command waits until the device has been told the time, though it has told its boot', async () => {
  const bench = await lampOnline();
  bench.fleet.connected('lamp', bench.now);
  bench.status();
  await bench.command();
  expect(steps(bench)).toEqual([COMMAND.created]);
  bench.fleet.listening('lamp', bench.now);
  await bench.run();
  expect(bench.takeSent()).toMatchObject([{ channel: 'ctl' }, { channel: 'cmd' }]);
});

test('a word on a command that is not open changes nothing', async () => {
  const bench = await lampOnline();
  bench.ack(77, ACK.done);
  await bench.run();
  expect(bench.takeCommands()).toEqual([]);
  expect(bench.log).toMatchObject([{ level: 'debug' }]);
});

test('open commands live on when the hub restarts', async () => {
  const before = await lampOnline();
  await before.command();
  const bench = await before.restarted();
  await bench.online();
  bench.ack(1, ACK.done);
  await bench.run();
  expect(bench.stored()).toMatchObject({ st: COMMAND.done });
});

function requestAction(op = 9): Uint8Array {
  return requestPayload(1, { vals: undefined, op, args: [3], if: 42 });
}
