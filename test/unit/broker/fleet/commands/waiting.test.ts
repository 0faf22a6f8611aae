import { describe, expect, test } from 'vitest';
import { ACK, CODE, COMMAND, STATUS } from '#firmware-protocol';
import { Descriptions } from '#broker/fleet/devices/description.ts';
import { FleetBench } from '../fleet-bench.ts';
import { plainLampPayload, START, values } from '../builders.ts';

const { created, sent, accepted, done, rejected, expired, timedOut, cancelled } = COMMAND;
const DAY = 24 * 3_600_000;
const LONG = { wait: true, ttl: 7 * DAY };

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp', 'other');
  await bench.online();
  return bench;
};

const lampAway = async (): Promise<FleetBench> => {
  const bench = await lampOnline();
  await bench.away();
  bench.clear();
  return bench;
};

/** The steps that were told, each with the last byte of its command's id. */
const steps = (bench: FleetBench) => bench.takeCommands().map(({ id, st }) => [id[7], st]);
/** The commands that were sent, by the last byte of their ids. */
const sentIds = (bench: FleetBench) =>
  bench.takeSent().flatMap((message) => (message.channel === 'cmd' ? [message.id[7]] : []));
/** Commands that do not take each other's place. */
const blink = (times: number) => ({ vals: undefined, op: 9, args: [times] });
const level = (value: number) => ({ vals: values({ 2: value }) });

describe('a command that may wait for a device that is away', () => {
  test('stays created, and is sent when the device is there', async () => {
    const bench = await lampAway();
    await bench.command(1, LONG);
    expect(bench.takeCommands()).toMatchObject([{ st: created, exp: START + 7 * DAY }]);
    await bench.pass(3 * DAY);
    expect(steps(bench)).toEqual([]);
    await bench.link();
    expect(sentIds(bench)).toEqual([1]);
    expect(steps(bench)).toEqual([[1, sent]]);
  });

  test('has no more than a minute from when it is sent: so the device is told, and everybody', async () => {
    const bench = await lampAway();
    await bench.command(1, LONG);
    bench.now += DAY;
    bench.clear();
    await bench.link();
    const end = START + DAY + 60_000;
    const [command] = bench.takeSent().filter(({ channel }) => channel === 'cmd');
    expect(command).toMatchObject({ exp: end });
    expect(bench.takeCommands()).toMatchObject([{ st: sent, exp: end }]);
    expect(bench.stored()).toMatchObject({ st: sent, exp: end });
  });

  test('is never sent after its end', async () => {
    const bench = await lampAway();
    await bench.command(1, { wait: true, ttl: 90_000 });
    await bench.pass(89_999);
    expect(steps(bench)).toEqual([[1, created]]);
    await bench.pass(250);
    expect(bench.takeCommands()).toMatchObject([{ st: expired, code: CODE.expired }]);
    await bench.link();
    expect(sentIds(bench)).toEqual([]);
  });

  test.each([
    ['said whether its id is new', 1],
    ['stored it', 2],
  ])('is never sent after its end, which came before the store had %s', async (_name, answers) => {
    const bench = await lampOnline();
    await bench.pass(1_000);
    bench.clear();
    bench.store.hold();
    await bench.command(1);
    for (let answer = 1; answer < answers; answer += 1) {
      bench.store.letGo();
      bench.store.hold();
      await bench.run();
    }
    bench.now += 10_000;
    bench.store.letGo();
    await bench.run();
    await bench.pass(250);
    expect(sentIds(bench)).toEqual([]);
    expect(steps(bench).at(-1)).toEqual([1, answers === 1 ? expired : timedOut]);
  });

  test('expires in the moment in which the device comes too late', async () => {
    const bench = await lampAway();
    await bench.command(1, { wait: true, ttl: 90_000 });
    bench.clear();
    bench.now += 90_000;
    await bench.link();
    expect(steps(bench)).toEqual([[1, expired]]);
    expect(sentIds(bench)).toEqual([]);
  });

  test('is refused where what it asks for is not possible, before and after it has waited', async () => {
    const bench = await lampAway();
    await bench.command(1, { ...LONG, ...level(101) });
    expect(bench.takeCommands()).toMatchObject([{ st: rejected, code: CODE.range }]);
    await bench.command(2, { ...LONG, ...level(50) });
    bench.fleet.connected('lamp', bench.now);
    bench.fleet.listening('lamp', bench.now);
    bench.status({ dhash: new Descriptions().learn(plainLampPayload).hash });
    await bench.pass(500);
    bench.clear();
    bench.fleet.received('lamp', 'desc', plainLampPayload, bench.now);
    await bench.run();
    expect(bench.takeCommands()).toMatchObject([{ st: rejected, code: CODE.notFound }]);
    expect(sentIds(bench)).toEqual([]);
  });

  test('is not sent to a device that has said goodbye, though its link is still there', async () => {
    const bench = await lampOnline();
    bench.status({ st: STATUS.bye });
    await bench.command(1, LONG);
    await bench.pass(1_000);
    expect(steps(bench)).toEqual([[1, created]]);
    expect(sentIds(bench)).toEqual([]);
  });

  test.each(['linked', 'linked and ready'])(
    'waits for a device that is %s and not yet to be told',
    async (how) => {
      const bench = await lampAway();
      await bench.command(1, LONG);
      bench.fleet.connected('lamp', bench.now);
      if (how === 'linked and ready') bench.status();
      await bench.pass(5_000);
      expect(sentIds(bench)).toEqual([]);
    },
  );
});

test('a command that may not wait is refused where the device is away', async () => {
  const bench = await lampAway();
  await bench.command(1);
  expect(bench.takeCommands()).toMatchObject([
    { st: rejected, code: CODE.unavailable, msg: 'the device is offline' },
  ]);
});

describe('one command at a time', () => {
  test('is out and unanswered: the next is sent once it was answered, accepted counts', async () => {
    const bench = await lampOnline();
    for (const last of [1, 2, 3]) await bench.command(last, blink(last));
    expect(sentIds(bench)).toEqual([1]);
    await bench.acked(1, ACK.accepted);
    expect(sentIds(bench)).toEqual([2]);
    await bench.acked(1, ACK.done);
    expect(sentIds(bench)).toEqual([]);
    await bench.acked(2, ACK.done);
    expect(sentIds(bench)).toEqual([3]);
  });

  test.each<[string, (bench: FleetBench) => Promise<void>]>([
    ['was rejected', (bench) => bench.acked(1, ACK.rejected, { code: CODE.busy })],
    ['failed', (bench) => bench.acked(1, ACK.failed)],
    ['timed out', async (bench) => void (await bench.pass(10_000))],
  ])('and the next is sent when the one before %s', async (_name, over) => {
    const bench = await lampOnline();
    await bench.command(1, level(1));
    await bench.command(2, { ...level(2), ttl: 20_000 });
    bench.clear();
    await over(bench);
    expect(sentIds(bench)).toEqual([2]);
  });

  test('and the next is sent to the next boot, when the one before ended with its boot', async () => {
    const bench = await lampOnline();
    await bench.command(1, level(1));
    await bench.command(2, level(2));
    await bench.away();
    bench.clear();
    await bench.link('lamp', 8);
    expect(sentIds(bench)).toEqual([2]);
    expect(steps(bench)).toEqual([
      [1, COMMAND.unknown],
      [2, sent],
    ]);
  });

  test('that is refused when its turn has come does not hold up the next', async () => {
    const bench = await lampOnline();
    await bench.command(1);
    await bench.command(2, { vals: values({ 1: true, 2: 7 }) });
    await bench.command(3, { vals: values({ 1: false }) });
    bench.fleet.received('lamp', 'desc', plainLampPayload, bench.now);
    bench.clear();
    await bench.acked(1, ACK.done);
    expect(steps(bench)).toEqual([
      [1, done],
      [2, rejected],
      [3, sent],
    ]);
  });

  test('holds for each device by itself', async () => {
    const bench = await lampOnline();
    await bench.online('other', 9);
    await bench.command(1);
    await bench.command(2, {}, 'other');
    expect(sentIds(bench)).toEqual([1, 2]);
  });

  test('also where several are waiting when the device comes', async () => {
    const bench = await lampAway();
    for (const last of [1, 2, 3]) await bench.command(last, { ...LONG, ...blink(last) });
    bench.clear();
    await bench.link();
    expect(sentIds(bench)).toEqual([1]);
    await bench.acked(1, ACK.done);
    expect(sentIds(bench)).toEqual([2]);
  });
});

describe('a newer command', () => {
  test('takes the place of one that waits and writes no more than it', async () => {
    const bench = await lampAway();
    await bench.command(1, { ...LONG, ...level(1) });
    bench.clear();
    await bench.command(2, { ...LONG, vals: values({ 1: true, 2: 2 }) });
    expect(bench.takeCommands()).toMatchObject([
      { want: values({ 1: true, 2: 2 }), st: created },
      { want: values({ 2: 1 }), st: cancelled, code: CODE.aborted, msg: 'a newer command took its place' },
    ]);
    expect(bench.stored(1)?.st).toBe(cancelled);
    await bench.link();
    expect(sentIds(bench)).toEqual([2]);
  });

  test('leaves alone what was sent, what writes more, and what another device is to do', async () => {
    const bench = await lampOnline();
    await bench.command(1, level(1));
    await bench.command(2, { vals: values({ 1: true, 2: 2 }) });
    await bench.command(3, { ...LONG, ...level(3) }, 'other');
    bench.clear();
    await bench.command(4, level(4));
    expect(steps(bench)).toEqual([[4, created]]);
  });

  test('is not overtaken by one that is stored in the same moment before it', async () => {
    const bench = await lampAway();
    for (const last of [1, 2, 3]) bench.ask(last, { ...LONG, ...level(last) });
    await bench.run();
    expect([1, 2, 3].map((last) => bench.stored(last)?.st)).toEqual([cancelled, cancelled, created]);
  });

  test('that is refused takes nobody’s place', async () => {
    const bench = await lampAway();
    await bench.command(1, { ...LONG, ...level(1) });
    await bench.command(2, { ...LONG, ...level(101) });
    expect(bench.stored(1)?.st).toBe(created);
  });
});

describe('withdrawn', () => {
  test('is a command that waits: it is never sent', async () => {
    const bench = await lampAway();
    await bench.command(1, LONG);
    bench.clear();
    await bench.cancel(1, '@bob');
    expect(bench.takeCommands()).toMatchObject([
      { st: cancelled, code: CODE.aborted, msg: 'withdrawn by @bob', who: '@ada' },
    ]);
    expect(bench.stored()?.st).toBe(cancelled);
    await bench.link();
    expect(sentIds(bench)).toEqual([]);
  });

  test('is a command behind another, and the others keep their order', async () => {
    const bench = await lampOnline();
    for (const last of [1, 2, 3]) await bench.command(last, blink(last));
    await bench.cancel(2);
    bench.clear();
    await bench.acked(1, ACK.done);
    expect(sentIds(bench)).toEqual([3]);
  });

  test.each([
    ['sent', undefined, sent],
    ['accepted', ACK.accepted, accepted],
    ['done', ACK.done, done],
  ])('cannot be what is %s: it is told again as it stands', async (_name, word, st) => {
    const bench = await lampOnline();
    await bench.command(1);
    if (word !== undefined) await bench.acked(1, word);
    bench.clear();
    await bench.cancel(1);
    expect(steps(bench)).toEqual([[1, st]]);
    expect(bench.stored()?.st).toBe(st);
  });

  test('is a command in the moment in which it is asked for', async () => {
    const bench = await lampAway();
    bench.ask(1, LONG);
    await bench.cancel(1);
    expect(bench.stored()?.st).toBe(cancelled);
  });

  test('cannot be what nobody asked for', async () => {
    const bench = await lampAway();
    await bench.cancel(77);
    expect(bench.takeCommands()).toEqual([]);
  });
});

describe('a hundred commands', () => {
  test('may be open for one device, and no more', async () => {
    const bench = await lampAway();
    for (let last = 0; last < 101; last += 1)
      bench.ask(last, { ...LONG, vals: undefined, op: 10, args: ['a', 'b', 'c', 'd'] });
    await bench.run();
    expect(bench.stored(99)?.st).toBe(created);
    expect(bench.stored(100)).toMatchObject({ st: rejected, code: CODE.busy });
    await bench.command(101, LONG, 'other');
    await bench.cancel(5);
    await bench.command(102, LONG);
    expect(bench.stored(102)?.st).toBe(created);
  });
});

describe('a clock that is set', () => {
  test.each([2 * DAY, -2 * DAY])('by %i ms moves the ends of what waits', async (by) => {
    const bench = await lampAway();
    await bench.command(1, { wait: true, ttl: 90_000 });
    await bench.setClock(by);
    bench.clear();
    await bench.pass(89_999);
    expect(steps(bench)).toEqual([]);
    await bench.pass(250);
    expect(steps(bench)).toEqual([[1, expired]]);
  });

  test.each([2 * DAY, -2 * DAY])(
    'by %i ms moves the ends of what was sent, and the device is told',
    async (by) => {
      const bench = await lampOnline();
      await bench.command(1);
      bench.clear();
      await bench.setClock(by);
      expect(bench.takeSent()).toEqual([{ device: 'lamp', channel: 'ctl', t: START + by }]);
      await bench.pass(2_999);
      expect(bench.takeSent()).toEqual([]);
      await bench.pass(251);
      expect(bench.takeSent()).toMatchObject([{ channel: 'cmd', exp: START + by + 10_000 }]);
      bench.clear();
      await bench.pass(6_750);
      expect(steps(bench)).toEqual([[1, timedOut]]);
    },
  );

  test('back is known after a restart: nothing lives longer for it', async () => {
    const before = await lampAway();
    await before.command(1, { wait: true, ttl: 90_000 });
    await before.setClock(-DAY);
    const bench = await before.restarted();
    await bench.pass(90_000);
    expect(bench.stored()?.st).toBe(expired);
  });

  test('sends with the end that it has moved to what was being stored meanwhile', async () => {
    const bench = await lampOnline();
    bench.store.hold();
    await bench.command(1);
    bench.store.letGo();
    bench.store.hold();
    await bench.run();
    await bench.setClock(DAY);
    bench.clear();
    bench.store.letGo();
    await bench.run();
    expect(bench.takeSent()).toMatchObject([{ channel: 'cmd', exp: START + DAY + 10_000 }]);
  });
});
