import type { IConnectPacket } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { RawClient } from '../../support/raw-client.ts';
import { makeService, type Credentials } from '../../support/service.ts';

let hub: TestHub;
let service: Credentials;
let talker: RawClient;

beforeAll(async () => {
  hub = await startTestHub((settings) => ({
    ...settings,
    limits: { ...settings.limits, sessionsPerService: 3 },
  }));
  service = await makeService(hub, 'keeper');
  talker = await RawClient.connect(hub, service);
});
afterAll(() => hub.close());

/** Connects for a session that is kept, unless told otherwise. */
const connect = (clientId: string, options: Partial<IConnectPacket> = {}): Promise<RawClient> =>
  RawClient.connect(hub, { ...service, clean: false, clientId, ...options });

const isPresent = ({ packets: [connack] }: RawClient): boolean =>
  connack?.cmd === 'connack' && connack.sessionPresent;

/** What has come to a client up to a message that is published now. */
async function textsUntilNow(client: RawClient, topic: string): Promise<string[]> {
  await talker.publish(topic, 'now');
  await client.untilText('now');
  return client.texts;
}

describe('a session that is kept', () => {
  test('[MQTT-3.1.2-4] [MQTT-4.1.0-1] is made where there is none, outlives the link, and is gone on with', async () => {
    const first = await connect('going on');
    await first.subscribe(2, 'plant/a');
    await first.disconnect();
    const second = await connect('going on');
    expect([isPresent(first), isPresent(second)]).toEqual([false, true]);
    expect(await textsUntilNow(second, 'plant/a')).toEqual(['now']);
    await second.drop();
    const third = await connect('going on');
    expect(isPresent(third)).toBe(true);
    await third.disconnect();
  });

  test('[MQTT-3.1.2-5] has what came at QoS 1 and 2 while its client was away', async () => {
    const first = await connect('away');
    await first.subscribe(2, 'missed/#');
    await first.disconnect();
    await talker.publish('missed/a', 'one');
    await talker.publish('missed/b', 'two', { qos: 2 });
    await talker.publish('elsewhere', 'three', { qos: 2 });
    const second = await connect('away');
    await second.until(() => second.publishes()[1]);
    expect(second.publishes().map(({ qos, payload }) => [qos, String(payload)])).toEqual([
      [1, 'one'],
      [2, 'two'],
    ]);
    await second.disconnect();
  });

  test('[MQTT-3.1.3-2] is of its client id: another id has another one', async () => {
    const first = await connect('this');
    await first.subscribe(2, 'plant/c');
    await first.disconnect();
    await talker.publish('plant/c', 'for this');
    const other = await connect('that');
    expect(isPresent(other)).toBe(false);
    await other.settled();
    expect(other.texts).toEqual([]);
    const again = await connect('this');
    expect(isPresent(again)).toBe(true);
    await again.until(() => again.publishes()[0]);
    await Promise.all([other.disconnect(), again.disconnect()]);
  });

  test('[MQTT-4.1.0-2] does not end while its client is there, whoever opens another', async () => {
    const clients: RawClient[] = [];
    for (const id of ['one', 'two', 'three']) clients.push(await connect(id));
    for (const client of clients) await client.subscribe(2, 'plant/d');
    const refused = await connect('four');
    expect(refused.packets).toMatchObject([{ cmd: 'connack', returnCode: 3 }]);
    const clean = await connect('four', { clean: true });
    expect(clean.packets).toMatchObject([{ cmd: 'connack', returnCode: 0 }]);
    for (const client of clients) expect(await textsUntilNow(client, 'plant/d')).toContain('now');
    await Promise.all(clients.map((client) => client.disconnect()));
  });
});

describe('[MQTT-3.1.2-6] [MQTT-3.1.4-3] a clean session', () => {
  test('ends the one that was kept, with all that is in it', async () => {
    const kept = await connect('turning');
    await kept.subscribe(2, 'plant/e');
    await kept.disconnect();
    await talker.publish('plant/e', 'missed');
    const clean = await connect('turning', { clean: true });
    await talker.publish('plant/e', 'heard by nobody');
    await clean.settled();
    expect([isPresent(clean), clean.texts]).toEqual([false, []]);
    await clean.disconnect();
    const anew = await connect('turning');
    await talker.publish('plant/e', 'heard by nobody');
    await anew.settled();
    expect([isPresent(anew), anew.texts]).toEqual([false, []]);
    await anew.disconnect();
  });

  test('ends with its link, with all that is in it', async () => {
    const clean = await connect('fleeting', { clean: true });
    await clean.subscribe(2, 'plant/f');
    await talker.publish('plant/f', 'not acknowledged');
    await clean.next('publish');
    await clean.drop();
    await talker.publish('plant/f', 'missed');
    const next = await connect('fleeting');
    await next.settled();
    expect([isPresent(next), next.texts]).toEqual([false, []]);
    await next.disconnect();
  });
});

test('[MQTT-3.1.2-7] what is retained is not of the session in which it was published', async () => {
  const publisher = await connect('publisher');
  await publisher.subscribe(2, 'shelf');
  await publisher.publish('shelf', 'stays', { retain: true });
  await publisher.disconnect();
  await (await connect('publisher', { clean: true })).disconnect();
  const later = await connect('later', { clean: true });
  await later.subscribe(2, 'shelf');
  expect(await later.until(() => later.publishes()[0])).toMatchObject({ retain: true });
  expect(later.texts).toEqual(['stays']);
});
