import { describe, expect, test } from 'vitest';
import { ACK, CODE, COMMAND, desired } from '#firmware-protocol';
import { FleetBench } from '../fleet-bench.ts';
import { values } from '../builders.ts';

const { created, sent, accepted, progress, done, rejected, unknown, cancelled } = COMMAND;
const LONG = { wait: true, ttl: 600_000 };
const NOT_STORED = {
  st: rejected,
  code: CODE.internal,
  msg: expect.stringContaining('cannot store it just now'),
};

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  await bench.pass(1_000);
  bench.clear();
  return bench;
};

const lampAway = async (): Promise<FleetBench> => {
  const bench = await lampOnline();
  await bench.away();
  await bench.pass(1_000);
  bench.clear();
  return bench;
};

const steps = (bench: FleetBench) => bench.takeCommands().map(({ id, st }) => [id[7], st]);
const sentIds = (bench: FleetBench) =>
  bench.takeSent().flatMap((message) => (message.channel === 'cmd' ? [message.id[7]] : []));

describe('what is asked for while the store fails', () => {
  test('is told as rejected, not sent, and forgotten: the same id works once the store does', async () => {
    const bench = await lampOnline();
    bench.store.breakDown('saveProgress');
    await bench.command(1);
    expect(bench.takeCommands()).toMatchObject([{ ...NOT_STORED, who: '@ada', want: values({ 1: true }) }]);
    expect(sentIds(bench)).toEqual([]);
    expect(bench.commandsTold()).toEqual([]);
    bench.store.mend();
    await bench.pass(1_000);
    expect(steps(bench)).toEqual([]);
    expect(bench.stored()).toBeUndefined();
    await bench.command(1);
    expect(steps(bench)).toEqual([
      [1, created],
      [1, sent],
    ]);
    expect(sentIds(bench)).toEqual([1]);
  });

  test('is not sent once the device comes and the store works', async () => {
    const bench = await lampAway();
    bench.store.breakDown('saveProgress');
    await bench.command(1, LONG);
    bench.store.mend();
    await bench.pass(1_000);
    bench.clear();
    await bench.link();
    await bench.pass(250);
    expect(sentIds(bench)).toEqual([]);
    expect(steps(bench)).toEqual([]);
  });

  test('under an id that is open is told again as what is open, though the store cannot say', async () => {
    const bench = await lampOnline();
    await bench.command(1);
    bench.clear();
    bench.store.breakDown();
    await bench.command(1);
    expect(steps(bench)).toEqual([[1, sent]]);
  });

  test('is told so once, though two come in the same moment', async () => {
    const bench = await lampOnline();
    bench.store.breakDown('saveProgress');
    bench.ask(1);
    bench.ask(1);
    await bench.run();
    expect(bench.takeCommands()).toMatchObject([NOT_STORED]);
  });

  test.each<[string, (bench: FleetBench) => void]>([
    ['a command that the hub would have refused', (bench) => bench.ask(1, { vals: values({ 2: 101 }) })],
    ['a wish', (bench) => bench.wish({ 3: 10 }, 1)],
    ['a wish that the hub would have refused', (bench) => bench.wish({ 3: 101 }, 1)],
  ])('is told so as well where it is %s', async (_name, ask) => {
    const bench = await lampOnline();
    bench.store.breakDown('saveProgress');
    ask(bench);
    await bench.run();
    expect(bench.takeCommands()).toMatchObject([NOT_STORED]);
    bench.store.mend();
    await bench.pass(2_000);
    expect(bench.stored()).toBeUndefined();
    expect(bench.takeSent()).toEqual([]);
  });

  test('leaves a wish unknown: neither shown, nor stored, nor in the next document', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 }, 1);
    bench.state({ 3: 10 }, { dver: 1 });
    await bench.run();
    bench.clear();
    bench.store.breakDown('saveProgress');
    bench.wish({ 3: 20 }, 2);
    bench.wish({ 3: 30 }, 3);
    await bench.run();
    expect(bench.takeCommands()).toMatchObject([NOT_STORED, NOT_STORED]);
    expect(bench.told()).toMatchObject({ want: values({ 3: 10 }), wver: 1 });
    bench.store.mend();
    await bench.desire({ 3: 40 }, 4, 1);
    expect(bench.told()).toMatchObject({ want: values({ 3: 40 }), wver: 2 });
    const [record] = await bench.store.twins();
    expect(desired.decode(record?.desired as Uint8Array)).toEqual({ vals: values({ 3: 40 }), ver: 2 });
  });

  test('on top of a wish that fails to be stored is refused with it', async () => {
    const bench = await lampOnline();
    bench.store.hold();
    bench.wish({ 3: 10 }, 1);
    await bench.run();
    bench.store.letGo();
    bench.store.hold();
    await bench.run();
    bench.store.fails = (operation) => operation === 'saveProgress';
    bench.wish({ 3: 20 }, 2);
    bench.store.letGo();
    await bench.run();
    expect(steps(bench)).toEqual([
      [1, rejected],
      [2, rejected],
    ]);
    expect(bench.told()?.wver).toBe(0);
    expect(bench.takeSent()).toEqual([]);
  });

  test('is refused where the store cannot even say whether its id was used before', async () => {
    const bench = await lampOnline();
    bench.store.breakDown('command');
    await bench.command(1);
    await bench.desire({ 3: 10 }, 2);
    expect(bench.takeCommands()).toMatchObject([NOT_STORED, NOT_STORED]);
    expect(bench.takeSent()).toEqual([]);
    bench.store.mend();
    await bench.pass(1_000);
    await bench.command(1);
    expect(sentIds(bench)).toEqual([1]);
  });

  test('takes the place of nothing', async () => {
    const bench = await lampAway();
    await bench.command(1, LONG);
    await bench.desire({ 3: 10 }, 2);
    bench.clear();
    bench.store.breakDown('saveProgress');
    bench.ask(3, LONG);
    bench.wish({ 3: 20 }, 4);
    await bench.run();
    expect(steps(bench)).toEqual([
      [3, rejected],
      [4, rejected],
    ]);
    bench.store.mend();
    await bench.pass(1_000);
    expect(steps(bench)).toEqual([]);
    await bench.link();
    expect(sentIds(bench)).toEqual([1]);
    bench.state({ 3: 10 }, { dver: 1 });
    await bench.run();
    expect([bench.stored(1)?.st, bench.stored(2)?.st]).toEqual([sent, done]);
  });
});

describe('steps of what goes on while the store fails', () => {
  test('are told in their order once the store works again', async () => {
    const bench = await lampOnline();
    await bench.command(1);
    bench.clear();
    bench.store.breakDown('saveProgress');
    await bench.acked(1, ACK.accepted);
    await bench.pass(500);
    await bench.acked(1, ACK.progress, { pct: 50 });
    await bench.acked(1, ACK.done);
    expect(steps(bench)).toEqual([]);
    expect(bench.commandsTold()).toMatchObject([{ st: sent }]);
    bench.store.mend();
    await bench.pass(1_000);
    expect(steps(bench)).toEqual([
      [1, accepted],
      [1, progress],
      [1, done],
    ]);
    expect(bench.stored()?.st).toBe(done);
    expect(bench.commandsTold()).toEqual([]);
  });

  test('are told in their order also where one fails while the next has come', async () => {
    const bench = await lampOnline();
    await bench.command(1);
    bench.clear();
    bench.store.hold();
    await bench.acked(1, ACK.accepted);
    await bench.acked(1, ACK.done);
    bench.store.breakDown('saveProgress');
    bench.store.letGo();
    await bench.run();
    bench.store.mend();
    await bench.pass(1_000);
    expect(steps(bench)).toEqual([
      [1, accepted],
      [1, done],
    ]);
    expect(bench.stored()?.st).toBe(done);
  });

  test('are tried again each second, not sooner', async () => {
    const bench = await lampOnline();
    await bench.command(1);
    bench.store.breakDown('saveProgress');
    await bench.acked(1, ACK.accepted);
    const tried: number[] = [];
    bench.store.fails = (operation) => {
      if (operation === 'saveProgress') tried.push(bench.now);
      return operation === 'saveProgress';
    };
    const { now } = bench;
    for (let at = 0; at < 12; at += 1) await bench.pass(250);
    expect(tried.map((at) => at - now)).toEqual([1_000, 2_000, 3_000]);
  });

  test('are stored before what they let go is sent', async () => {
    const bench = await lampOnline();
    await bench.command(1);
    await bench.command(2, { vals: values({ 2: 5 }) });
    bench.clear();
    bench.store.breakDown('saveProgress');
    await bench.acked(1, ACK.done);
    await bench.pass(3_500);
    expect(bench.takeSent()).toEqual([]);
    bench.store.mend();
    await bench.pass(1_000);
    expect(steps(bench)).toEqual([
      [1, done],
      [2, sent],
    ]);
    expect(sentIds(bench)).toEqual([2]);
  });

  test('of a command that was to be sent are not sent, nor sent again, before they are stored', async () => {
    const bench = await lampAway();
    await bench.command(1, LONG);
    bench.clear();
    bench.store.breakDown('saveProgress');
    await bench.link();
    await bench.pass(3_500);
    await bench.away();
    await bench.link();
    expect(sentIds(bench)).toEqual([]);
    bench.store.mend();
    await bench.pass(1_000);
    expect(sentIds(bench)).toEqual([1]);
  });

  test('of a wish that is fulfilled are kept as well', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 }, 1);
    bench.clear();
    bench.store.breakDown();
    bench.state({ 3: 10 }, { dver: 1 });
    await bench.pass(5_000);
    expect(steps(bench)).toEqual([]);
    bench.store.mend();
    await bench.pass(1_000);
    expect(steps(bench)).toEqual([[1, done]]);
  });

  test('of a command that is withdrawn are kept as well', async () => {
    const bench = await lampAway();
    await bench.command(1, LONG);
    bench.clear();
    bench.store.breakDown();
    await bench.cancel(1);
    await bench.pass(5_000);
    expect(steps(bench)).toEqual([]);
    bench.store.mend();
    await bench.pass(1_000);
    expect(steps(bench)).toEqual([[1, cancelled]]);
    await bench.link();
    expect(sentIds(bench)).toEqual([]);
  });

  test('are stored when the hub is closed, if they can be', async () => {
    const bench = await lampOnline();
    await bench.command(1);
    bench.store.breakDown('saveProgress');
    await bench.acked(1, ACK.done);
    bench.store.mend();
    await bench.fleet.close(bench.now);
    expect(bench.stored()?.st).toBe(done);
  });

  test('are forgotten when the hub is killed: what was sent is asked for again, and what it says is heard', async () => {
    const before = await lampOnline();
    await before.command(1);
    before.store.breakDown('saveProgress');
    await before.acked(1, ACK.done);
    before.store.mend();
    const bench = await before.restarted();
    expect(bench.commandsTold()).toMatchObject([{ st: sent }]);
    await bench.link();
    expect(sentIds(bench)).toContain(1);
    await bench.acked(1, ACK.done);
    expect(bench.stored()?.st).toBe(done);
  });
});

describe('a store that fails', () => {
  test('is told to everybody until it works again, though nothing waits to be stored', async () => {
    const bench = await lampOnline();
    expect(bench.fleet.trouble).toBeUndefined();
    bench.store.breakDown('saveProgress');
    await bench.command(1);
    await bench.pass(5_000);
    const sentence = expect.stringContaining('cannot store anything');
    expect(bench.fleet.trouble).toEqual(sentence);
    expect(bench.takeFleetEvents().at(-1)).toMatchObject({ msg: sentence });
    expect(bench.fleetTold()).toMatchObject([{ msg: sentence }]);
    bench.store.mend();
    await bench.pass(1_100);
    expect(bench.fleet.trouble).toBeUndefined();
    expect(bench.takeFleetEvents().at(-1)).not.toHaveProperty('msg');
    expect(bench.log.map(({ line }) => line)).toContain('the store works again');
  });

  test('is tried by a write that a full disk would not take', async () => {
    const bench = await lampOnline();
    bench.store.breakDown('saveProgress');
    await bench.command(1);
    const written: unknown[] = [];
    bench.store.fails = (operation, args) => {
      if (operation === 'saveProgress') written.push(...args);
      return true;
    };
    await bench.pass(1_000);
    expect(written).toMatchObject([{ commands: [], twins: [{ device: 'lamp' }] }]);
  });

  test('keeps what waits from being sent for good: it may still be withdrawn', async () => {
    const bench = await lampAway();
    await bench.command(1, LONG);
    bench.store.breakDown('saveProgress');
    await bench.command(2);
    bench.clear();
    await bench.link();
    await bench.cancel(1);
    bench.store.mend();
    await bench.pass(1_000);
    await bench.pass(250);
    expect(steps(bench)).toEqual([[1, cancelled]]);
    expect(sentIds(bench)).toEqual([]);
  });

  test('lets what waits go on once it works again, though nothing waited to be stored', async () => {
    const bench = await lampAway();
    await bench.command(1, LONG);
    bench.store.breakDown('saveProgress');
    await bench.command(2);
    bench.store.mend();
    bench.clear();
    await bench.link();
    await bench.pass(1_000);
    await bench.pass(250);
    expect(sentIds(bench)).toEqual([1]);
  });

  test('is told though only what devices said could not be stored', async () => {
    const bench = await lampOnline();
    bench.store.breakDown();
    bench.state({ 1: true });
    await bench.pass(2_000);
    expect(bench.fleet.trouble).toEqual(expect.stringContaining('cannot store'));
    bench.store.mend();
    await bench.pass(2_000);
    expect(bench.fleet.trouble).toBeUndefined();
  });

  test.each([
    ['two copies', 2],
    ['three copies', 3],
  ])(
    'and answers late takes %s of a request for one, whatever the device does meanwhile',
    async (_name, copies) => {
      const bench = await lampAway();
      bench.store.hold();
      await bench.command(9, LONG);
      bench.store.letGo();
      bench.store.hold();
      await bench.run();
      const ask = async () => {
        const held = bench.store;
        bench.ask(1);
        await bench.run();
        return held;
      };
      for (let copy = 0; copy < copies; copy += 1) {
        await ask();
        if (copy === 0) bench.fleet.connected('lamp', bench.now);
      }
      bench.store.letGo();
      await bench.run();
      const of1 = steps(bench).filter(([id]) => id === 1);
      expect(new Set(of1.map(([, st]) => st)).size).toBe(1);
    },
  );
});

test('an outcome that nobody knows is stored like any other', async () => {
  const bench = await lampOnline();
  await bench.command(1);
  bench.clear();
  bench.store.breakDown('saveProgress');
  await bench.away();
  await bench.link('lamp', 8);
  expect(steps(bench)).toEqual([]);
  bench.store.mend();
  await bench.pass(1_000);
  expect(steps(bench)).toEqual([[1, unknown]]);
});
