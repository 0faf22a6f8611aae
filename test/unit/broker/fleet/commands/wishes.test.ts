import { describe, expect, test } from 'vitest';
import { CODE, COMMAND, desc, desired, FLAG, TYPE, type DeviceDelta } from '#firmware-protocol';
import { FleetBench } from '../fleet-bench.ts';
import { START, values } from '../builders.ts';

const { created, sent, done, failed, rejected, cancelled } = COMMAND;

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  return bench;
};

const lampAway = async (): Promise<FleetBench> => {
  const bench = await lampOnline();
  await bench.away();
  bench.clear();
  return bench;
};

const wanted = ({ want, wver, who }: DeviceDelta = { did: '' }) => ({ want, wver, who });
const steps = (bench: FleetBench) => bench.takeCommands().map(({ id, st }) => [id[7], st]);
const storedDocument = async (bench: FleetBench) => {
  const [record] = await bench.store.twins();
  return record?.desired && desired.decode(record.desired);
};

describe('a wish', () => {
  test('is stored, told and sent with a version', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 });
    expect(bench.takeSent()).toEqual([
      { device: 'lamp', channel: 'desired', vals: values({ 3: 10 }), ver: 1 },
    ]);
    expect(wanted(bench.told())).toEqual({ want: values({ 3: 10 }), wver: 1, who: '@ada' });
    expect(await storedDocument(bench)).toEqual({ vals: values({ 3: 10 }), ver: 1 });
    const steps = bench.takeCommands();
    expect(steps).toMatchObject([
      { did: 'lamp', st: created, who: '@ada', want: values({ 3: 10 }), wver: 1, since: START },
      { did: 'lamp', st: sent, wver: 1 },
    ]);
    for (const step of steps) expect(step).not.toHaveProperty('exp');
    expect(bench.stored(200)).toMatchObject({ st: sent, wish: 1, wver: 1 });
  });

  test('is neither shown nor sent before it is stored, together with its document', async () => {
    const bench = await lampOnline();
    await bench.pass(1_000);
    bench.clear();
    bench.store.hold();
    await bench.desire({ 3: 10 });
    bench.store.letGo();
    bench.store.hold();
    await bench.pass(100);
    expect(bench.takeSent()).toEqual([]);
    expect(bench.takeCommands()).toEqual([]);
    expect(wanted(bench.told())).toEqual({ want: undefined, wver: 0, who: undefined });
    expect(bench.commandsTold()).toEqual([]);
    const done = bench.store.done.length;
    bench.store.letGo();
    await bench.run();
    expect(bench.store.done[done]).toBe('saveProgress');
    expect(bench.takeSent()).toMatchObject([{ channel: 'desired', ver: 1 }]);
    expect(wanted(bench.told())).toMatchObject({ wver: 1 });
  });

  test('on the version that stands makes the next', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 }, 1, 0);
    await bench.desire({ 3: 20 }, 2, 1);
    expect(bench.takeSent().map((message) => 'ver' in message && message.ver)).toEqual([1, 2]);
  });

  test('on one that is not stored yet has what that wished as well', async () => {
    const bench = await FleetBench.with('sign');
    bench.fleet.connected('sign', bench.now);
    const number = { type: TYPE.int, flags: FLAG.writable | FLAG.persistent };
    const props = [0, 1].map((pid) => ({ pid, key: `line${pid}`, ...number }));
    const sign = desc.encode({ proto: [1, 0], model: 'sign', fw: '1', props });
    bench.fleet.received('sign', 'desc', sign, bench.now);
    bench.wish({ 0: 10 }, 1, 0, 'sign');
    bench.wish({ 1: 20 }, 2, 1, 'sign');
    bench.wish({ 1: 30 }, 3, 0, 'sign');
    await bench.run();
    expect(bench.takeSent()).toMatchObject([
      { ver: 1, vals: values({ 0: 10 }) },
      { ver: 2, vals: values({ 0: 10, 1: 20 }) },
    ]);
    expect(bench.stored(3, 'sign')).toMatchObject({ st: rejected, code: CODE.precondition });
  });

  test('can be made while the device is away: it is sent when the device is there', async () => {
    const bench = await lampAway();
    await bench.desire({ 3: 10 });
    expect(bench.takeSent()).toMatchObject([{ channel: 'desired', ver: 1 }]);
    expect(steps(bench)).toEqual([[200, created]]);
    await bench.pass(30 * 24 * 3_600_000);
    expect(steps(bench)).toEqual([]);
    await bench.link();
    expect(steps(bench)).toEqual([[200, sent]]);
  });

  test('is sent again when the hub starts, which has forgotten what is retained', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 });
    const next = await bench.restarted();
    expect(next.takeSent()).toEqual([
      { device: 'lamp', channel: 'desired', vals: values({ 3: 10 }), ver: 1 },
    ]);
    await next.desire({ 3: 20 }, 201, 1);
    expect(wanted(next.told())).toMatchObject({ want: values({ 3: 20 }), wver: 2 });
  });

  test('is done when the device has applied its document', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 });
    bench.clear();
    bench.state({ 3: 10 }, { dver: 1 });
    await bench.run();
    expect(bench.told()).toMatchObject({ vals: values({ 3: 10 }), dver: 1, errs: new Map() });
    expect(steps(bench)).toEqual([[200, done]]);
    expect(bench.stored(200)?.st).toBe(done);
    bench.state({ 3: 11 }, { dver: 1 });
    await bench.run();
    expect(steps(bench)).toEqual([]);
  });

  test('has failed with the code that the device gives for one of its properties', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 });
    bench.clear();
    bench.state({ 3: 0 }, { dver: 1, errs: new Map([[3, CODE.internal]]) });
    await bench.run();
    expect(bench.takeCommands()).toMatchObject([{ st: failed, code: CODE.internal }]);
  });

  test('is over once the device gives the code of what came too late', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 });
    bench.clear();
    bench.state({ 3: 0 }, { dver: 1, errs: new Map([[3, CODE.expired]]) });
    await bench.run();
    expect(steps(bench)).toEqual([[200, failed]]);
    bench.state({ 3: 0 }, { dver: 1, errs: new Map([[3, CODE.expired]]) });
    await bench.run();
    expect(steps(bench)).toEqual([]);
    expect(bench.commandsTold()).toEqual([]);
  });

  test('is cancelled when a newer one takes its place', async () => {
    const bench = await lampAway();
    await bench.desire({ 3: 10 }, 1);
    bench.clear();
    await bench.desire({ 3: 20 }, 2);
    expect(bench.takeCommands()).toMatchObject([
      { st: created, wver: 2 },
      { st: cancelled, code: CODE.aborted, msg: 'a newer wish took its place' },
    ]);
    await bench.link();
    bench.state({ 3: 20 }, { dver: 2 });
    await bench.run();
    expect([bench.stored(1)?.st, bench.stored(2)?.st]).toEqual([cancelled, done]);
  });

  test('cannot be withdrawn: it is told as it stands', async () => {
    const bench = await lampAway();
    await bench.desire({ 3: 10 });
    bench.clear();
    await bench.cancel(200);
    expect(steps(bench)).toEqual([[200, created]]);
  });
});

describe('an id that was used before', () => {
  test.each([
    ['while the wish is open', {}, sent],
    ['after it is done', { dver: 1 }, done],
  ])('changes nothing: the wish is told again (%s)', async (_name, said, st) => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 });
    bench.state({ 3: 10 }, said);
    await bench.run();
    bench.clear();
    await bench.desire({ 3: 20 });
    expect(bench.takeSent()).toEqual([]);
    expect(bench.takeCommands()).toMatchObject([{ st, want: values({ 3: 10 }) }]);
    expect(wanted(bench.told())).toMatchObject({ want: values({ 3: 10 }), wver: 1 });
  });

  test('counts once even when both come in the same moment', async () => {
    const bench = await lampOnline();
    bench.wish({ 3: 10 });
    bench.wish({ 3: 10 });
    await bench.run();
    expect(bench.takeSent()).toHaveLength(1);
  });

  test('changes nothing after the hub has restarted', async () => {
    const before = await lampOnline();
    await before.desire({ 3: 10 }, 1);
    before.state({ 3: 10 }, { dver: 1 });
    await before.desire({ 3: 20 }, 2);
    const bench = await before.restarted();
    bench.clear();
    await bench.desire({ 3: 30 }, 1);
    await bench.desire({ 3: 30 }, 2);
    expect(bench.takeSent()).toEqual([]);
    expect(steps(bench)).toEqual([
      [1, done],
      [2, sent],
    ]);
  });

  test('by a command is that command, told again', async () => {
    const bench = await lampOnline();
    await bench.command(1);
    bench.clear();
    await bench.desire({ 3: 10 }, 1);
    expect(bench.takeSent()).toEqual([]);
    expect(bench.takeCommands()).toMatchObject([{ st: sent, want: values({ 1: true }) }]);
  });
});

describe('a hub that was killed', () => {
  test('knows the wishes that waited, and tells when they are fulfilled', async () => {
    const before = await lampAway();
    await before.desire({ 3: 10 });
    const bench = await before.restarted();
    expect(bench.commandsTold()).toMatchObject([{ st: created, wver: 1 }]);
    await bench.link();
    bench.state({ 3: 10 }, { dver: 1 });
    await bench.run();
    expect(steps(bench)).toEqual([
      [200, sent],
      [200, done],
    ]);
  });

  test('knows neither the wish nor its document where they had not been stored', async () => {
    const before = await lampAway();
    await before.pass(1_000);
    before.store.hold();
    await before.desire({ 3: 10 });
    const bench = await before.restarted();
    expect(bench.commandsTold()).toEqual([]);
    expect(await storedDocument(bench)).toBeNull();
    expect(bench.takeSent()).toEqual([]);
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
      { did: 'lamp', st: rejected, code, msg: expect.stringContaining(msg), who: '@ada' },
    ]);
    expect(wanted(bench.told())).toMatchObject({ want: undefined, wver: 0 });
    expect(bench.stored(200)).toMatchObject({ st: rejected, code });
    expect(bench.commandsTold()).toEqual([]);
  });

  test.each([0, 2])('when it was based on version %i and 1 stands', async (version) => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 }, 1);
    bench.clear();
    await bench.desire({ 3: 20 }, 2, version);
    expect(bench.takeSent()).toEqual([]);
    expect(bench.takeCommands()).toMatchObject([{ st: rejected, code: CODE.precondition }]);
    expect(wanted(bench.told())).toMatchObject({ want: values({ 3: 10 }), wver: 1 });
    expect(bench.stored(1)?.st).toBe(sent);
  });

  test('when all that is wanted is more than the device takes in one message', async () => {
    const bench = await FleetBench.with('sign');
    bench.fleet.connected('sign', bench.now);
    const line = { type: TYPE.text, flags: FLAG.writable | FLAG.persistent };
    const props = Array.from({ length: 20 }, (_, pid) => ({ pid, key: `line${pid}`, ...line }));
    const sign = desc.encode({ proto: [1, 0], model: 'sign', fw: '1', props, maxrx: 4_096 });
    bench.fleet.received('sign', 'desc', sign, bench.now);
    const lines = (first: number) =>
      Object.fromEntries(Array.from({ length: 10 }, (_, at) => [first + at, 'x'.repeat(250)]));
    await bench.desire(lines(0), 1, undefined, 'sign');
    bench.clear();
    await bench.desire(lines(10), 2, undefined, 'sign');
    expect(bench.takeSent()).toEqual([]);
    expect(bench.takeCommands()).toMatchObject([{ st: rejected, code: CODE.range }]);
    expect((await bench.restarted()).told('sign')).toMatchObject({ wver: 1 });
  });

  test('for a device that reports the highest version there is', async () => {
    const bench = await lampOnline();
    bench.state({ 1: true }, { dver: 0xffff_ffff });
    await bench.desire({ 3: 10 });
    expect(bench.takeCommands()).toMatchObject([
      { st: rejected, msg: expect.stringContaining('highest version') },
    ]);
  });

  test('for a device that does not exist', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 }, 200, undefined, 'nobody');
    expect(bench.takeCommands()).toMatchObject([{ did: 'nobody', code: CODE.notFound }]);
  });

  test('for a device that has not described itself', async () => {
    const bench = await FleetBench.with('lamp');
    await bench.desire({ 3: 10 });
    expect(bench.takeCommands()).toMatchObject([{ st: rejected, code: CODE.unavailable }]);
  });
});

describe('a device that has applied a document of another hub', () => {
  const foreign = async (): Promise<FleetBench> => {
    const bench = await lampAway();
    await bench.desire({ 3: 10 });
    bench.clear();
    await bench.link();
    bench.clear();
    bench.state({ 3: 77 }, { dver: 50 });
    await bench.run();
    return bench;
  };

  test('has done nothing for the wish, which it is asked for again in a document that it takes', async () => {
    const bench = await foreign();
    const sentDocuments = bench.takeSent().filter(({ channel }) => channel === 'desired');
    expect(sentDocuments).toEqual([{ device: 'lamp', channel: 'desired', vals: values({ 3: 10 }), ver: 51 }]);
    expect(bench.takeCommands()).toMatchObject([{ st: sent, wver: 51 }]);
    expect(bench.stored(200)).toMatchObject({ st: sent, wver: 51 });
    expect(await storedDocument(bench)).toEqual({ vals: values({ 3: 10 }), ver: 51 });
    bench.state({ 3: 10 }, { dver: 51 });
    await bench.run();
    expect(bench.takeCommands()).toMatchObject([{ st: done }]);
  });

  test('keeps what it reports where nobody wishes otherwise', async () => {
    const bench = await lampOnline();
    await bench.desire({ 3: 10 });
    bench.state({ 3: 10 }, { dver: 1 });
    await bench.run();
    bench.clear();
    bench.state({ 3: 77 }, { dver: 50 });
    await bench.run();
    expect(bench.takeSent().filter(({ channel }) => channel === 'desired')).toEqual([]);
    expect(bench.takeCommands()).toEqual([]);
  });
});

test('a wish that rests on a document which could not be stored yet is refused, and that document is still the last', async () => {
  const bench = await lampAway();
  await bench.desire({ 3: 10 });
  await bench.link();
  bench.store.breakDown('saveProgress');
  bench.state({ 3: 77 }, { dver: 50 });
  await bench.run();
  await bench.desire({ 3: 20 }, 201);
  bench.clear();
  bench.store.mend();
  await bench.desire({ 3: 30 }, 202);
  await bench.pass(2_000);
  expect(bench.takeSent().flatMap((message) => ('ver' in message ? [message.ver] : []))).toEqual([51, 52]);
  expect(wanted(bench.told())).toMatchObject({ want: values({ 3: 30 }), wver: 52 });
});
