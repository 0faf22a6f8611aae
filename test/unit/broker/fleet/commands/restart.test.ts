import { describe, expect, test } from 'vitest';
import { ACK, COMMAND } from '#firmware-protocol';
import { FleetBench } from '../fleet-bench.ts';
import { START, values } from '../builders.ts';

const { created, sent, accepted, progress, done, failed, rejected, expired, timedOut, unknown, cancelled } =
  COMMAND;
const LONG = { wait: true, ttl: 3_600_000 };

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  return bench;
};

/** Brings command 1 into a state. */
const INTO: Readonly<Record<number, (bench: FleetBench) => Promise<unknown>>> = {
  [created]: async (bench) => {
    await bench.away();
    await bench.command(1, LONG);
  },
  [sent]: (bench) => bench.command(1),
  [accepted]: async (bench) => {
    await bench.command(1);
    await bench.acked(1, ACK.accepted);
  },
  [progress]: async (bench) => {
    await bench.command(1);
    await bench.acked(1, ACK.progress, { pct: 30 });
  },
  [done]: async (bench) => {
    await bench.command(1);
    await bench.acked(1, ACK.done);
  },
  [failed]: async (bench) => {
    await bench.command(1);
    await bench.acked(1, ACK.failed);
  },
  [rejected]: (bench) => bench.command(1, { vals: values({ 2: 101 }) }),
  [expired]: async (bench) => {
    await bench.away();
    await bench.command(1, { wait: true, ttl: 1_000 });
    await bench.pass(1_250);
  },
  [timedOut]: async (bench) => {
    await bench.command(1);
    await bench.pass(10_000);
  },
  [unknown]: async (bench) => {
    await bench.command(1);
    await bench.away();
    await bench.online('lamp', 8);
  },
  [cancelled]: async (bench) => {
    await bench.away();
    await bench.command(1, LONG);
    await bench.cancel(1);
  },
};

/** A hub that was killed with command 1 in a state, and has started again. */
async function restartedIn(st: number): Promise<FleetBench> {
  const before = await lampOnline();
  await INTO[st]?.(before);
  expect(before.stored()?.st).toBe(st);
  return before.restarted();
}

const steps = (bench: FleetBench) => bench.takeCommands().map(({ st }) => st);
const sentIds = (bench: FleetBench) =>
  bench.takeSent().flatMap((message) => (message.channel === 'cmd' ? [message.id[7]] : []));

describe.each([created, sent, accepted, progress])('a hub that was killed with a command at %i', (st) => {
  test('tells it as it stands', async () => {
    const bench = await restartedIn(st);
    expect(bench.commandsTold()).toMatchObject([{ st, who: '@ada', since: START }]);
  });

  test('sends it when the same boot comes back, and hears what becomes of it', async () => {
    const bench = await restartedIn(st);
    expect(sentIds(bench)).toEqual([]);
    await bench.link();
    expect(sentIds(bench)).toContain(1);
    await bench.acked(1, ACK.done);
    expect(bench.stored()?.st).toBe(done);
  });

  test('knows its id', async () => {
    const bench = await restartedIn(st);
    await bench.command(1, { vals: values({ 1: false }) });
    expect(bench.takeCommands()).toMatchObject([{ st, want: values({ 1: true }) }]);
  });
});

describe.each([sent, accepted, progress])('a hub that was killed with a command at %i', (st) => {
  test('does not send it to another boot: its outcome is unknown', async () => {
    const bench = await restartedIn(st);
    await bench.link('lamp', 8);
    expect(sentIds(bench)).toEqual([]);
    expect(steps(bench)).toEqual([unknown]);
  });

  test('ends it when the device does not come back', async () => {
    const bench = await restartedIn(st);
    await bench.pass(60_000);
    expect(steps(bench)).toEqual([st === sent ? timedOut : unknown]);
  });
});

describe.each([done, failed, rejected, expired, timedOut, unknown, cancelled])(
  'a hub that was killed with a command at %i',
  (st) => {
    test('has nothing open, sends nothing, and knows its id', async () => {
      const bench = await restartedIn(st);
      expect(bench.commandsTold()).toEqual([]);
      await bench.link();
      await bench.pass(5_000);
      expect(sentIds(bench)).toEqual([]);
      await bench.command(1, { vals: values({ 1: false }) });
      expect(sentIds(bench)).toEqual([]);
      expect(steps(bench)).toEqual([st]);
    });
  },
);

describe('a hub that was killed while it stored', () => {
  test.each([
    ['before anything of it was', 0, undefined],
    ['after it was', 9, created],
  ])('a request, %s: nothing was told or sent', async (_name, stillDone, st) => {
    const before = await lampOnline();
    await before.pass(1_000);
    before.clear();
    before.store.hold();
    await before.command(1);
    before.store.letGo();
    before.store.hold();
    await before.run();
    const bench = await before.restarted(stillDone);
    expect(before.takeCommands()).toEqual([]);
    expect(sentIds(before)).toEqual([]);
    expect(bench.commandsTold()).toMatchObject(st === undefined ? [] : [{ st: sent }]);
    await bench.link();
    expect(sentIds(bench).length > 0).toBe(st !== undefined);
  });
});

test('a command whose place was taken is over, wherever the hub was killed', async () => {
  const before = await lampOnline();
  await before.away();
  await before.pass(1_000);
  await before.command(1, LONG);
  before.store.hold();
  await before.command(2, LONG);
  before.store.letGo();
  before.store.hold();
  await before.run();
  const bench = await before.restarted(1);
  expect([bench.stored(1)?.st, bench.stored(2)?.st]).toEqual([cancelled, created]);
  expect(bench.commandsTold()).toMatchObject([{ st: created }]);
});

test('commands that wait keep their order', async () => {
  const before = await lampOnline();
  await before.away();
  for (const last of [5, 3, 4]) {
    await before.command(last, { ...LONG, vals: undefined, op: 9, args: [1] });
  }
  const bench = await before.restarted();
  bench.clear();
  await bench.link();
  for (const last of [5, 3, 4]) {
    expect(sentIds(bench)[0]).toBe(last);
    await bench.acked(last, ACK.done);
  }
});

test('a command that waits expires while the hub is down', async () => {
  const before = await lampOnline();
  await before.away();
  await before.command(1, LONG);
  before.now += 3_600_000;
  const bench = await before.restarted();
  await bench.link();
  expect(sentIds(bench)).toEqual([]);
  expect(steps(bench)).toEqual([expired]);
});
