import { describe, expect, test } from 'vitest';
import { ACK, CODE, COMMAND } from '#firmware-protocol';
import type { BatchStep, Order } from '#broker/fleet/batches/ports.ts';
import type { BatchRecord } from '#broker/store/commands.ts';
import { FleetBench } from '../fleet-bench.ts';
import { hex, id8, requestOn, START, values } from '../builders.ts';

const { created, sent, accepted, progress, done, rejected, expired, timedOut, cancelled } = COMMAND;

const BATCH: BatchRecord = {
  id: '00000000000000b1',
  who: '@ada',
  name: 'lights on',
  request: '{}',
  st: 0,
  t: START,
  createdAt: START,
  msg: null,
};

const order = (device: string, last: number, wait = false): Order => ({
  device,
  request: requestOn(last, { wait }),
});
const wishOrder = (device: string, last: number): Order => ({
  device,
  wish: { id: id8(last), vals: values({ 3: 10 }) },
});
const refusedOrder = (device: string, last: number): Order => ({
  device,
  id: id8(last),
  refusal: { code: CODE.notFound, msg: 'the device has no property "glow"' },
});

/** Two lamps that are there, one that is not, and what a batch hears of its commands. */
async function lamps(): Promise<{
  bench: FleetBench;
  heard: BatchStep[];
  count: () => Record<number, number>;
}> {
  const bench = await FleetBench.with('a', 'b', 'c');
  for (const id of ['a', 'b', 'c']) await bench.online(id);
  await bench.away('c');
  bench.clear();
  return { bench, ...listen(bench) };
}

function listen(bench: FleetBench) {
  const heard: BatchStep[] = [];
  bench.fleet.orders.onStep((step) => void heard.push(step));
  /** How many commands are in each state, counted as a batch does: by where each step comes from and leads to. */
  const count = () => {
    const tally: Record<number, number> = {};
    for (const { from, st } of heard) {
      if (from !== undefined) tally[from] = (tally[from] ?? 0) - 1;
      tally[st] = (tally[st] ?? 0) + 1;
    }
    return Object.fromEntries(Object.entries(tally).filter(([, n]) => n !== 0));
  };
  return { heard, count };
}

const steps = (bench: FleetBench) => bench.takeCommands().map(({ did, st }) => [did, st]);
const sentTo = (bench: FleetBench) =>
  bench
    .takeSent()
    .flatMap(({ device, channel }) => (channel === 'cmd' || channel === 'desired' ? [device] : []));

const begin = (bench: FleetBench, ...orders: Order[]) =>
  bench.fleet.orders.begin(BATCH, orders, '@ada', bench.now);

async function release(
  bench: FleetBench,
  devices: readonly string[],
  { ttl = 10_000, wait = true } = {},
): Promise<void> {
  bench.fleet.orders.release(BATCH.id, devices, { ttl, wait }, bench.now);
  await bench.run();
}

describe('begun', () => {
  test('is a batch with all of its commands, at once, told, and none of them sent', async () => {
    const { bench, heard } = await lamps();
    await begin(bench, order('a', 1), wishOrder('b', 2), refusedOrder('c', 3));
    expect(heard).toEqual([
      { batch: BATCH.id, device: 'a', id: hex(id8(1)), from: undefined, st: created, t: START },
      { batch: BATCH.id, device: 'b', id: hex(id8(2)), from: undefined, st: created, t: START },
      { batch: BATCH.id, device: 'c', id: hex(id8(3)), from: undefined, st: rejected, t: START },
    ]);
    const told = bench.takeCommands();
    expect(told.map(({ did, st, bid }) => [did, st, bid && hex(bid)])).toEqual([
      ['a', created, BATCH.id],
      ['b', created, BATCH.id],
      ['c', rejected, BATCH.id],
    ]);
    for (const step of told) expect(step).not.toHaveProperty('exp');
    expect(await bench.store.batch(BATCH.id)).toMatchObject({ name: 'lights on' });
    expect(bench.stored(3, 'c')).toMatchObject({ st: rejected, code: CODE.notFound, batch: BATCH.id });
    await bench.pass(3_600_000);
    expect(sentTo(bench)).toEqual([]);
    expect(bench.commandsTold()).toHaveLength(2);
  });

  test('is nothing where it cannot be stored', async () => {
    const { bench, heard } = await lamps();
    bench.store.breakDown('saveProgress');
    await expect(begin(bench, order('a', 1))).rejects.toThrow('disk is full');
    expect(heard).toEqual([]);
    expect(bench.takeCommands()).toEqual([]);
    bench.store.mend();
    await release(bench, ['a']);
    expect(sentTo(bench)).toEqual([]);
    expect(await bench.store.batch(BATCH.id)).toBeUndefined();
  });
});

describe('released', () => {
  test('is only whose turn has come: the time of each begins then', async () => {
    const { bench, heard } = await lamps();
    await begin(bench, order('a', 1), order('b', 2));
    await bench.pass(60_000);
    heard.splice(0);
    bench.clear();
    await release(bench, ['a']);
    expect(sentTo(bench)).toEqual(['a']);
    expect(bench.takeCommands()).toMatchObject([{ did: 'a', st: sent, exp: bench.now + 10_000 }]);
    expect(heard).toMatchObject([{ device: 'a', from: created, st: sent, t: bench.now }]);
    await bench.acked(1, ACK.done, {}, 'a');
    await release(bench, ['b']);
    expect(sentTo(bench)).toEqual(['b']);
  });

  test('is refused where the device is away and the command may not wait', async () => {
    const { bench, count } = await lamps();
    await begin(bench, order('c', 1));
    await release(bench, ['c']);
    expect(bench.stored(1, 'c')).toMatchObject({ st: rejected, code: CODE.unavailable });
    expect(count()).toEqual({ [rejected]: 1 });
  });

  test('waits where it may, with its end stored and told', async () => {
    const { bench, count } = await lamps();
    await begin(bench, order('c', 1, true));
    bench.clear();
    await release(bench, ['c']);
    expect(bench.takeCommands()).toMatchObject([{ did: 'c', st: created, exp: START + 10_000 }]);
    expect(bench.stored(1, 'c')).toMatchObject({ st: created, exp: START + 10_000 });
    expect(count()).toEqual({ [created]: 1 });
    await bench.pass(10_000);
    expect(count()).toEqual({ [expired]: 1 });
  });

  test('twice is released once', async () => {
    const { bench } = await lamps();
    await begin(bench, order('a', 1));
    await release(bench, ['a', 'a']);
    await release(bench, ['a']);
    expect(sentTo(bench)).toEqual(['a']);
  });

  test('goes behind what the device has not answered, one at a time', async () => {
    const { bench } = await lamps();
    await bench.command(9, { vals: values({ 2: 5 }) }, 'a');
    bench.clear();
    await begin(bench, order('a', 1));
    await release(bench, ['a']);
    expect(sentTo(bench)).toEqual([]);
    await bench.acked(9, ACK.accepted, {}, 'a');
    expect(sentTo(bench)).toEqual(['a']);
  });

  test('is a wish whose device is away: it stays wanted when the batch waits no longer', async () => {
    const { bench, count } = await lamps();
    await begin(bench, wishOrder('c', 1));
    await release(bench, ['c']);
    expect(bench.told('c')).toMatchObject({ want: values({ 3: 10 }), wver: 1, who: '@ada' });
    await bench.pass(9_999);
    expect(count()).toEqual({ [created]: 1 });
    await bench.pass(250);
    expect(count()).toEqual({ [timedOut]: 1 });
    expect(bench.told('c')?.wver).toBe(1);
    await bench.online('c');
    bench.state({ 3: 10 }, { dver: 1 }, 'c');
    await bench.run();
    expect(count()).toEqual({ [done]: 1 });
  });

  test('is refused as a wish that cannot be stored, which is stored once it can', async () => {
    const { bench, count } = await lamps();
    await begin(bench, wishOrder('a', 1));
    bench.store.breakDown('saveProgress');
    await release(bench, ['a']);
    expect(count()).toEqual({ [created]: 1 });
    bench.store.mend();
    await bench.pass(1_000);
    expect(count()).toEqual({ [rejected]: 1 });
    expect(bench.stored(1, 'a')).toMatchObject({ st: rejected, code: CODE.internal });
    expect(bench.told('a')?.wver).toBe(0);
  });
});

describe('a wish that a batch waits for no longer', () => {
  const late = async () => {
    const lampsOf = await lamps();
    await begin(lampsOf.bench, wishOrder('c', 1));
    await release(lampsOf.bench, ['c']);
    await lampsOf.bench.pass(10_250);
    lampsOf.bench.clear();
    return lampsOf;
  };

  test('is not taken for done when the device has applied another that took its place', async () => {
    const { bench, count } = await late();
    await bench.desire({ 3: 20 }, 2, undefined, 'c');
    await bench.online('c');
    bench.state({ 3: 20 }, { dver: 2 }, 'c');
    await bench.run();
    expect(bench.stored(2, 'c')?.st).toBe(done);
    expect(bench.stored(1, 'c')?.st).toBe(timedOut);
    expect(count()).toEqual({ [timedOut]: 1 });
  });

  test('is told to be done when the device has applied it, once', async () => {
    const { bench, count } = await late();
    await bench.online('c');
    for (let time = 0; time < 2; time += 1) {
      bench.state({ 3: 10 }, { dver: 1 }, 'c');
      await bench.run();
    }
    expect(count()).toEqual({ [done]: 1 });
  });
});

describe('withdrawn', () => {
  test('is what has not been sent; what was sent goes on', async () => {
    const { bench, count } = await lamps();
    await begin(bench, order('a', 1), order('b', 2), wishOrder('c', 3));
    await release(bench, ['a']);
    bench.clear();
    bench.fleet.orders.withdraw(BATCH.id, 'the batch was ended', bench.now);
    await bench.run();
    expect(bench.takeCommands()).toMatchObject([
      { did: 'b', st: cancelled, code: CODE.aborted, msg: 'the batch was ended' },
      { did: 'c', st: cancelled, code: CODE.aborted },
    ]);
    await bench.acked(1, ACK.done, {}, 'a');
    expect(count()).toEqual({ [done]: 1, [cancelled]: 2 });
    await release(bench, ['b', 'c']);
    expect(sentTo(bench)).toEqual([]);
  });

  test('leaves alone what was asked for otherwise', async () => {
    const { bench } = await lamps();
    await bench.command(9, { wait: true, ttl: 60_000 }, 'c');
    await begin(bench, order('a', 1));
    bench.fleet.orders.withdraw(BATCH.id, 'the batch was ended', bench.now);
    await bench.run();
    expect(bench.stored(9, 'c')?.st).toBe(created);
  });
});

describe('steps are counted', () => {
  test('from where each comes, also when several are stored at once', async () => {
    const { bench, heard, count } = await lamps();
    await begin(bench, order('a', 1));
    await release(bench, ['a']);
    heard.splice(0);
    bench.ack(1, ACK.accepted, {}, 'a');
    bench.ack(1, ACK.progress, { pct: 1 }, 'a');
    bench.ack(1, ACK.progress, { pct: 2 }, 'a');
    bench.ack(1, ACK.done, {}, 'a');
    await bench.run();
    expect(heard.map(({ from, st }) => [from, st])).toEqual([
      [sent, accepted],
      [accepted, progress],
      [progress, done],
    ]);
    expect(count()).toEqual({ [sent]: -1, [done]: 1 });
  });

  test('with answers that come late, once each', async () => {
    const { bench, count } = await lamps();
    await begin(bench, order('a', 1), order('b', 2));
    await release(bench, ['a', 'b']);
    await bench.pass(10_000);
    expect(count()).toEqual({ [timedOut]: 2 });
    for (let copy = 0; copy < 3; copy += 1) bench.ack(1, ACK.done, {}, 'a');
    await bench.run();
    expect(count()).toEqual({ [timedOut]: 1, [done]: 1 });
  });

  test('by a hub that was started again as by the one before', async () => {
    const before = await lamps();
    await before.bench.pass(1_000);
    await begin(before.bench, order('a', 1), order('b', 2), wishOrder('c', 3));
    await release(before.bench, ['a']);
    const bench = await before.bench.restarted();
    const { heard } = listen(bench);
    await bench.link('a');
    await bench.link('b');
    await bench.acked(1, ACK.done, {}, 'a');
    await release(bench, ['b', 'c']);
    await bench.pass(10_000);
    expect(heard.map(({ device, from, st }) => [device, from, st])).toEqual([
      ['a', sent, done],
      ['b', created, sent],
      ['b', sent, timedOut],
      ['c', created, timedOut],
    ]);
    expect(steps(bench).length).toBeGreaterThan(0);
  });
});

describe('a wish whose turn comes', () => {
  test('is refused where its device has gone and nobody is to wait for it: nothing of it is wanted', async () => {
    const { bench, count } = await lamps();
    await begin(bench, wishOrder('b', 2));
    await bench.away('b');
    await release(bench, ['b'], { wait: false });
    expect(count()).toEqual({ [rejected]: 1 });
    expect(bench.stored(2, 'b')).toMatchObject({ st: rejected, code: CODE.unavailable });
    expect(bench.told('b')?.want).toBeUndefined();
  });

  test('is told after its time as well, also by a hub that has started again', async () => {
    const { bench } = await lamps();
    await begin(bench, wishOrder('c', 3));
    await release(bench, ['c'], { ttl: 1_000 });
    await bench.pass(2_000);
    expect(bench.stored(3, 'c')).toMatchObject({ st: timedOut });
    const next = await bench.restarted();
    const { count } = listen(next);
    await next.link('c');
    next.state({ 3: 10 }, { dver: 1 }, 'c');
    await next.run();
    expect(next.stored(3, 'c')).toMatchObject({ st: done });
    expect(count()).toEqual({ [timedOut]: -1, [done]: 1 });
  });

  test('is not taken up again where something else is wanted since', async () => {
    const { bench } = await lamps();
    await begin(bench, wishOrder('c', 3));
    await release(bench, ['c'], { ttl: 1_000 });
    await bench.pass(2_000);
    await bench.desire({ 3: 20 }, 200, undefined, 'c');
    const next = await bench.restarted();
    await next.link('c');
    next.state({ 3: 20 }, { dver: 2 }, 'c');
    await next.run();
    expect(next.stored(3, 'c')).toMatchObject({ st: timedOut });
    expect(next.stored(200, 'c')).toMatchObject({ st: done });
  });
});

test('a device that was removed leaves nothing open', async () => {
  const { bench, heard } = await lamps();
  await begin(bench, order('a', 1), order('b', 2));
  await bench.store.removeDevice('a');
  bench.fleet.registered(await bench.store.devices());
  heard.length = 0;
  await release(bench, ['a', 'b']);
  expect(heard.map(({ device }) => device)).toEqual(['b']);
});
