import { setImmediate as nextTurn, setTimeout as pass } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { limitsSchema } from '#broker/config/limits.ts';
import { Inbox, type Way } from '#broker/links/inbox.ts';
import { LinkCounts } from '#broker/links/link-counts.ts';
import { Allowances } from '#broker/links/rates/allowance.ts';
import type { Hold, RateLimits } from '#broker/links/rates/meter.ts';
import { PACKETS_A_TURN, Pace } from '#broker/links/rates/pace.ts';
import { Turns } from '#broker/links/rates/turns.ts';
import { PACKET } from '#broker/links/reader/packet-type.ts';
import type { Violation } from '#broker/links/reader/violation.ts';
import { bytesOf, connectPacket } from '../../../support/raw-client.ts';

const CONNECT = bytesOf(connectPacket({ clientId: 'any' }));
const publish = (payload: string): Buffer =>
  bytesOf({ cmd: 'publish', topic: 'a', payload, qos: 0, dup: false, retain: false });
const publishes = (count: number): Buffer =>
  Buffer.concat(Array.from({ length: count }, (_, at) => publish(String(at))));

/** An inbox, and what it does to its link. */
class Bench {
  readonly counts = new LinkCounts();
  /** Payloads that were taken. */
  readonly taken: string[] = [];
  readonly passed: Buffer[] = [];
  readonly refused: Violation[] = [];
  readonly failed: unknown[] = [];
  readonly held: Hold[] = [];
  paused = false;
  way: (payload: string) => Way = () => 'on';
  readonly inbox: Inbox;

  constructor(rates: Partial<RateLimits> = {}) {
    const limits = limitsSchema.parse(rates);
    this.inbox = new Inbox({
      bounds: limits,
      pace: new Pace(new Allowances(limits).open('192.0.2.1'), new Turns(), () => 1),
      counts: this.counts,
      pause: () => (this.paused = true),
      resume: () => (this.paused = false),
      pass: (packets) => void this.passed.push(packets),
      refuse: (violation) => void this.refused.push(violation),
      domain: { fail: (error) => void this.failed.push(error) },
    });
    this.inbox.read((packet, type) => {
      if (type === PACKET.CONNECT) return 'on, and wait';
      const payload = packet.toString('utf8', 5);
      this.taken.push(payload);
      return this.way(payload);
    });
    this.inbox.whenHeld((hold) => this.held.push(hold));
  }

  /** One that has been let in, in an earlier turn. */
  static async connected(rates?: Partial<RateLimits>): Promise<Bench> {
    const bench = new Bench(rates);
    bench.inbox.push(CONNECT);
    bench.inbox.proceed();
    await nextTurn();
    return bench;
  }

  /** Lets the loop turn until so many were taken. */
  async took(count: number): Promise<void> {
    while (this.taken.length < count) await nextTurn();
  }
}

const numbers = (count: number): string[] => Array.from({ length: count }, (_, at) => String(at));

describe('what comes at once', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await Bench.connected();
  });

  test('is read in turns, in order', async () => {
    bench.inbox.push(publishes(900));
    expect(bench.taken).toHaveLength(PACKETS_A_TURN);
    await bench.took(900);
    expect(bench.taken).toEqual(numbers(900));
  });

  test('has the socket read no further where much of it waits', async () => {
    bench.inbox.push(publishes(1_000));
    expect(bench.paused).toBe(false);
    bench.inbox.push(publishes(3_000));
    expect(bench.paused).toBe(true);
    await bench.took(4_000);
    expect(bench.paused).toBe(false);
  });

  test('is never much more than that, however long and fast it comes', async () => {
    const chunk = publishes(3_000);
    let [sent, most] = [0, 0];
    while (bench.taken.length < 20_000) {
      if (!bench.paused) {
        bench.inbox.push(chunk);
        sent += 3_000;
      }
      most = Math.max(most, sent - bench.taken.length);
      await nextTurn();
    }
    expect(most).toBeLessThan(2 * 3_000);
  });

  test('counts once for its rates, though it waited', async () => {
    bench = await Bench.connected({ linkPacketRate: 1_500 });
    for (const payload of numbers(1_400)) bench.inbox.push(publish(payload));
    await bench.took(1_400);
    expect(bench.held).toEqual([]);
  });

  test('lets timers have their turn', async () => {
    bench.inbox.push(publishes(5_000));
    let takenByThen = Infinity;
    await pass(1).then(() => (takenByThen = bench.taken.length));
    expect(takenByThen).toBeLessThan(5_000);
    await bench.took(5_000);
  });

  test('is in order with what comes behind it', async () => {
    const all = publishes(700);
    bench.inbox.push(all.subarray(0, 1_000));
    bench.inbox.push(all.subarray(1_000, 1_003));
    bench.inbox.push(all.subarray(1_003));
    await bench.took(700);
    expect(bench.taken).toEqual(numbers(700));
  });

  test('is passed on by turns where it is for the stream', async () => {
    bench.passed.length = 0;
    bench.inbox.push(publishes(600));
    await bench.took(600);
    expect(bench.passed).toHaveLength(Math.ceil(600 / PACKETS_A_TURN));
    expect(Buffer.concat(bench.passed)).toEqual(publishes(600));
  });

  test('is counted by its types and bytes', async () => {
    bench.inbox.push(publishes(600));
    await bench.took(600);
    expect(bench.counts.received[PACKET.PUBLISH << 4]).toBe(600);
    expect(bench.counts.receivedBytes).toBe(CONNECT.length + publishes(600).length);
  });

  test('is told to have been read when it was, and at once where there is nothing', async () => {
    const read: number[] = [];
    bench.inbox.whenRead(() => read.push(bench.taken.length));
    bench.inbox.push(publishes(700));
    bench.inbox.whenRead(() => read.push(bench.taken.length));
    await bench.took(700);
    expect(read).toEqual([0, 700]);
  });

  test('ends where a packet is not sound, and what was read before it counts', async () => {
    bench.inbox.push(Buffer.concat([publishes(400), Buffer.from([0, 0]), publishes(400)]));
    await bench.took(400);
    for (let turns = 0; turns < 5; turns += 1) await nextTurn();
    expect(bench.taken).toHaveLength(400);
    expect(bench.refused.map(({ cause }) => cause)).toEqual(['malformed-packet']);
  });

  test('ends once the inbox is closed', async () => {
    bench.inbox.push(publishes(900));
    bench.inbox.close();
    for (let turns = 0; turns < 5; turns += 1) await nextTurn();
    bench.inbox.push(publishes(1));
    expect(bench.taken).toHaveLength(PACKETS_A_TURN);
    expect(bench.paused).toBe(false);
  });

  test('is no harm to anybody where it cannot be taken', () => {
    const fault = new Error('a fault');
    bench.way = () => {
      throw fault;
    };
    bench.inbox.push(publishes(1));
    expect(bench.failed).toEqual([fault]);
  });
});

describe('before a CONNECT', () => {
  test.each(['pings', 'empty frames'])('no more than a hundred %s may come', async (what) => {
    const bench = new Bench();
    const send = () => (what === 'pings' ? bench.inbox.count() : bench.inbox.push(Buffer.alloc(0)));
    for (let frames = 0; frames < 100; frames += 1) send();
    expect(bench.refused).toEqual([]);
    send();
    expect(bench.refused.map(({ cause }) => cause)).toEqual(['too-many']);
  });
});

describe('behind a CONNECT', () => {
  test('as many pings may come as the rates allow', async () => {
    const bench = await Bench.connected();
    for (let frames = 0; frames < 1_000; frames += 1) bench.inbox.count();
    expect(bench.refused).toEqual([]);
  });

  test('nothing is read until it is answered', async () => {
    const bench = new Bench();
    bench.inbox.push(Buffer.concat([CONNECT, publish('0')]));
    bench.inbox.push(publish('1'));
    for (let turns = 0; turns < 3; turns += 1) await nextTurn();
    expect(bench.taken).toEqual([]);
    expect(bench.paused).toBe(true);
    bench.inbox.proceed();
    expect(bench.taken).toEqual(['0', '1']);
    expect(bench.paused).toBe(false);
  });

  test('nothing is read until it is answered, also where a hold is over before', async () => {
    const bench = new Bench({ linkPacketRate: 50 });
    for (let frames = 0; frames < 51; frames += 1) bench.inbox.count();
    bench.inbox.push(CONNECT);
    bench.inbox.push(publish('0'));
    await pass(100);
    expect(bench.taken).toEqual([]);
    bench.inbox.proceed();
    await bench.took(1);
  });

  test('nothing is read while a hold lasts, also where it is answered before', async () => {
    const bench = new Bench({ linkPacketRate: 50 });
    for (let frames = 0; frames < 50; frames += 1) bench.inbox.count();
    bench.inbox.push(Buffer.concat([CONNECT, publish('0')]));
    expect(bench.held).toHaveLength(1);
    bench.inbox.proceed();
    expect(bench.taken).toEqual([]);
    await bench.took(1);
  });
});

describe('beyond a rate', () => {
  test('nothing is read for as long as it asks, and then goes on where it was', async () => {
    const bench = await Bench.connected({ linkPacketRate: 1_000 });
    const began = performance.now();
    for (let at = 0; at < 13; at += 1) bench.inbox.push(publishes(100));
    await bench.took(1_300);
    // A thousand at once, and the others at a thousand a second.
    expect(performance.now() - began).toBeGreaterThan(190);
    expect(bench.taken).toEqual(Array.from({ length: 13 }, () => numbers(100)).flat());
  });

  test('it is told once, counted each time, and for how long', async () => {
    const bench = await Bench.connected({ linkByteRate: 20_000 });
    let sent = 0;
    for (const count of [2_500, 300, 300]) {
      bench.inbox.push(publishes(count));
      await bench.took((sent += count));
    }
    expect(bench.held.map(({ rate }) => rate)).toEqual(['linkByteRate']);
    const { times, ms } = bench.counts.holds.linkByteRate;
    expect(times).toBeGreaterThan(1);
    expect(ms).toBeGreaterThan(bench.held[0]?.ms ?? Infinity);
    expect(bench.counts.holds.linkPacketRate).toEqual({ times: 0, ms: 0 });
  });

  test('a client is not silent: it is the hub that does not hear it', async () => {
    const bench = await Bench.connected({ linkPacketRate: 100 });
    for (let frames = 0; frames < 130; frames += 1) bench.inbox.count();
    expect(bench.paused).toBe(true);
    const before = bench.inbox.heardAt;
    await pass(20);
    expect(bench.inbox.heardAt - before).toBeGreaterThan(15);
  });
});

describe('while the stream is full', () => {
  test('nothing is read, and then what waited is', async () => {
    const bench = await Bench.connected();
    bench.inbox.push(publishes(400));
    bench.inbox.streamIsFull(true);
    for (let turns = 0; turns < 3; turns += 1) await nextTurn();
    expect(bench.taken).toHaveLength(PACKETS_A_TURN);
    bench.inbox.streamIsFull(false);
    expect(bench.taken).toHaveLength(PACKETS_A_TURN);
    await bench.took(400);
    expect(bench.paused).toBe(false);
  });

  test('that it has room is no news where it was not full', async () => {
    const bench = await Bench.connected();
    bench.inbox.streamIsFull(false);
    expect(bench.paused).toBe(false);
  });
});
