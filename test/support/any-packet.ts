import fc from 'fast-check';
import type { IConnectPacket, Packet } from 'mqtt-packet';
import { bytesOf, connectPacket } from './raw-client.ts';

/** Any sound packets of MQTT 3.1.1 that clients send, as bytes. */

/** A character that may be in a topic: no control character, no wildcard, no "/". */
const character = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...'abcXYZ019 _-$@.') },
  fc
    .oneof(
      fc.integer({ min: 0xa0, max: 0xd7ff }),
      fc.integer({ min: 0xe000, max: 0x10ffff }),
      fc.constantFrom(0xfeff, 0xfffe, 0xffff),
    )
    .map((point) => String.fromCodePoint(point)),
);
const level = fc.string({ unit: character, maxLength: 6 });
const levels = fc.array(level, { minLength: 1, maxLength: 5 });

const topicName = levels.map((each) => each.join('/')).filter((name) => name !== '');
const topicFilter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { minLength: 1, maxLength: 5 }), fc.boolean())
  .map(([each, all]) => [...each, ...(all ? ['#'] : [])].join('/'))
  .filter((filter) => filter !== '');

const text = fc.string({ unit: character, maxLength: 20 });
const payload = (maxLength: number): fc.Arbitrary<Buffer> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes));
const qos = fc.constantFrom(0, 1, 2);
const messageId = fc.integer({ min: 1, max: 65_535 });

const will = fc.record({ topic: topicName, payload: payload(40), qos, retain: fc.boolean() });

const connect = fc
  .record({
    clean: fc.boolean(),
    clientId: text,
    keepalive: fc.integer({ min: 0, max: 65_535 }),
    will: fc.option(will, { nil: undefined }),
    username: fc.option(
      text.filter(({ length }) => length > 0),
      { nil: undefined },
    ),
    password: fc.option(payload(40), { nil: undefined }),
  })
  .map(({ will: last, username, password, ...rest }): IConnectPacket => {
    const user = username === undefined ? {} : { username, ...(password && { password }) };
    const clean = rest.clean || rest.clientId === '';
    return connectPacket({ ...rest, clean, ...user, ...(last && { will: last as never }) });
  });

const publish = fc
  .record({
    topic: topicName,
    payload: payload(300),
    qos,
    dup: fc.boolean(),
    retain: fc.boolean(),
    messageId,
  })
  .map((packet): Packet => ({ cmd: 'publish', ...packet, dup: packet.dup && packet.qos > 0 }) as Packet);

const others = fc.oneof(
  fc.record({ cmd: fc.constantFrom('puback', 'pubrec', 'pubrel', 'pubcomp'), messageId }),
  fc.record({
    cmd: fc.constant('subscribe'),
    messageId,
    subscriptions: fc.array(fc.record({ topic: topicFilter, qos }), { minLength: 1, maxLength: 5 }),
  }),
  fc.record({
    cmd: fc.constant('unsubscribe'),
    messageId,
    unsubscriptions: fc.array(topicFilter, { minLength: 1, maxLength: 5 }),
  }),
  fc.record({ cmd: fc.constant('pingreq') }),
) as fc.Arbitrary<Packet>;

export const anyConnect: fc.Arbitrary<Buffer> = connect.map(bytesOf);

/** A packet that may follow a CONNECT, and be followed by others. */
export const anyPacket: fc.Arbitrary<Buffer> = fc.oneof(publish, others).map(bytesOf);

/** A CONNECT, and what may follow it. */
export const anyPackets: fc.Arbitrary<Buffer[]> = fc
  .tuple(anyConnect, fc.array(anyPacket, { maxLength: 12 }))
  .map(([first, rest]) => [first, ...rest]);
