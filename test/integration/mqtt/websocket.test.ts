import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { bytesOf, connectPacket, publishPacket, RawClient } from '../../support/raw-client.ts';
import { makeService, type Credentials } from '../../support/service.ts';

let hub: TestHub;
let service: Credentials;

beforeAll(async () => {
  hub = await startTestHub();
  service = await makeService(hub, 'talker');
});
afterAll(() => hub.close());

test('[MQTT-6.0.0-1] a text frame ends the link', async () => {
  const client = await RawClient.connect(hub, service);
  const message = publishPacket('text', '');
  client.socket.send(bytesOf(message), { binary: false });
  expect(await client.closed).toEqual({
    code: 1003,
    reason: 'a text frame: MQTT travels in binary frames only',
  });
  expect(client.packets.map(({ cmd }) => cmd)).toEqual(['connack']);
});

describe('MQTT in WebSocket messages', () => {
  /** A client that says everything once, and hears its own messages. */
  const CONVERSATION: Packet[] = [
    { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'cut/#', qos: 2 }] },
    publishPacket('cut/0', 'a'.repeat(200)),
    publishPacket('cut/1', 'b', { qos: 1, messageId: 2 }),
    publishPacket('cut/2', 'c', { qos: 2, messageId: 3 }),
    { cmd: 'pubrel', messageId: 3 },
    { cmd: 'unsubscribe', messageId: 4, unsubscriptions: ['other'] },
    { cmd: 'pingreq' },
  ];

  /** Cuts bytes into pieces of 1 to 7 bytes, the same each time. */
  function pieces(bytes: Buffer): Buffer[] {
    const cut: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += cut.at(-1)?.length ?? 0) {
      cut.push(bytes.subarray(at, at + 1 + (at % 7)));
    }
    return cut;
  }

  type Send = (client: RawClient, packets: readonly Buffer[]) => void;
  const eachOf = (client: RawClient, messages: readonly Buffer[]): void =>
    messages.forEach((message) => client.socket.send(message));

  const WAYS: [string, Send][] = [
    ['each packet in a message of its own', eachOf],
    ['all packets in one message', (client, packets) => eachOf(client, [Buffer.concat(packets)])],
    [
      'each byte in a message of its own',
      (client, packets) => client.send(Buffer.concat(packets), 'byte by byte'),
    ],
    [
      'pieces that begin and end anywhere',
      (client, packets) => eachOf(client, pieces(Buffer.concat(packets))),
    ],
    [
      'messages that are fragmented over frames',
      (client, packets) => {
        const cut = pieces(Buffer.concat(packets));
        cut.forEach((piece, at) => client.socket.send(piece, { fin: at % 5 === 4 || at === cut.length - 1 }));
      },
    ],
  ];

  test.each(WAYS)('[MQTT-6.0.0-2] is understood however it is cut: %s', async (_what, send) => {
    const client = await RawClient.open(hub);
    send(client, [connectPacket({ ...service, clientId: 'cut' }), ...CONVERSATION].map(bytesOf));
    // What was said at QoS 2 is answered last, and not in the order of what was sent.
    await client.until((packets) => packets[9]);
    await client.settled();
    const said = client.packets.slice(0, -1).map((packet) => {
      if (packet.cmd !== 'publish') return packet.cmd;
      return `publish ${packet.topic} ${String(packet.payload)} at QoS ${packet.qos}`;
    });
    expect(said.toSorted()).toEqual([
      'connack',
      'pingresp',
      'puback',
      'pubcomp',
      'publish cut/0 ' + 'a'.repeat(200) + ' at QoS 0',
      'publish cut/1 b at QoS 1',
      'publish cut/2 c at QoS 2',
      'pubrec',
      'suback',
      'unsuback',
    ]);
    await client.disconnect();
  });

  test('[MQTT-6.0.0-1] comes from the hub in binary messages, each of whole packets', async () => {
    const client = await RawClient.open(hub);
    const binary: boolean[] = [];
    client.socket.on('message', (_data, isBinary) => binary.push(isBinary));
    client.send([connectPacket(service), ...CONVERSATION]);
    await client.next('pingresp');
    expect(new Set(binary)).toEqual(new Set([true]));
    expect(client.frames.map((frame) => mqttPacket.parser().parse(frame))).toEqual(
      client.frames.map(() => 0),
    );
  });
});

describe('the handshake', () => {
  /** Opens a WebSocket that offers these subprotocols, and no extension. */
  const offering = (...protocols: string[]): WebSocket =>
    new WebSocket(hub.wss, protocols, { ca: hub.ca, perMessageDeflate: false });

  test.each([[['mqtt']], [['chat', 'mqtt']], [['mqtt', 'chat']]])(
    '[MQTT-6.0.0-4] chooses mqtt, and nothing else, of %j',
    async (offered) => {
      const socket = offering(...offered);
      await once(socket, 'open');
      expect([socket.protocol, socket.extensions]).toEqual(['mqtt', '']);
      socket.terminate();
    },
  );

  test.each([[[]], [['chat']], [['MQTT']], [['mqttv3.1']]])(
    '[MQTT-6.0.0-3] that does not offer mqtt is refused: %j',
    async (offered) => {
      const socket = offering(...offered);
      socket.on('error', () => undefined);
      const [, response] = (await once(socket, 'unexpected-response')) as [unknown, { statusCode: number }];
      expect(response.statusCode).toBe(400);
      socket.terminate();
    },
  );

  test('[MQTT-7.0.0-2] needs nothing but TLS and WebSocket, and no extension of them', async () => {
    const client = await RawClient.open(hub, { perMessageDeflate: false });
    client.send(connectPacket(service));
    expect(await client.next('connack')).toMatchObject({ returnCode: 0 });
  });
});

test('[MQTT-7.1.1-1] bytes come whole and in order, in both directions', async () => {
  const [talker, listener] = await Promise.all([
    RawClient.connect(hub, service),
    RawClient.connect(hub, service),
  ]);
  await listener.subscribe(1, 'bytes');
  const payloads = Array.from({ length: 40 }, () => randomBytes(50_000));
  payloads.forEach((payload, at) =>
    talker.send(publishPacket('bytes', payload, { qos: 1, messageId: at + 1 })),
  );
  for (const payload of payloads) {
    const { messageId = 0, payload: came } = await listener.next('publish');
    expect(payload.equals(came as Buffer)).toBe(true);
    listener.send({ cmd: 'puback', messageId });
  }
});
