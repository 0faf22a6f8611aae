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

async function subscribe(client: RawClient, topic: string, qos: 0 | 1 | 2 = 2): Promise<void> {
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos }] });
  await client.next('suback');
}

/** Resolves once the hub has a message, and everybody has it for whom it is. */
async function say(topic: string, payload: string, qos: 0 | 1 | 2 = 1, retain = false): Promise<void> {
  talker.send({ cmd: 'publish', topic, payload, qos, messageId: 1, dup: false, retain });
  if (qos === 2) {
    await talker.next('pubrec');
    talker.send({ cmd: 'pubrel', messageId: 1 });
  }
  await talker.settled();
}

const texts = (client: RawClient): string[] => client.publishes().map(({ payload }) => String(payload));

/** What has come up to a message that is sent now. */
async function textsUntil(client: RawClient, topic: string): Promise<string[]> {
  await say(topic, 'end');
  await client.until(() => texts(client).find((text) => text === 'end'));
  return texts(client);
}

describe('a session that is kept', () => {
  test('[MQTT-3.1.2-4] [MQTT-4.1.0-1] is made where there is none, outlives the link, and is gone on with', async () => {
    const first = await connect('going on');
    await subscribe(first, 'plant/a');
    await first.disconnect();
    const second = await connect('going on');
    expect([isPresent(first), isPresent(second)]).toEqual([false, true]);
    expect(await textsUntil(second, 'plant/a')).toEqual(['end']);
    await second.drop();
    const third = await connect('going on');
    expect(isPresent(third)).toBe(true);
    await third.disconnect();
  });

  test('[MQTT-4.1.0-1] knows which messages of QoS 2 have come: what is sent again is not published again', async () => {
    const watcher = await connect('watcher', { clean: true });
    await subscribe(watcher, 'plant/b', 0);
    const message = { cmd: 'publish', topic: 'plant/b', qos: 2, messageId: 9, retain: false } as const;
    const first = await connect('sender');
    first.send({ ...message, payload: 'once', dup: false });
    await first.next('pubrec');
    await first.drop();
    const second = await connect('sender');
    second.send({ ...message, payload: 'once', dup: true });
    await second.next('pubrec');
    await second.drop();
    const third = await connect('sender');
    third.send({ cmd: 'pubrel', messageId: 9 });
    expect((await third.next('pubcomp')).messageId).toBe(9);
    expect(await textsUntil(watcher, 'plant/b')).toEqual(['once', 'end']);
    third.send({ ...message, payload: 'anew', dup: false });
    await third.next('pubrec');
    expect(await watcher.until(() => texts(watcher)[2])).toBe('anew');
    await third.disconnect();
  });

  test('[MQTT-3.1.2-5] has what came at QoS 1 and 2 while its client was away', async () => {
    const first = await connect('away');
    await subscribe(first, 'missed/#');
    await first.disconnect();
    await say('missed/a', 'one', 1);
    await say('missed/b', 'two', 2);
    await say('elsewhere', 'three', 2);
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
    await subscribe(first, 'plant/c');
    await first.disconnect();
    await say('plant/c', 'for this');
    const other = await connect('that');
    expect(isPresent(other)).toBe(false);
    await other.settled();
    expect(texts(other)).toEqual([]);
    const again = await connect('this');
    expect(isPresent(again)).toBe(true);
    await again.until(() => again.publishes()[0]);
    await Promise.all([other.disconnect(), again.disconnect()]);
  });

  test('[MQTT-4.1.0-2] does not end while its client is there, whoever opens another', async () => {
    const clients: RawClient[] = [];
    for (const id of ['one', 'two', 'three']) clients.push(await connect(id));
    for (const client of clients) await subscribe(client, 'plant/d');
    const refused = await connect('four');
    expect(refused.packets).toMatchObject([{ cmd: 'connack', returnCode: 3 }]);
    const clean = await connect('four', { clean: true });
    expect(clean.packets).toMatchObject([{ cmd: 'connack', returnCode: 0 }]);
    for (const client of clients) expect(await textsUntil(client, 'plant/d')).toContain('end');
    await Promise.all(clients.map((client) => client.disconnect()));
  });
});

describe('[MQTT-3.1.2-6] [MQTT-3.1.4-3] a clean session', () => {
  test('ends the one that was kept, with all that is in it', async () => {
    const kept = await connect('turning');
    await subscribe(kept, 'plant/e');
    await kept.disconnect();
    await say('plant/e', 'missed');
    const clean = await connect('turning', { clean: true });
    await say('plant/e', 'heard by nobody');
    await clean.settled();
    expect([isPresent(clean), texts(clean)]).toEqual([false, []]);
    await clean.disconnect();
    const anew = await connect('turning');
    await say('plant/e', 'heard by nobody');
    await anew.settled();
    expect([isPresent(anew), texts(anew)]).toEqual([false, []]);
    await anew.disconnect();
  });

  test('ends with its link, with all that is in it', async () => {
    const clean = await connect('fleeting', { clean: true });
    await subscribe(clean, 'plant/f');
    await say('plant/f', 'not acknowledged');
    await clean.next('publish');
    await clean.drop();
    await say('plant/f', 'missed');
    const next = await connect('fleeting');
    await next.settled();
    expect([isPresent(next), texts(next)]).toEqual([false, []]);
    await next.disconnect();
  });
});

test('[MQTT-3.1.2-7] what is retained is not of the session in which it was published', async () => {
  const publisher = await connect('publisher');
  await subscribe(publisher, 'shelf');
  publisher.send({
    cmd: 'publish',
    topic: 'shelf',
    payload: 'stays',
    qos: 1,
    messageId: 1,
    dup: false,
    retain: true,
  });
  await publisher.next('puback');
  await publisher.disconnect();
  await (await connect('publisher', { clean: true })).disconnect();
  const later = await connect('later', { clean: true });
  await subscribe(later, 'shelf');
  expect(await later.until(() => later.publishes()[0])).toMatchObject({ retain: true });
  expect(texts(later)).toEqual(['stays']);
});
