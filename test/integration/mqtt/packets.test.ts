import { generate } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { connectBytes, CONNECT_FLAG, field, packetBytes, uint16 } from '../../support/mqtt-bytes.ts';
import { publishPacket, RawClient } from '../../support/raw-client.ts';
import { makeService, type Credentials } from '../../support/service.ts';

let hub: TestHub;
let service: Credentials;

beforeAll(async () => {
  hub = await startTestHub();
  service = await makeService(hub, 'talker');
});
afterAll(() => hub.close());

const connect = (options: Parameters<typeof RawClient.connect>[1] = {}): Promise<RawClient> =>
  RawClient.connect(hub, { ...service, ...options });

const BROKEN = 1002;

/** A CONNECT that would be accepted, if it were not for what is put into its strings. */
function connectWith(odd: { clientId?: Uint8Array; willTopic?: Uint8Array; userName?: Uint8Array }): Buffer {
  const { cleanSession, will, userName, password } = CONNECT_FLAG;
  return connectBytes({
    flags: cleanSession | will | userName | password,
    payload: [
      field(odd.clientId ?? 'odd'),
      field(odd.willTopic ?? 'will/odd'),
      field('gone'),
      field(odd.userName ?? service.username ?? ''),
      field(service.password ?? ''),
    ],
  });
}

describe('a string', () => {
  interface Place {
    /** Whether the string stands in the first packet of a link. */
    readonly first?: boolean;
    readonly packet: (text: Uint8Array) => Buffer;
  }
  const PLACES: [string, Place][] = [
    ['as a client id [MQTT-3.1.3-4]', { first: true, packet: (clientId) => connectWith({ clientId }) }],
    ['as a will topic [MQTT-3.1.3-10]', { first: true, packet: (willTopic) => connectWith({ willTopic }) }],
    ['as a user name [MQTT-3.1.3-11]', { first: true, packet: (userName) => connectWith({ userName }) }],
    [
      'as a topic name [MQTT-3.3.2-1]',
      { packet: (text) => packetBytes(0x30, field(text), Buffer.from('on')) },
    ],
    [
      'as a filter to subscribe to [MQTT-3.8.3-1]',
      { packet: (text) => packetBytes(0x82, uint16(1), field(text), Buffer.from([0])) },
    ],
    [
      'as a filter to unsubscribe from [MQTT-3.10.3-1]',
      { packet: (text) => packetBytes(0xa2, uint16(1), field(text)) },
    ],
  ];

  /** Sends a string in its place. Resolves with the close code. */
  async function codeFor({ first = false, packet }: Place, text: Uint8Array): Promise<number> {
    const client = first ? await RawClient.open(hub) : await connect();
    return (await client.endedBy(packet(text))).code;
  }

  const ILL_FORMED = {
    'a byte that UTF-8 never has': [0xff],
    'a continuation of nothing': [0x80],
    'a sequence that is cut short': [0xe2, 0x82],
    'an overlong slash': [0xc0, 0xaf],
    'a surrogate': [0xed, 0xa0, 0x80],
    'a code point beyond U+10FFFF': [0xf4, 0x90, 0x80, 0x80],
  };
  const between = (bytes: readonly number[]): Buffer => Buffer.from([0x61, ...bytes, 0x62]);

  test.each(PLACES)('[MQTT-1.5.3-1] of ill-formed UTF-8 ends the link: %s', async (_what, place) => {
    const codes = Object.entries(ILL_FORMED).map(
      async ([what, bytes]) => [what, await codeFor(place, between(bytes))] as const,
    );
    const expected = Object.keys(ILL_FORMED).map((what) => [what, BROKEN]);
    expect(await Promise.all(codes)).toEqual(expected);
  });

  test.each(PLACES)('[MQTT-1.5.3-2] with U+0000 ends the link: %s', async (_what, place) => {
    expect(await codeFor(place, between([0]))).toBe(BROKEN);
  });

  test('[MQTT-1.5.3-3] keeps its U+FEFF, wherever it stands', async () => {
    const marked = '\uFEFFplant/\uFEFF';
    const watcher = await connect();
    await watcher.subscribe(0, marked);
    const talker = await connect();
    for (const topic of ['plant/', 'plant/\uFEFF', '\uFEFFplant/', marked]) {
      talker.send(packetBytes(0x30, field(topic), Buffer.from(topic)));
    }
    await watcher.next('publish');
    await watcher.settled();
    expect(Buffer.concat(watcher.frames).includes(field(marked))).toBe(true);
    expect(watcher.publishes().map(({ payload }) => String(payload))).toEqual([marked]);
  });
});

describe('reserved flags', () => {
  const ACKNOWLEDGED = uint16(7);
  const KINDS: [string, number, Buffer[]][] = [
    ['PUBACK', 0x40, [ACKNOWLEDGED]],
    ['PUBREC', 0x50, [ACKNOWLEDGED]],
    ['PUBREL [MQTT-3.6.1-1]', 0x62, [ACKNOWLEDGED]],
    ['PUBCOMP', 0x70, [ACKNOWLEDGED]],
    ['SUBSCRIBE [MQTT-3.8.1-1]', 0x82, [uint16(7), field('plant/a'), Buffer.from([0])]],
    ['UNSUBSCRIBE [MQTT-3.10.1-1]', 0xa2, [uint16(7), field('plant/a')]],
    ['PINGREQ', 0xc0, []],
    ['DISCONNECT [MQTT-3.14.1-1]', 0xe0, []],
  ];
  const BITS = [1, 2, 4, 8];

  test.each(KINDS)('[MQTT-2.2.2-2] that are wrong end the link: %s', async (_what, first, rest) => {
    for (const bit of BITS) {
      const client = await connect();
      expect((await client.endedBy(packetBytes(first ^ bit, ...rest))).code).toBe(BROKEN);
    }
  });

  test('[MQTT-2.2.2-2] that are wrong end the link: CONNECT', async () => {
    for (const bit of BITS) {
      const client = await RawClient.open(hub);
      const bytes = connectWith({});
      bytes[0] = 0x10 ^ bit;
      expect((await client.endedBy(bytes)).code).toBe(BROKEN);
      expect(client.packets).toEqual([]);
    }
  });

  test('that are right do not end it: it is not the packets themselves', async () => {
    const client = await connect();
    for (const [, first, rest] of KINDS.slice(0, -1)) client.send(packetBytes(first, ...rest));
    await client.settled();
    const first = await RawClient.open(hub);
    first.send(connectWith({}));
    expect(await first.next('connack')).toMatchObject({ returnCode: 0 });
  });

  test('[MQTT-2.2.2-1] are as the standard has them in all that the hub sends', async () => {
    const client = await connect();
    client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'flags', qos: 2 }] });
    client.send(publishPacket('flags', ''));
    client.send(publishPacket('other', '', { qos: 1, messageId: 2 }));
    client.send(publishPacket('flags', '', { qos: 2, messageId: 3 }));
    await client.next('pubrec');
    client.send({ cmd: 'pubrel', messageId: 3 });
    const { messageId = 0 } = await client.until((packets) =>
      packets.filter((packet) => packet.cmd === 'publish').find(({ qos }) => qos === 2),
    );
    client.send({ cmd: 'pubrec', messageId });
    await client.next('pubrel');
    client.send({ cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['flags'] });
    await client.next('unsuback');
    await client.settled();
    const firsts = client.packets.map((packet) => {
      const [first = 0] = generate(packet);
      return first;
    });
    expect(Buffer.concat(client.frames)).toEqual(
      Buffer.concat(client.packets.map((packet) => generate(packet))),
    );
    expect(new Set(firsts)).toEqual(new Set([0x20, 0x90, 0x30, 0x40, 0x50, 0x34, 0x70, 0x62, 0xb0, 0xd0]));
  });
});
