import { describe, expect, test } from 'vitest';
import { PacketReader, type ReaderBounds } from '#broker/links/reader/packet-reader.ts';
import { bytesOf } from '../../../../support/raw-client.ts';
import { BOUNDS, byteByByte, CONNECT, connected, read } from './reading.ts';

const message = { cmd: 'publish', qos: 0, dup: false, retain: false } as const;
const publish = (topic: string, payload: string | Buffer = ''): Buffer =>
  bytesOf({ ...message, topic, payload });
const subscribe = (...topics: string[]): Buffer =>
  bytesOf({ cmd: 'subscribe', messageId: 1, subscriptions: topics.map((topic) => ({ topic, qos: 0 })) });
const unsubscribe = (...topics: string[]): Buffer =>
  bytesOf({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: topics });

const SMALL: ReaderBounds = { packetBytes: 1_000, topicBytes: 20, topicLevels: 3, filtersPerSubscribe: 2 };

describe('each bound', () => {
  test.each([
    ['topicBytes', publish('a'.repeat(20)), publish('a'.repeat(21)), 'a topic name of 21 bytes; at most 20'],
    [
      'topicBytes, counted in UTF-8',
      publish('ä'.repeat(10)),
      publish('ä'.repeat(11)),
      'of 22 bytes; at most 20',
    ],
    ['topicLevels', publish('a/b/c'), publish('a/b/c/'), 'a topic name of 4 levels; at most 3'],
    ['topicBytes', subscribe('a'.repeat(20)), subscribe('a'.repeat(21)), 'a topic filter of 21 bytes'],
    ['topicLevels', subscribe('+/+/#'), subscribe('+/+/+/#'), 'a topic filter of 4 levels'],
    ['topicLevels', unsubscribe('//'), unsubscribe('///'), 'a topic filter of 4 levels'],
    ['filtersPerSubscribe', subscribe('a', 'b'), subscribe('a', 'b', 'c'), 'more than 2 topic filters'],
    ['filtersPerSubscribe', unsubscribe('a', 'b'), unsubscribe('a', 'b', 'c'), 'more than 2 topic filters'],
  ])('of %s is reached and not passed (%#)', (_bound, within, beyond, reason) => {
    expect(read([within], connected(SMALL))).toEqual({ passed: [within], violation: undefined });
    expect(read([beyond], connected(SMALL)).violation).toMatchObject({
      cause: 'too-many',
      reason: expect.stringContaining(reason),
    });
  });
});

/** A PUBLISH of so many bytes, header included. */
function publishOf(length: number): Buffer {
  for (let header = 2; header <= 5; header += 1) {
    const packet = publish('a', Buffer.alloc(length - header - 3));
    if (packet.length === length) return packet;
  }
  throw new Error(`no PUBLISH has ${length} bytes`);
}

describe('the longest packet', () => {
  test.each([129, 131, 1_000, 16_386, 16_388, 2_097_155, 2_097_157])('of %i bytes', (length) => {
    const packet = publishOf(length);
    const { passed } = read([packet], connected({ ...BOUNDS, packetBytes: length }));
    expect(passed.map((each) => each.equals(packet))).toEqual([true]);
    expect(read([packet], connected({ ...BOUNDS, packetBytes: length - 1 })).violation).toEqual({
      cause: 'packet-too-long',
      reason: `a packet of ${length} bytes; at most ${length - 1} are accepted`,
    });
  });

  test('is refused with the last byte of its length, before any of its body came', () => {
    const reader = connected(SMALL);
    const [type, first, last] = byteByByte(publishOf(1_001));
    expect(read([type, first] as Buffer[], reader).violation).toBeUndefined();
    expect(read([last] as Buffer[], reader).violation).toMatchObject({ cause: 'packet-too-long' });
    expect(reader.buffered).toBe(0);
  });

  test('counts an acknowledgement of any length as malformed', () => {
    const { violation } = read([Buffer.from([0x40, 0xff, 0xff, 0xff, 0x7f])], connected(SMALL));
    expect(violation).toMatchObject({ cause: 'malformed-packet' });
  });
});

describe('what waits in a reader', () => {
  test('is what has come of a packet, and nothing once it is whole', () => {
    const packet = publishOf(500);
    const reader = connected();
    read([packet.subarray(0, 1)], reader);
    expect(reader.buffered).toBe(1);
    read([packet.subarray(1, 400)], reader);
    expect(reader.buffered).toBe(400);
    expect(read([packet.subarray(400)], reader).passed).toEqual([packet]);
    expect(reader.buffered).toBe(0);
  });

  test('is what is held', () => {
    const [one, two] = [publish('a'), publish('b')];
    const reader = new PacketReader(BOUNDS);
    const passed: Buffer[] = [];
    const hold = (packet: Buffer): boolean => passed.push(packet) < 0;
    expect(reader.push(Buffer.concat([CONNECT, one]), hold)).toBeUndefined();
    expect(reader.push(two, hold)).toBeUndefined();
    expect(reader.buffered).toBe(one.length + two.length);
    expect(passed).toEqual([CONNECT]);
    expect(reader.resume(hold)).toBeUndefined();
    expect(passed).toEqual([CONNECT, one]);
    expect(reader.buffered).toBe(two.length);
    expect(reader.resume(hold)).toBeUndefined();
    expect(passed).toEqual([CONNECT, one, two]);
    expect(reader.buffered).toBe(0);
  });

  test('is not judged before its turn, and then as ever', () => {
    const reader = new PacketReader(BOUNDS);
    const bad = Buffer.from([0xc1, 0]);
    expect(reader.push(Buffer.concat([CONNECT, bad]), () => false)).toBeUndefined();
    expect(reader.resume(() => true)).toMatchObject({ cause: 'malformed-packet' });
    expect(reader.buffered).toBe(0);
    expect(read([publish('a')], reader)).toEqual({ passed: [], violation: undefined });
    expect(reader.resume(() => true)).toBeUndefined();
  });

  test('stays where whoever takes packets fails', () => {
    const reader = connected();
    const [one, two] = [publish('a'), publish('b')];
    const fail = (): boolean => {
      throw new Error('it cannot be taken');
    };
    expect(() => reader.push(one, fail)).toThrow('it cannot be taken');
    expect(read([two], reader).passed).toEqual([]);
  });

  test('takes no memory for what is only announced', () => {
    const LINKS = 10_000;
    const begun = publishOf(BOUNDS.packetBytes).subarray(0, 40);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: LINKS }, () => connected());
    for (const reader of readers) reader.push(begun, () => true);
    expect(readers.every(({ buffered }) => buffered === begun.length)).toBe(true);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(LINKS * 200);
  });

  test('keeps nothing of the read alive that it came in', () => {
    const [one, two] = [publishOf(300), publishOf(300)];
    const slab = new ArrayBuffer(65_536);
    const chunk = Buffer.from(slab, 0, one.length + 200);
    one.copy(chunk);
    two.copy(chunk, one.length);
    const held = new PacketReader(BOUNDS);
    const passed: Buffer[] = [];
    held.push(CONNECT, () => false);
    held.push(chunk, () => true);
    held.resume((packet) => passed.push(packet) > 0);
    held.push(two.subarray(200), (packet) => passed.push(packet) > 0);
    expect(passed).toEqual([one, two]);
    expect(passed.every(({ buffer }) => buffer !== slab)).toBe(true);
  });
});

test('whole packets are passed without a copy', () => {
  const chunk = Buffer.concat([CONNECT, publish('a'), publish('b', 'payload')]);
  const { passed } = read([chunk]);
  expect(passed).toHaveLength(3);
  let at = chunk.byteOffset;
  for (const packet of passed) {
    expect(packet.buffer).toBe(chunk.buffer);
    expect(packet.byteOffset).toBe(at);
    at += packet.length;
  }
});

test('a long packet in pieces of any size comes out as it was', () => {
  const packet = publish('a', Buffer.from(Array.from({ length: 60_000 }, (_, at) => at % 251)));
  for (const size of [1, 2, 63, 64, 65, 1_000, 30_000]) {
    const pieces = Array.from({ length: Math.ceil(packet.length / size) }, (_, at) =>
      packet.subarray(at * size, (at + 1) * size),
    );
    expect(read(pieces, connected()).passed.map((each) => each.equals(packet))).toEqual([true]);
  }
});
