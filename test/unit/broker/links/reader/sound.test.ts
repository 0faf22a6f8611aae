import fc from 'fast-check';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { describe, expect, test } from 'vitest';
import { PacketReader } from '#broker/links/reader/packet-reader.ts';
import { anyPackets } from '../../../../support/any-packet.ts';
import { bytesOf, connectPacket } from '../../../../support/raw-client.ts';
import { BOUNDS, byteByByte, CONNECT, connected, read } from './reading.ts';

const message = { cmd: 'publish', payload: '', qos: 0, dup: false, retain: false } as const;
const id = { messageId: 1 } as const;
const will = { topic: 'a/b', payload: Buffer.from('gone'), qos: 2, retain: true } as const;
const password = Buffer.from([0, 0xff]);

const CONNECTS: [string, Buffer][] = [
  ['the least', bytesOf(connectPacket({}))],
  ['a session that is kept', bytesOf(connectPacket({ clean: false, clientId: 'a', keepalive: 65_535 }))],
  ['everything', bytesOf(connectPacket({ clientId: 'a', will, username: 'b', password }))],
  ['a user name and no password', bytesOf(connectPacket({ username: 'b' }))],
  ['an empty user name', Buffer.from('100e00044d515454048200000000' + '0000', 'hex')],
  ['a will without a message', bytesOf(connectPacket({ will: { ...will, payload: Buffer.alloc(0) } }))],
  ['no client id and clean session 0', Buffer.from('100c00044d5154540400003c0000', 'hex')],
  ['a control character in its client id', bytesOf(connectPacket({ clientId: 'a\u0001' }))],
];

const TOPICS = [
  '/',
  '//',
  'a//b',
  ' ',
  '$SYS/a',
  'ä/ö',
  '\ufeffa',
  'a\ufffe',
  '\uffff',
  '\u{10ffff}',
  '\u00a0',
];
const FILTERS = [...TOPICS, '#', '+', '/#', '+/+', '/+', '+/', 'a/+/#', '+/a/+', '$share/g/a', '\ufeff/+'];

const PACKETS: [string, Buffer][] = [
  ...TOPICS.map((topic): [string, Buffer] => [
    `PUBLISH to ${JSON.stringify(topic)}`,
    bytesOf({ ...message, topic }),
  ]),
  [
    'PUBLISH with everything set',
    bytesOf({ ...message, topic: 'a', qos: 2, dup: true, retain: true, ...id }),
  ],
  ['PUBLISH with the identifier 65535', bytesOf({ ...message, topic: 'a', qos: 1, messageId: 65_535 })],
  ['PUBLISH with the identifier 256', bytesOf({ ...message, topic: 'a', qos: 1, messageId: 256 })],
  ['PUBLISH with any bytes as its payload', bytesOf({ ...message, topic: 'a', payload: password })],
  ['PUBACK', bytesOf({ cmd: 'puback', ...id })],
  ['PUBREC', bytesOf({ cmd: 'pubrec', ...id })],
  ['PUBREL', bytesOf({ cmd: 'pubrel', ...id })],
  ['PUBCOMP', bytesOf({ cmd: 'pubcomp', ...id })],
  ...FILTERS.flatMap((topic): [string, Buffer][] => [
    [
      `SUBSCRIBE to ${JSON.stringify(topic)}`,
      bytesOf({ cmd: 'subscribe', ...id, subscriptions: [{ topic, qos: 2 }] }),
    ],
    [
      `UNSUBSCRIBE from ${JSON.stringify(topic)}`,
      bytesOf({ cmd: 'unsubscribe', ...id, unsubscriptions: [topic] }),
    ],
  ]),
  [
    'SUBSCRIBE to several filters',
    bytesOf({
      cmd: 'subscribe',
      ...id,
      subscriptions: [0, 1, 2].map((qos) => ({ topic: `a/${qos}`, qos: qos as 0 | 1 | 2 })),
    }),
  ],
  ['PINGREQ', bytesOf({ cmd: 'pingreq' })],
  ['DISCONNECT', bytesOf({ cmd: 'disconnect' })],
];

describe.each([
  ['whole', (packet: Buffer) => [packet]],
  ['byte by byte', byteByByte],
])('%s, a reader lets through', (_way, pieces) => {
  test.each(CONNECTS)('CONNECT with %s', (_name, packet) => {
    expect(read(pieces(packet))).toEqual({ passed: [packet], violation: undefined });
  });
  test.each(PACKETS)('%s', (_name, packet) => {
    expect(read(pieces(packet), connected())).toEqual({ passed: [packet], violation: undefined });
  });
});

/** Cuts bytes at places given as fractions of their length. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => Math.floor(place * bytes.length)), bytes.length].sort(
    (a, b) => a - b,
  );
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

const places = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

test('whatever another program writes comes out byte by byte the same, however it is cut', () => {
  fc.assert(
    fc.property(anyPackets, places, (packets, cuts) => {
      expect(read(cut(Buffer.concat(packets), cuts))).toEqual({ passed: packets, violation: undefined });
    }),
    { numRuns: 500 },
  );
});

test('and however often what follows is held', () => {
  fc.assert(
    fc.property(anyPackets, places, fc.infiniteStream(fc.boolean()), (packets, cuts, answers) => {
      const reader = new PacketReader(BOUNDS);
      const passed: Buffer[] = [];
      let goesOn = true;
      const each = (packet: Buffer): boolean => {
        expect(goesOn).toBe(true);
        passed.push(packet);
        goesOn = answers.next().value;
        return goesOn;
      };
      const resume = (): void => {
        goesOn = true;
        expect(reader.resume(each)).toBeUndefined();
      };
      for (const piece of cut(Buffer.concat(packets), cuts)) {
        expect(reader.push(piece, each)).toBeUndefined();
        if (!goesOn && answers.next().value) resume();
      }
      while (!goesOn) resume();
      expect(passed).toEqual(packets);
      expect(reader.buffered).toBe(0);
    }),
    { numRuns: 500 },
  );
});

/** How another program reads a packet, and writes it again. */
function again(bytes: Buffer): Buffer {
  const read: Packet[] = [];
  const parser = mqttPacket.parser({ protocolVersion: 4 });
  parser.on('packet', (packet) => read.push(packet));
  parser.on('error', (error) => {
    throw error;
  });
  parser.parse(bytes);
  expect(read).toHaveLength(1);
  return bytesOf(read[0] as Packet);
}

/** A change of one byte somewhere in some bytes. */
const change = fc.record({ place: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) });

test('what is let through of mutated packets is what another program reads and writes the same', () => {
  let refused = 0;
  fc.assert(
    fc.property(anyPackets, fc.array(change, { minLength: 1, maxLength: 4 }), (packets, changes) => {
      const bytes = Buffer.concat(packets);
      for (const { place, byte } of changes) bytes[Math.floor(place * (bytes.length - 1))] = byte;
      const { passed, violation } = read([bytes]);
      if (violation) refused += 1;
      for (const packet of passed) expect(again(packet)).toEqual(packet);
    }),
    { numRuns: 1_000 },
  );
  expect(refused).toBeGreaterThan(100);
});

test('a DISCONNECT is the last packet that is read', () => {
  const last = bytesOf({ cmd: 'disconnect' });
  const reader = new PacketReader(BOUNDS);
  const garbage = Buffer.alloc(10, 0xff);
  expect(read([Buffer.concat([CONNECT, last, garbage]), garbage], reader)).toEqual({
    passed: [CONNECT, last],
    violation: undefined,
  });
  expect(reader.buffered).toBe(0);
});
