import { describe, expect, test } from 'vitest';
import { evFleet, STATUS, type FleetEvent } from '#firmware-protocol';
import { FEED_INTERVAL, FleetFeed, mergeDeltas } from '#broker/fleet/feeds/fleet-feed.ts';
import { newTwin, telemetryReported } from '#broker/fleet/devices/twin.ts';
import { lamp, START, values } from '../builders.ts';

const BOOT = 9;
const reading = (did: string, pid: number, value: number) => ({ did, vals: values({ [pid]: value }) });

function flushed(feed: FleetFeed, now: number): FleetEvent | undefined {
  const payload = feed.flush(now);
  return payload && evFleet.decode(payload);
}

describe('size', () => {
  test('ten thousand changes at once come in messages that consoles accept, and none is left out', () => {
    const feed = new FleetFeed(BOOT);
    const changed = Array.from({ length: 10_000 }, (_, at) => `d${at}`);
    for (const did of changed) feed.change({ did, vals: values({ 1: 1, 2: 2, 3: 3, 4: 4, 5: 5 }) });
    const events: FleetEvent[] = [];
    for (let event = flushed(feed, START); event; event = flushed(feed, START)) events.push(event);
    expect(events.flatMap(({ devs }) => devs.map(({ did }) => did))).toEqual(changed);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
    expect(feed.dueAt()).toBeUndefined();
  });

  test('the largest values that devices may have come in more messages', () => {
    const feed = new FleetFeed(BOOT);
    const large = values(Object.fromEntries(Array.from({ length: 128 }, (_, pid) => [pid, 'é'.repeat(128)])));
    for (let at = 0; at < 200; at += 1) feed.change({ did: `d${at}`, vals: large });
    let told = 0;
    for (let event = flushed(feed, START); event; event = flushed(feed, START)) told += event.devs.length;
    expect(told).toBe(200);
  });
});

describe('interval', () => {
  test('the first change is told at once', () => {
    const feed = new FleetFeed(BOOT);
    feed.change(reading('lamp', 1, 5));
    expect(flushed(feed, START)).toEqual({ boot: BOOT, seq: 1, t: START, devs: [reading('lamp', 1, 5)] });
  });

  test('the next is told an interval later, not before', () => {
    const feed = new FleetFeed(BOOT);
    feed.change(reading('lamp', 1, 5));
    feed.flush(START);
    feed.change(reading('lamp', 1, 6));
    expect(feed.dueAt()).toBe(START + FEED_INTERVAL);
    expect(flushed(feed, START + FEED_INTERVAL - 1)).toBeUndefined();
    expect(flushed(feed, START + FEED_INTERVAL)).toMatchObject({ seq: 2, devs: [reading('lamp', 1, 6)] });
  });

  test('without changes nothing is told or due', () => {
    const feed = new FleetFeed(BOOT);
    expect(feed.dueAt()).toBeUndefined();
    expect(feed.flush(START)).toBeUndefined();
    feed.change(reading('lamp', 1, 5));
    feed.flush(START);
    expect(feed.dueAt()).toBeUndefined();
    expect(feed.flush(START + 10 * FEED_INTERVAL)).toBeUndefined();
  });

  test('messages are numbered without a gap', () => {
    const feed = new FleetFeed(BOOT);
    const seqs = [1, 2, 3].map((n) => {
      feed.change(reading('lamp', 1, n));
      return flushed(feed, START + n * FEED_INTERVAL)?.seq;
    });
    expect(seqs).toEqual([1, 2, 3]);
  });
});

describe('changes between two messages', () => {
  test('of one device become one, value by value, the later counting', () => {
    const feed = new FleetFeed(BOOT);
    feed.change({ did: 'lamp', st: STATUS.online, since: START });
    feed.change({ did: 'lamp', vals: values({ 1: 5, 2: 6 }), t: START });
    feed.change({ did: 'lamp', vals: values({ 2: 7, 3: 8 }), t: START + 1 });
    feed.change({ did: 'lamp', seen: START + 2 });
    expect(flushed(feed, START)?.devs).toEqual([
      {
        did: 'lamp',
        st: STATUS.online,
        since: START,
        vals: values({ 1: 5, 2: 7, 3: 8 }),
        t: START + 1,
        seen: START + 2,
      },
    ]);
  });

  test('of several devices stay apart', () => {
    const feed = new FleetFeed(BOOT);
    for (const did of ['a', 'b', 'c']) feed.change(reading(did, 1, 5));
    expect(flushed(feed, START)?.devs.map(({ did }) => did)).toEqual(['a', 'b', 'c']);
  });

  test('are merged without changing either', () => {
    const [before, after] = [reading('lamp', 1, 5), reading('lamp', 2, 6)];
    expect(mergeDeltas(before, after)).toEqual({ did: 'lamp', vals: values({ 1: 5, 2: 6 }) });
    expect([before, after]).toEqual([reading('lamp', 1, 5), reading('lamp', 2, 6)]);
  });

  test('never make more values than one message may have: the oldest give way', () => {
    const of = (first: number) =>
      new Map(Array.from({ length: 100 }, (_, at) => [first + at, first] as const));
    const merged = mergeDeltas({ did: 'lamp', vals: of(0) }, { did: 'lamp', vals: of(90) });
    expect(merged.vals?.size).toBe(128);
    expect([...of(90)].every(([pid, value]) => merged.vals?.get(pid) === value)).toBe(true);
  });
});

describe('devices that are gone', () => {
  test('are told, and nothing else of them', () => {
    const feed = new FleetFeed(BOOT);
    feed.change(reading('lamp', 1, 5));
    feed.remove('lamp');
    expect(flushed(feed, START)).toMatchObject({ devs: [], gone: ['lamp'] });
  });

  test('are told once', () => {
    const feed = new FleetFeed(BOOT);
    feed.remove('lamp');
    feed.flush(START);
    feed.change(reading('other', 1, 5));
    expect(flushed(feed, START + FEED_INTERVAL)).not.toHaveProperty('gone');
  });

  test('are not told when they came back meanwhile', () => {
    const feed = new FleetFeed(BOOT);
    feed.remove('lamp');
    feed.change(reading('lamp', 1, 5));
    const told = flushed(feed, START);
    expect(told).toMatchObject({ devs: [{ did: 'lamp' }] });
    expect(told).not.toHaveProperty('gone');
  });
});

describe('descriptions', () => {
  test('are told once, with the first change after them', () => {
    const feed = new FleetFeed(BOOT);
    feed.describe(lamp());
    feed.describe(lamp());
    feed.change({ did: 'a', dhash: lamp().hash });
    expect(flushed(feed, START)?.descs).toEqual([lamp().payload]);
    feed.describe(lamp());
    feed.change({ did: 'b', dhash: lamp().hash });
    expect(flushed(feed, START + FEED_INTERVAL)).not.toHaveProperty('descs');
  });

  test('that differ are told each', () => {
    const feed = new FleetFeed(BOOT);
    feed.describe(lamp('1'));
    feed.describe(lamp('2'));
    feed.change({ did: 'a' });
    expect(flushed(feed, START)?.descs).toEqual([lamp('1').payload, lamp('2').payload]);
  });
});

describe('a snapshot', () => {
  const twin = (id: string, fw?: string) => ({
    ...telemetryReported(newTwin({ id, name: id, place: '', tags: [] }), values({ 4: 5 }), START, START).twin,
    ...(fw !== undefined && { description: lamp(fw) }),
  });
  const snapshot = (feed: FleetFeed, twins: Parameters<FleetFeed['snapshot']>[0]): FleetEvent[] =>
    Array.from(feed.snapshot(twins, START), (payload) => evFleet.decode(payload));

  test('of no devices is one empty part', () => {
    expect(snapshot(new FleetFeed(BOOT), [])).toEqual([
      { boot: BOOT, seq: 0, t: START, devs: [], descs: [], part: 0, parts: 1 },
    ]);
  });

  test('tells all of every device, and each description once', () => {
    const [part] = snapshot(new FleetFeed(BOOT), [twin('a', '1'), twin('b', '1'), twin('c', '2')]);
    expect(part?.devs.map(({ did, vals }) => [did, vals])).toEqual(
      ['a', 'b', 'c'].map((did) => [did, values({ 4: 5 })]),
    );
    expect(part?.devs[0]?.dhash).toEqual(lamp('1').hash);
    expect(part?.descs).toEqual([lamp('1').payload, lamp('2').payload]);
  });

  test('comes in parts of 500 devices, all with the same number', () => {
    const feed = new FleetFeed(BOOT);
    feed.change({ did: 'd0' });
    feed.flush(START);
    const parts = snapshot(
      feed,
      Array.from({ length: 1_001 }, (_, at) => twin(`d${at}`, '1')),
    );
    expect(
      parts.map(({ devs, part, parts, seq, descs }) => [devs.length, part, parts, seq, descs?.length]),
    ).toEqual([
      [500, 0, 3, 1, 1],
      [500, 1, 3, 1, 0],
      [1, 2, 3, 1, 0],
    ]);
    expect(new Set(parts.flatMap(({ devs }) => devs.map(({ did }) => did))).size).toBe(1_001);
  });

  test('is the same for all who ask before the next message is due, and made once', () => {
    const feed = new FleetFeed(BOOT);
    const first = [...feed.snapshot([twin('a')], START)];
    feed.change({ did: 'b' });
    const second = [...feed.snapshot([twin('a'), twin('b')], START + FEED_INTERVAL - 1)];
    expect(second[0]).toBe(first[0]);
    expect(flushed(feed, START + FEED_INTERVAL)).toMatchObject({ seq: 1, devs: [{ did: 'b' }] });
  });

  test.each([
    ['after a message has told of a change', (feed: FleetFeed) => feed.flush(START), START],
    ['when the next message would be due', () => undefined, START + FEED_INTERVAL],
    ['when the clock was set back', () => undefined, START - 1],
  ])('is made anew %s', (_when, happens, now) => {
    const feed = new FleetFeed(BOOT);
    const old = feed.snapshot([twin('a')], START);
    feed.change({ did: 'b' });
    happens(feed);
    const [part] = Array.from(feed.snapshot([twin('a'), twin('b')], now), (payload) =>
      evFleet.decode(payload),
    );
    expect(part?.devs.map(({ did }) => did)).toEqual(['a', 'b']);
    expect([...old]).toHaveLength(1);
  });

  test('is of the moment in which it was asked for, whenever its parts are', () => {
    const feed = new FleetFeed(BOOT);
    const asked = feed.snapshot([twin('a')], START);
    feed.change({ did: 'b' });
    feed.flush(START);
    expect(Array.from(asked, (payload) => evFleet.decode(payload))).toMatchObject([
      { seq: 0, t: START, devs: [{ did: 'a' }] },
    ]);
  });

  test('leaves what is to be told to others as it was', () => {
    const feed = new FleetFeed(BOOT);
    feed.describe(lamp());
    feed.change({ did: 'a' });
    snapshot(feed, [twin('a', '1')]);
    expect(flushed(feed, START)).toMatchObject({ seq: 1, devs: [{ did: 'a' }], descs: [lamp().payload] });
  });
});
