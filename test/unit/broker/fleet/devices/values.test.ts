import { describe, expect, test } from 'vitest';
import { ProtocolError, type Value } from '#firmware-protocol';
import { FleetBench } from '../fleet-bench.ts';
import { START, values } from '../builders.ts';

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  return bench;
};

describe('values', () => {
  test('of state and telemetry are told together, as they changed', async () => {
    const bench = await lampOnline();
    bench.state({ 1: true, 2: 50 }, { ver: 42 });
    bench.tele({ vals: values({ 4: 7.5 }) });
    await bench.pass(100);
    expect(bench.takeFleetEvents()).toMatchObject([
      { devs: [{ did: 'lamp', vals: values({ 1: true, 2: 50, 4: 7.5 }), ver: 42 }] },
    ]);
    bench.tele({ vals: values({ 4: 8.5 }) });
    await bench.pass(100);
    expect(bench.takeFleetEvents()).toMatchObject([{ devs: [{ vals: values({ 4: 8.5 }) }] }]);
    expect(bench.told()?.vals).toEqual(values({ 1: true, 2: 50, 4: 8.5 }));
  });

  test('that the description does not allow are dropped, and the others kept', async () => {
    const bench = await lampOnline();
    bench.state({ 1: 'on', 2: 50, 99: 1 });
    expect(bench.told()?.vals).toEqual(values({ 2: 50 }));
    expect(bench.log).toEqual([{ level: 'warn', line: expect.stringContaining('lamp reported') }]);
  });

  test.each<[string, (bench: FleetBench, vals: Record<number, Value>) => void]>([
    ['telemetry', (bench, vals) => bench.tele({ vals: values(vals) })],
    ['a batch', (bench, vals) => bench.tele({ batch: [[0, values(vals)]] })],
    ['an acknowledgement', (bench, vals) => bench.ack(77, 1, { vals: values(vals) })],
  ])('are checked in %s as well', async (_name, report) => {
    const bench = await lampOnline();
    report(bench, { 2: 101, 4: 7.5 });
    expect(bench.told()?.vals).toEqual(values({ 4: 7.5 }));
  });

  test('may be "no reading"', async () => {
    const bench = await lampOnline();
    bench.tele({ vals: values({ 4: null }) });
    expect(bench.told()?.vals).toEqual(values({ 4: null }));
  });

  test('that come twice count once', async () => {
    const bench = await lampOnline();
    bench.tele({ seq: 500, vals: values({ 4: 1.5 }) });
    bench.tele({ seq: 500, vals: values({ 4: 2.5 }) });
    expect(bench.told()?.vals).toEqual(values({ 4: 1.5 }));
  });

  test('of a batch count in their order', async () => {
    const bench = await lampOnline();
    bench.tele({
      batch: [
        [-2_000, values({ 1: true, 4: 1.5 })],
        [-1_000, values({ 4: 2.5 })],
      ],
    });
    expect(bench.told()).toMatchObject({ vals: values({ 1: true, 4: 2.5 }), t: START - 1_000 });
  });

  test('of a batch that comes twice count once', async () => {
    const bench = await lampOnline();
    bench.tele({ seq: 500, batch: [[0, values({ 4: 1.5 })]] });
    bench.tele({ seq: 500, batch: [[0, values({ 4: 2.5 })]] });
    expect(bench.told()?.vals).toEqual(values({ 4: 1.5 }));
  });
});

describe('time', () => {
  test.each([
    ['receipt', 0, START],
    ['before it', -5_000, START - 5_000],
    ['a clock of its own', START - 60_000, START - 60_000],
    ['a clock that is ahead counts as receipt', START + 60_000, START],
  ])('of values: %s', async (_name, t, expected) => {
    const bench = await lampOnline();
    bench.state({ 2: 5 }, { t });
    expect(bench.told()?.t).toBe(expected);
  });

  test('that is neither absolute nor relative is refused, and nothing has changed', async () => {
    const bench = await lampOnline();
    expect(() => bench.state({ 2: 5 }, { t: 1_000 })).toThrow(ProtocolError);
    expect(() => bench.tele({ t: 1_000, vals: values({ 4: 1.5 }) })).toThrow('tele.t: must be Unix time');
    expect(bench.told()?.vals).toEqual(values({}));
  });

  test.each([
    ['in the future', Number.MAX_SAFE_INTEGER, START],
    ['before 1970', Number.MIN_SAFE_INTEGER, 0],
  ])('of a sample %s cannot stop the feed', async (_name, offset, expected) => {
    const bench = await lampOnline();
    bench.tele({ t: START, batch: [[offset, values({ 4: 1.5 })]] });
    await bench.pass(100);
    expect(bench.takeFleetEvents()).toMatchObject([{ devs: [{ t: expected, vals: values({ 4: 1.5 }) }] }]);
  });
});

test('a device that has not described itself cannot stop the feed by how much it tells', async () => {
  const bench = await FleetBench.with('lamp');
  bench.fleet.connected('lamp', bench.now);
  const half = (first: number) =>
    new Map(Array.from({ length: 128 }, (_, at) => [first + at, true] as const));
  bench.tele({ vals: half(0) });
  bench.tele({ vals: half(128) });
  await bench.pass(1_000);
  expect(bench.takeFleetEvents()).toMatchObject([{ devs: [{ vals: half(128) }] }]);
  expect(await bench.store.twins()).toHaveLength(1);
});

test('bytes that are no message are refused, and nothing has changed', async () => {
  const bench = await lampOnline();
  for (const channel of ['status', 'desc', 'state', 'tele', 'ack'] as const) {
    expect(() => bench.fleet.received('lamp', channel, new Uint8Array([0xff]), bench.now)).toThrow(
      ProtocolError,
    );
  }
  await bench.pass(100);
  expect(bench.takeFleetEvents()).toEqual([]);
});
