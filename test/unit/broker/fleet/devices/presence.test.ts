import { describe, expect, test } from 'vitest';
import { AWAITED, status, STATUS } from '#firmware-protocol';
import { flapsOf, FLAP_WINDOW, recentLosses } from '#broker/fleet/devices/flapping.ts';
import { FleetBench } from '../fleet-bench.ts';
import { START } from '../builders.ts';

const MINUTE = 60_000;

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  await bench.pass(1_000);
  bench.clear();
  return bench;
};

/** What the timeline of the lamp says of its presence, oldest first, once it is saved. */
async function timeline(bench: FleetBench): Promise<{ state: string; why?: string; t: number }[]> {
  await bench.pass(1_000);
  const entries = await bench.store.happenings('lamp', { limit: 100 });
  return entries
    .filter(({ kind }) => kind === 'presence')
    .map(({ data, t }) => ({ ...(JSON.parse(data) as { state: string }), t }))
    .reverse();
}

describe('a device that was there when the hub stopped', () => {
  const restarted = async () => {
    const before = await lampOnline();
    await before.pass(10 * MINUTE);
    return before.restarted();
  };

  test('is awaited, since when it was there', async () => {
    const bench = await restarted();
    expect(bench.told()).toMatchObject({ st: AWAITED, since: START });
    await bench.pass(MINUTE - 1);
    expect(bench.told()?.st).toBe(AWAITED);
  });

  test('and comes back in time was never away: its timeline does not say anything', async () => {
    const bench = await restarted();
    await bench.pass(MINUTE - 1);
    await bench.online();
    expect(bench.told()).toMatchObject({ st: STATUS.online, since: START });
    await bench.pass(MINUTE);
    expect(bench.told()).toMatchObject({ st: STATUS.online, since: START });
    expect(await timeline(bench)).toEqual([{ state: 'online', t: START }]);
  });

  test('and does not come back is lost since it was last heard, and its timeline says why', async () => {
    const bench = await restarted();
    const seen = bench.told()?.seen;
    bench.clear();
    await bench.pass(MINUTE);
    expect(bench.told()).toMatchObject({ st: STATUS.lost, since: seen });
    expect(bench.takeFleetEvents()).toMatchObject([
      { devs: [{ did: 'lamp', st: STATUS.lost, since: seen }] },
    ]);
    expect(await timeline(bench)).toEqual([
      { state: 'online', t: START },
      { state: 'lost', t: seen, why: expect.stringContaining('did not come back') },
    ]);
  });

  test('and comes back after that is online since then', async () => {
    const bench = await restarted();
    await bench.pass(2 * MINUTE);
    await bench.online();
    expect(bench.told()).toMatchObject({ st: STATUS.online, since: bench.now });
  });

  test('is awaited again by a hub that stops once more', async () => {
    const bench = await (await restarted()).restarted();
    expect(bench.told()).toMatchObject({ st: AWAITED, since: START });
  });

  test('and does not come back is retained as lost, with the boot and session that it had', async () => {
    const bench = await restarted();
    expect(bench.retained.map(({ channel }) => channel)).toEqual(['status', 'desc']);
    bench.retained.splice(0);
    await bench.pass(MINUTE);
    const [retained, ...rest] = bench.retained;
    expect(rest).toEqual([]);
    expect(retained).toMatchObject({ device: 'lamp', channel: 'status' });
    const said = status.decode(retained?.payload ?? new Uint8Array());
    expect(said).toEqual({ boot: 7, sess: 1, st: STATUS.lost });
    await bench.pass(1_000);
    expect((await bench.restarted()).retained[0]?.payload).toEqual(retained?.payload);
  });
});

test.each([
  ['lost', async (bench: FleetBench) => bench.away(), STATUS.lost],
  ['gone', async (bench: FleetBench) => bench.status({ st: STATUS.bye }), STATUS.bye],
  ['asleep', async (bench: FleetBench) => bench.status({ st: STATUS.sleeping }), STATUS.sleeping],
])('a device that was %s when the hub stopped is not awaited', async (_name, leave, st) => {
  const before = await lampOnline();
  await leave(before);
  await before.pass(1_000);
  const bench = await before.restarted();
  expect(bench.told()?.st).toBe(st);
  await bench.pass(2 * MINUTE);
  expect(bench.told()?.st).toBe(st);
});

test('the timeline tells each change of presence once', async () => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  bench.status();
  bench.status({ st: STATUS.updating });
  bench.status({ st: STATUS.sleeping });
  await bench.away();
  await bench.online();
  await bench.away();
  await bench.online();
  bench.status({ st: STATUS.bye });
  await bench.away();
  expect((await timeline(bench)).map(({ state }) => state)).toEqual([
    'online',
    'updating',
    'sleeping',
    'online',
    'lost',
    'online',
    'left',
  ]);
});

describe('a device that is lost again and again', () => {
  const loseIt = async (bench: FleetBench, times: number) => {
    for (let time = 0; time < times; time += 1) {
      await bench.away();
      await bench.pass(1_000);
      await bench.link();
      await bench.pass(1_000);
    }
  };
  const flaps = (bench: FleetBench) =>
    bench.takeFleetEvents().flatMap(({ devs }) => devs.flatMap(({ flaps }) => flaps ?? []));

  test('is told to flap from the third time on, and how often', async () => {
    const bench = await lampOnline();
    await loseIt(bench, 2);
    expect(flaps(bench)).toEqual([]);
    expect(bench.told()).not.toHaveProperty('flaps');
    await loseIt(bench, 1);
    expect(flaps(bench)).toEqual([3]);
    await loseIt(bench, 2);
    expect(flaps(bench)).toEqual([4, 5]);
    expect(bench.told()?.flaps).toBe(5);
  });

  test('is told to have calmed down when that is ten minutes ago', async () => {
    const bench = await lampOnline();
    const first = bench.now;
    await loseIt(bench, 3);
    bench.clear();
    bench.now = first + FLAP_WINDOW - 1;
    await bench.run();
    expect(flaps(bench)).toEqual([]);
    await bench.pass(5_001);
    await bench.pass(100);
    expect(flaps(bench)).toEqual([0]);
    expect(bench.told()).not.toHaveProperty('flaps');
    await bench.pass(FLAP_WINDOW);
    expect(flaps(bench)).toEqual([]);
  });

  test('does not flap where it is lost less often', async () => {
    const bench = await lampOnline();
    for (let time = 0; time < 5; time += 1) {
      await loseIt(bench, 1);
      await bench.pass(5 * MINUTE);
    }
    expect(flaps(bench)).toEqual([]);
  });

  test('counts links that take over, whoever noticed the loss first', async () => {
    const bench = await lampOnline();
    for (let time = 0; time < 3; time += 1) await bench.link();
    await bench.pass(100);
    expect(flaps(bench)).toEqual([3]);
  });

  test('does not flap where it says each time that it leaves', async () => {
    const bench = await lampOnline();
    for (let time = 0; time < 4; time += 1) {
      bench.status({ st: STATUS.bye });
      await bench.away();
      await bench.link();
    }
    expect(flaps(bench)).toEqual([]);
  });
});

describe('losses', () => {
  test('count for ten minutes', () => {
    const losses = [START, START + 1, START + 2];
    expect(recentLosses(losses, START + FLAP_WINDOW - 1)).toEqual(losses);
    expect(recentLosses(losses, START + FLAP_WINDOW)).toEqual([START + 1, START + 2]);
  });

  test('are worth telling from three on', () => {
    expect([[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]].map(flapsOf)).toEqual([0, 0, 0, 3, 4]);
  });
});
