import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { field, packetBytes, uint16 } from '../../support/mqtt-bytes.ts';
import { RawClient } from '../../support/raw-client.ts';
import { makeService, type Credentials } from '../../support/service.ts';

let hub: TestHub;
let service: Credentials;

beforeAll(async () => {
  hub = await startTestHub();
  service = await makeService(hub, 'talker');
});
afterAll(() => hub.close());

const connect = (): Promise<RawClient> => RawClient.connect(hub, service);

describe('[MQTT-4.8.0-1] the link on which it came ends, and no other, for', () => {
  test.each([
    ['a packet of the reserved type 0', packetBytes(0x00)],
    ['a packet of the reserved type 15', packetBytes(0xf0)],
    ['a CONNACK, which only servers send', packetBytes(0x20, uint16(0))],
    ['a SUBACK, which only servers send', packetBytes(0x90, uint16(1), Buffer.from([0]))],
    ['an UNSUBACK, which only servers send', packetBytes(0xb0, uint16(1))],
    ['a PINGRESP, which only servers send', packetBytes(0xd0)],
    ['an UNSUBSCRIBE with the flags 0000 instead of 0010', packetBytes(0xa0, uint16(1), field('plant'))],
    ['a remaining length of more than 4 bytes', Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01])],
    ['a PUBLISH that ends within its topic name', packetBytes(0x30, uint16(9), Buffer.from('plant'))],
    ['a PUBACK whose remaining length is not 2', packetBytes(0x40, uint16(1), Buffer.from([0]))],
    ['a PUBREL whose remaining length is not 2', packetBytes(0x62, Buffer.from([1]))],
    ['a PINGREQ whose remaining length is not 0', packetBytes(0xc0, Buffer.from([0]))],
    ['a DISCONNECT whose remaining length is not 0', packetBytes(0xe0, Buffer.from([0]))],
    [
      'a packet that ends within a topic filter',
      packetBytes(0x82, uint16(1), field('plant'), Buffer.from([0]), uint16(3)),
    ],
  ])('%s', async (what, bytes) => {
    const [client, neighbour] = await Promise.all([connect(), connect()]);
    const { code, reason } = await client.endedBy(bytes);
    expect(code).toBe(1002);
    expect(reason).toMatch(new RegExp(`^${what} [[(]`));
    await hub.log.line(new RegExp(`^ended the link of @talker: ${reason.replaceAll(/[^\w ]/g, '.')}$`));
    await neighbour.settled();
  });
});
