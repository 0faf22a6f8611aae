import { connectPacket, bytesOf } from './raw-client.ts';
import type { EndCause } from '#broker/links/ends.ts';

/** A packet that no server may take, and what is to become of its link. */
export interface MalformedPacket {
  readonly name: string;
  readonly bytes: Buffer;
  readonly cause: EndCause;
  /** The clause that the reason cites, or what else it says. */
  readonly reason: string;
  /** What is sent before the link ends. */
  readonly answer?: Buffer;
}

type Bytes = Uint8Array | readonly number[];

const join = (...parts: readonly Bytes[]): Buffer => Buffer.concat(parts.map((part) => Buffer.from(part)));

/** A packet with a remaining length that is right, whatever is in it. */
function packet(first: number, ...parts: readonly Bytes[]): Buffer {
  const body = join(...parts);
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest % 128) | (rest >= 128 ? 128 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return join([first], length, body);
}

/** A text, or any bytes, behind their length. */
function field(content: string | Bytes): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content) : Buffer.from(content);
  return join([bytes.length >> 8, bytes.length & 0xff], bytes);
}

const ID = [0, 1];

const publish = (topic: string | Bytes, first = 0x30): Buffer => packet(first, field(topic));
const subscribe = (...filters: readonly (string | Bytes)[]): Buffer =>
  packet(0x82, ID, ...filters.flatMap((filter) => [field(filter), [0]]));
const unsubscribe = (...filters: readonly (string | Bytes)[]): Buffer =>
  packet(0xa2, ID, ...filters.map(field));

const FLAG = { will: 0x04, willQos1: 0x08, willRetain: 0x20, password: 0x40, username: 0x80 } as const;

/** A CONNECT with a clean session and the fields of its payload, its flags in the way they are given. */
const connect = (flags: number, ...fields: readonly (string | Bytes)[]): Buffer =>
  packet(0x10, field('MQTT'), [4, flags | 2, 0, 0], ...fields.map(field));

const connectAs = (protocol: string, level: number): Buffer =>
  packet(0x10, field(protocol), [level, 2, 0, 0], field('somebody'));

/** Texts that may be in no packet, each with its clause. */
const TEXTS: readonly (readonly [name: string, text: Bytes, clause: string])[] = [
  ['a byte that UTF-8 does not have', [0x61, 0xff], '[MQTT-1.5.3-1]'],
  ['a character that is cut off', [0x61, 0xe2, 0x82], '[MQTT-1.5.3-1]'],
  ['a continuation without a character', [0x80, 0x61], '[MQTT-1.5.3-1]'],
  ['an overlong "/"', [0xc0, 0xaf], '[MQTT-1.5.3-1]'],
  ['an overlong U+0000', [0xc0, 0x80], '[MQTT-1.5.3-1]'],
  ['a surrogate', [0xed, 0xa0, 0x80], '[MQTT-1.5.3-1]'],
  ['a pair of surrogates', [0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], '[MQTT-1.5.3-1]'],
  ['a character beyond U+10FFFF', [0xf4, 0x90, 0x80, 0x80], '[MQTT-1.5.3-1]'],
  ['U+0000', [0x61, 0x00, 0x62], '[MQTT-1.5.3-2]'],
];

/** Texts that may be in no topic, each with its clause. */
const TOPICS: typeof TEXTS = [
  ...TEXTS,
  ['no character', [], '[MQTT-4.7.3-1]'],
  ['U+0001', Buffer.from('a/\u0001'), '§1.5.3'],
  ['U+001F', Buffer.from('a/\u001f'), '§1.5.3'],
  ['U+007F', Buffer.from('a/\u007f'), '§1.5.3'],
  ['U+0080', Buffer.from('a/\u0080'), '§1.5.3'],
  ['U+009F', Buffer.from('a/\u009f'), '§1.5.3'],
];

const NAMES: typeof TEXTS = [
  ...TOPICS,
  ['"+"', Buffer.from('a/+'), '[MQTT-4.7.1-1]'],
  ['"#"', Buffer.from('#'), '[MQTT-4.7.1-1]'],
  ['a wildcard within a level', Buffer.from('a/b+c'), '[MQTT-4.7.1-1]'],
];

const FILTERS: typeof TEXTS = [
  ...TOPICS,
  ['"#" behind other characters', Buffer.from('a/b#'), '[MQTT-4.7.1-2]'],
  ['"#" before other characters', Buffer.from('a/#b'), '[MQTT-4.7.1-2]'],
  ['"#" before another level', Buffer.from('a/#/b'), '[MQTT-4.7.1-2]'],
  ['"#" before an empty level', Buffer.from('#/'), '[MQTT-4.7.1-2]'],
  ['"##"', Buffer.from('##'), '[MQTT-4.7.1-2]'],
  ['"+" behind other characters', Buffer.from('a/b+'), '[MQTT-4.7.1-3]'],
  ['"+" before other characters', Buffer.from('ab/+e'), '[MQTT-4.7.1-3]'],
  ['"++"', Buffer.from('++/a'), '[MQTT-4.7.1-3]'],
  ['"+#"', Buffer.from('+#'), '[MQTT-4.7.1-'],
];

type Row = readonly [name: string, bytes: Buffer, reason: string];

const rows = (cause: EndCause, all: readonly Row[]): MalformedPacket[] =>
  all.map(([name, bytes, reason]) => ({ name, bytes, cause, reason }));

const withTexts = (texts: typeof TEXTS, what: string, make: (text: Bytes) => Buffer): Row[] =>
  texts.map(([name, text, clause]) => [`${what} with ${name}`, make(text), clause]);

const TYPES = [
  ['CONNECT', 1],
  ['PUBACK', 4],
  ['PUBREC', 5],
  ['PUBREL', 6],
  ['PUBCOMP', 7],
  ['SUBSCRIBE', 8],
  ['UNSUBSCRIBE', 10],
  ['PINGREQ', 12],
  ['DISCONNECT', 14],
] as const;

const FLAGS_0010 = new Set<string>(['PUBREL', 'SUBSCRIBE', 'UNSUBSCRIBE']);

const BODIES: Readonly<Record<string, Buffer>> = {
  CONNECT: bytesOf(connectPacket({ clientId: 'flags' })).subarray(2),
  SUBSCRIBE: join(ID, field('a'), [0]),
  UNSUBSCRIBE: join(ID, field('a')),
  PINGREQ: Buffer.alloc(0),
  DISCONNECT: Buffer.alloc(0),
};

/** Each type but PUBLISH with each flag bit other than it ought to be. */
const wrongFlags = (types: readonly (typeof TYPES)[number][]): Row[] =>
  types.flatMap(([name, type]) =>
    [1, 2, 4, 8].map((bit): Row => {
      const flags = (FLAGS_0010.has(name) ? 2 : 0) ^ bit;
      const body = BODIES[name] ?? Buffer.from(ID);
      return [`${name} with the flags ${flags}`, packet((type << 4) | flags, body), '[MQTT-2.2.2-2]'];
    }),
  );

const ACKNOWLEDGEMENTS = [
  ['PUBACK', 0x40],
  ['PUBREC', 0x50],
  ['PUBREL', 0x62],
  ['PUBCOMP', 0x70],
] as const;

const [CONNECT, ...OTHERS] = TYPES;

/** Instead of a CONNECT, on a link on which nothing has been sent yet. */
export const MALFORMED_CONNECTS: readonly MalformedPacket[] = [
  ...rows('protocol-violation', [
    ['PUBLISH as the first packet', publish('a'), '[MQTT-3.1.0-1]'],
    ['PINGREQ as the first packet', packet(0xc0), '[MQTT-3.1.0-1]'],
    ['DISCONNECT as the first packet', packet(0xe0), '[MQTT-3.1.0-1]'],
    ['CONNACK as the first packet', packet(0x20, [0, 0]), '[MQTT-3.1.0-1]'],
    ['HTTP as the first packet', Buffer.from('GET / HTTP/1.1\r\n\r\n'), '[MQTT-3.1.0-1]'],
    ['zeros as the first packet', Buffer.alloc(16), '[MQTT-3.1.0-1]'],
  ]),
  ...rows('malformed-packet', [
    ...wrongFlags([CONNECT]),
    ['CONNECT with a remaining length of five bytes', join([0x10], Array(5).fill(0x81)), '§2.2.3'],
    ['CONNECT without a body', packet(0x10), '[MQTT-3.1.4-1]'],
    ['CONNECT that ends in its protocol name', packet(0x10, [0, 4], Buffer.from('MQT')), '[MQTT-3.1.4-1]'],
    ['CONNECT that ends before its level', packet(0x10, field('MQTT')), '[MQTT-3.1.4-1]'],
    ['CONNECT that ends before its flags', packet(0x10, field('MQTT'), [4]), '[MQTT-3.1.4-1]'],
    ['CONNECT that ends in its keep alive', packet(0x10, field('MQTT'), [4, 2, 0]), '[MQTT-3.1.4-1]'],
    ['CONNECT without a client id', connect(0), '[MQTT-3.1.4-1]'],
    [
      'CONNECT that ends in its client id',
      packet(0x10, field('MQTT'), [4, 2, 0, 0, 0, 5], Buffer.from('some')),
      '[MQTT-3.1.4-1]',
    ],
    ['CONNECT with a will flag and no will', connect(FLAG.will, 'id'), '[MQTT-3.1.4-1]'],
    ['CONNECT with a will topic and no will message', connect(FLAG.will, 'id', 'a'), '[MQTT-3.1.4-1]'],
    ['CONNECT without the user name that it announces', connect(FLAG.username, 'id'), '[MQTT-3.1.4-1]'],
    [
      'CONNECT without the password that it announces',
      connect(FLAG.username | FLAG.password, 'id', 'user'),
      '[MQTT-3.1.4-1]',
    ],
    ['CONNECT with a byte behind its last field', lengthened(connect(0, 'id'), [0]), '[MQTT-3.1.4-1]'],
    ['CONNECT with a user name that it does not announce', connect(0, 'id', 'user'), '[MQTT-3.1.4-1]'],
    ['CONNECT with a will that it does not announce', connect(0, 'id', 'a', 'gone'), '[MQTT-3.1.4-1]'],
    ['CONNECT with another protocol name', connectAs('HTTP', 4), '[MQTT-3.1.2-1]'],
    ['CONNECT with its protocol name in lower case', connectAs('mqtt', 4), '[MQTT-3.1.2-1]'],
    ['CONNECT with a longer protocol name', connectAs('MQTTX', 4), '[MQTT-3.1.2-1]'],
    ['CONNECT without a protocol name', connectAs('', 4), '[MQTT-3.1.2-1]'],
    ['CONNECT with the reserved flag', connect(1, 'id'), '[MQTT-3.1.2-3]'],
    ['CONNECT with will QoS 1 and no will', connect(FLAG.willQos1, 'id'), '[MQTT-3.1.2-13]'],
    ['CONNECT with will QoS 3 and no will', connect(0x18, 'id'), '[MQTT-3.1.2-13]'],
    ['CONNECT with will retain and no will', connect(FLAG.willRetain, 'id'), '[MQTT-3.1.2-15]'],
    ['CONNECT with will QoS 3', connect(FLAG.will | 0x18, 'id', 'a', 'gone'), '[MQTT-3.1.2-14]'],
    ['CONNECT with a password and no user name', connect(FLAG.password, 'id', 'secret'), '[MQTT-3.1.2-22]'],
    ...withTexts(TEXTS, 'CONNECT with a client id', (text) => connect(0, text)),
    ...withTexts(TEXTS, 'CONNECT with a user name', (text) => connect(FLAG.username, 'id', text)),
    ...withTexts(NAMES, 'CONNECT with a will topic', (text) => connect(FLAG.will, 'id', text, 'gone')),
  ]),
  ...rows('packet-too-long', [
    ['CONNECT that announces 256 MB', Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]), '268435460 bytes'],
  ]),
  ...rows('too-many', [
    [
      'CONNECT with a will topic of 2,000 bytes',
      connect(FLAG.will, 'id', 'a'.repeat(2_000), ''),
      '2000 bytes',
    ],
    ['CONNECT with a will topic of 200 levels', connect(FLAG.will, 'id', '/'.repeat(199), ''), '200 levels'],
  ]),
  ...rows('connect-refused', [
    ['CONNECT of MQTT 3.1', connectAs('MQIsdp', 3), 'MQTT 3.1:'],
    ['CONNECT of MQTT 3.1 as a bridge', connectAs('MQIsdp', 0x83), 'MQTT 3.1:'],
    ['CONNECT of MQTT 5', packet(0x10, field('MQTT'), [5, 2, 0, 0, 0], field('id')), 'MQTT 5:'],
    ['CONNECT at protocol level 3', connectAs('MQTT', 3), 'level 3:'],
    ['CONNECT at protocol level 0', connectAs('MQTT', 0), 'level 0:'],
    ['CONNECT at protocol level 6', connectAs('MQTT', 6), 'level 6:'],
    ['CONNECT of MQTT 3.1.1 as a bridge', connectAs('MQTT', 0x84), 'level 132:'],
  ]).map((row) => ({ ...row, answer: Buffer.from([0x20, 2, 0, 1]) })),
];

/** Behind a CONNECT that was accepted. */
export const MALFORMED_PACKETS: readonly MalformedPacket[] = [
  ...rows('malformed-packet', [
    ['the reserved type 0', packet(0x00), '[MQTT-4.8.0-1]'],
    ['the reserved type 15', packet(0xf0), '[MQTT-4.8.0-1]'],
    ...wrongFlags(OTHERS),
    ['a remaining length of five bytes', Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]), '§2.2.3'],
    ['a remaining length that is all ones', Buffer.alloc(6, 0xff).fill(0x30, 0, 1), '§2.2.3'],
    ['a remaining length of 0 in two bytes', Buffer.from([0xc0, 0x80, 0x00]), '§2.2.3'],
    ['a remaining length of 4 in four bytes', join([0x30, 0x84, 0x80, 0x80, 0x00], field('ab')), '§2.2.3'],

    ['PUBLISH with QoS 3', publishWithId(0x36), '[MQTT-3.3.1-4]'],
    ['PUBLISH with QoS 3, DUP and retain', publishWithId(0x3f), '[MQTT-3.3.1-4]'],
    ['PUBLISH with DUP at QoS 0', publish('a', 0x38), '[MQTT-3.3.1-2]'],
    ['PUBLISH with DUP and retain at QoS 0', publish('a', 0x39), '[MQTT-3.3.1-2]'],
    ['PUBLISH without a body', packet(0x30), '[MQTT-3.3.2-1]'],
    ['PUBLISH with half a topic length', packet(0x30, [0]), '[MQTT-3.3.2-1]'],
    ['PUBLISH that ends in its topic', packet(0x30, [0, 5], Buffer.from('some')), '[MQTT-3.3.2-1]'],
    ['PUBLISH with QoS 1 and no identifier', publish('a', 0x32), '[MQTT-2.3.1-1]'],
    ['PUBLISH with QoS 2 and half an identifier', packet(0x34, field('a'), [1]), '[MQTT-2.3.1-1]'],
    ['PUBLISH with QoS 1 and the identifier 0', packet(0x32, field('a'), [0, 0, 1]), '[MQTT-2.3.1-1]'],
    ['PUBLISH with QoS 2 and the identifier 0', packet(0x34, field('a'), [0, 0]), '[MQTT-2.3.1-1]'],
    ...withTexts(NAMES, 'PUBLISH to a topic', (topic) => publish(topic)),

    ...ACKNOWLEDGEMENTS.flatMap(([name, first]): Row[] => [
      [`${name} without a body`, packet(first), '[MQTT-4.8.0-1]'],
      [`${name} with half an identifier`, packet(first, [1]), '[MQTT-4.8.0-1]'],
      [`${name} with a byte too many`, packet(first, ID, [0]), '[MQTT-4.8.0-1]'],
      [`${name} with the identifier 0`, packet(first, [0, 0]), '[MQTT-2.3.1-1]'],
    ]),

    ['SUBSCRIBE without a body', packet(0x82), '[MQTT-2.3.1-1]'],
    ['SUBSCRIBE with half an identifier', packet(0x82, [1]), '[MQTT-2.3.1-1]'],
    ['SUBSCRIBE with the identifier 0', packet(0x82, [0, 0], field('a'), [0]), '[MQTT-2.3.1-1]'],
    ['SUBSCRIBE without a filter', packet(0x82, ID), '[MQTT-3.8.3-3]'],
    ['SUBSCRIBE without a QoS', packet(0x82, ID, field('a')), '[MQTT-3.8.3-3]'],
    [
      'SUBSCRIBE without the QoS of its second filter',
      packet(0x82, ID, field('a'), [0], field('b')),
      '[MQTT-3.8.3-3]',
    ],
    ['SUBSCRIBE that ends in its filter', packet(0x82, ID, [0, 3], Buffer.from('ab')), '[MQTT-4.8.0-1]'],
    ['SUBSCRIBE with a byte too many', packet(0x82, ID, field('a'), [0, 0]), '[MQTT-4.8.0-1]'],
    ['SUBSCRIBE with QoS 3', packet(0x82, ID, field('a'), [3]), '[MQTT-3-8.3-4]'],
    ...[2, 3, 4, 5, 6, 7].map((bit): Row => {
      const bytes = packet(0x82, ID, field('a'), [(1 << bit) | 1]);
      return [`SUBSCRIBE with the reserved bit ${bit} of its QoS`, bytes, '[MQTT-3-8.3-4]'];
    }),
    ['SUBSCRIBE with a good filter and a bad one', subscribe('a', 'a/#/b'), '[MQTT-4.7.1-2]'],
    ...withTexts(FILTERS, 'SUBSCRIBE to a filter', (filter) => subscribe(filter)),

    ['UNSUBSCRIBE without a body', packet(0xa2), '[MQTT-2.3.1-1]'],
    ['UNSUBSCRIBE with half an identifier', packet(0xa2, [1]), '[MQTT-2.3.1-1]'],
    ['UNSUBSCRIBE with the identifier 0', packet(0xa2, [0, 0], field('a')), '[MQTT-2.3.1-1]'],
    ['UNSUBSCRIBE without a filter', packet(0xa2, ID), '[MQTT-3.10.3-2]'],
    ['UNSUBSCRIBE that ends in its filter', packet(0xa2, ID, [0, 3], Buffer.from('ab')), '[MQTT-4.8.0-1]'],
    ['UNSUBSCRIBE with a byte too many', packet(0xa2, ID, field('a'), [0]), '[MQTT-4.8.0-1]'],
    ['UNSUBSCRIBE with a good filter and a bad one', unsubscribe('a', 'a+'), '[MQTT-4.7.1-3]'],
    ...withTexts(FILTERS, 'UNSUBSCRIBE from a filter', (filter) => unsubscribe(filter)),

    ['PINGREQ with a body', packet(0xc0, [0]), '[MQTT-4.8.0-1]'],
    ['DISCONNECT with a body', packet(0xe0, [0]), '[MQTT-4.8.0-1]'],
  ]),
  ...rows('protocol-violation', [
    ['a second CONNECT', bytesOf(connectPacket({ clientId: 'again' })), '[MQTT-3.1.0-2]'],
    ['CONNACK from a client', packet(0x20, [0, 0]), '[MQTT-4.8.0-1]'],
    ['SUBACK from a client', packet(0x90, ID, [0]), '[MQTT-4.8.0-1]'],
    ['UNSUBACK from a client', packet(0xb0, ID), '[MQTT-4.8.0-1]'],
    ['PINGRESP from a client', packet(0xd0), '[MQTT-4.8.0-1]'],
  ]),
  ...rows('packet-too-long', [
    ['PUBLISH that announces 256 MB', Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), '268435460 bytes'],
    ['SUBSCRIBE that announces 2 MB', Buffer.from([0x82, 0x80, 0x80, 0x80, 0x01]), '2097157 bytes'],
  ]),
  ...rows('too-many', [
    ['PUBLISH to a topic of 2,000 bytes', publish('a'.repeat(2_000)), '2000 bytes'],
    ['PUBLISH to a topic of 200 levels', publish('/'.repeat(199)), '200 levels'],
    ['SUBSCRIBE to a filter of 2,000 bytes', subscribe('a'.repeat(2_000)), '2000 bytes'],
    ['SUBSCRIBE to a filter of 200 levels', subscribe(`${'+/'.repeat(199)}#`), '200 levels'],
    [
      'SUBSCRIBE to 2,000 filters',
      subscribe(...Array<string>(2_000).fill('a')),
      'topic filters in one packet',
    ],
    [
      'UNSUBSCRIBE from 2,000 filters',
      unsubscribe(...Array<string>(2_000).fill('a')),
      'topic filters in one packet',
    ],
  ]),
];

function publishWithId(first: number): Buffer {
  return packet(first, field('a'), ID);
}

/** A packet with more behind its fields, and the remaining length to go with it. */
function lengthened(whole: Buffer, more: Bytes): Buffer {
  return packet(whole[0] as number, whole.subarray(2), more);
}
