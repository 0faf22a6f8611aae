import type { IConnectPacket } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { connectPacket, publishPacket, RawClient } from '../../support/raw-client.ts';
import { makeService, type Credentials } from '../../support/service.ts';

let hub: TestHub;
let service: Credentials;

beforeAll(async () => {
  hub = await startTestHub((settings) => ({
    ...settings,
    limits: { ...settings.limits, sessionsPerService: 2 },
  }));
  service = await makeService(hub, 'keeper');
});
afterAll(() => hub.close());

const REFUSED = 1008;
const NO_ROOM = 1013;

/** Sends a CONNECT for a session that is kept. Resolves with the CONNACK as bytes, and with the client. */
async function answerTo(asked: Partial<IConnectPacket>): Promise<{ client: RawClient; connack: number[] }> {
  const client = await RawClient.open(hub);
  client.send(connectPacket({ ...service, clean: false, clientId: 'kept', ...asked }));
  await client.next('connack');
  return { client, connack: [...Buffer.concat(client.frames)] };
}

test('[MQTT-3.2.0-1] CONNACK comes before all else, whatever was asked behind the CONNECT', async () => {
  const kept = { ...service, clean: false, clientId: 'waiting' };
  const before = await RawClient.connect(hub, kept);
  before.send([
    { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'missed', qos: 1 }] },
    publishPacket('shelf', 'there', { qos: 1, messageId: 2, retain: true }),
  ]);
  await before.next('puback');
  await before.disconnect();
  const talker = await RawClient.connect(hub, service);
  talker.send(publishPacket('missed', '', { qos: 1, messageId: 1 }));
  await talker.next('puback');

  const client = await RawClient.open(hub);
  client.send([
    connectPacket(kept),
    { cmd: 'pingreq' },
    { cmd: 'subscribe', messageId: 2, subscriptions: [{ topic: 'shelf', qos: 0 }] },
    publishPacket('missed', '', { qos: 1, messageId: 3 }),
    { cmd: 'pingreq' },
  ]);
  await client.until((packets) => packets.filter(({ cmd }) => cmd === 'pingresp')[1]);
  await client.until(() => client.publishes()[2]);
  expect(client.packets.map(({ cmd }) => cmd === 'connack')).toEqual(
    client.packets.map((_packet, at) => at === 0),
  );
  await client.disconnect();
});

describe('a session is present', () => {
  test('[MQTT-3.2.2-3] not where there was none, [MQTT-3.2.2-2] where one was kept, also without subscriptions, [MQTT-3.2.2-1] and not where a clean one is asked for', async () => {
    const asked: [Partial<IConnectPacket>, number][] = [
      [{}, 0],
      [{}, 1],
      [{}, 1],
      [{ clean: true }, 0],
      [{ clean: true }, 0],
      [{}, 0],
      [{}, 1],
    ];
    for (const [options, present] of asked) {
      const { client, connack } = await answerTo(options);
      expect(connack).toEqual([0x20, 2, present, 0]);
      await client.disconnect();
    }
  });
});

describe('[MQTT-3.2.2-4] [MQTT-3.2.2-5] a refusal says that no session is present, and ends the link', () => {
  test.each<[string, number, Partial<IConnectPacket>]>([
    ['return code 1: the protocol level', 1, { protocolVersion: 5 }],
    ['return code 2: the client id', 2, { clientId: 'x'.repeat(129) }],
    ['return code 4: the user name', 4, { username: '@stranger' }],
    ['return code 4: the password', 4, { password: Buffer.from('wrong') }],
  ])('with %s', async (_what, code, asked) => {
    const { client } = await answerTo({});
    await client.disconnect();
    const refused = await answerTo(asked);
    expect(refused.connack).toEqual([0x20, 2, 0, code]);
    expect((await refused.client.closed).code).toBe(REFUSED);
  });

  test('[MQTT-4.8.0-2] with return code 3: there is no room for a session, for the time being', async () => {
    const [one, two] = [await answerTo({ clientId: 'one' }), await answerTo({ clientId: 'two' })];
    const refused = await answerTo({ clientId: 'three' });
    expect(refused.connack).toEqual([0x20, 2, 0, 3]);
    expect((await refused.client.closed).code).toBe(NO_ROOM);
    await two.client.disconnect();
    const later = await answerTo({ clientId: 'three' });
    expect(later.connack).toEqual([0x20, 2, 0, 0]);
    await Promise.all([one.client.disconnect(), later.client.disconnect()]);
  });
});
