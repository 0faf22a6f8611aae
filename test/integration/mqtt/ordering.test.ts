import type { IPublishPacket, QoS } from 'mqtt-packet';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { tokenTopic } from '#firmware-protocol';
import { Plant } from '../../support/plant.ts';
import { publishPacket, RawClient, type Command } from '../../support/raw-client.ts';
import { pick, seededRandom } from '../../unit/broker/seeded-random.ts';

let plant: Plant;
beforeAll(async () => {
  plant = await Plant.start();
});
afterEach(() => plant.endClients());
afterAll(() => plant.close());

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at}`);

const idsOf = ({ packets }: RawClient, cmd: Command): number[] =>
  packets.filter((packet) => packet.cmd === cmd).map(({ messageId }) => messageId as number);

/** Messages at any QoS to several topics, some to be retained, each with its place as payload and identifier. */
function mixture(seed: number, count: number, topics: readonly string[]): IPublishPacket[] {
  const random = seededRandom(seed);
  return numbered(count).map((text, at) =>
    publishPacket(pick(random, topics), text, {
      qos: pick(random, [0, 1, 2] as const),
      messageId: 1 + at,
      retain: random() < 0.3,
    }),
  );
}

describe('acknowledgements come in the order of what they are for', () => {
  test('[MQTT-4.6.0-2] [MQTT-4.6.0-3] of messages at every QoS, to several topics, retained or not, in one write', async () => {
    await plant.subscriber(2, 'acks/#');
    const client = await plant.connect();
    const packets = mixture(1, 600, ['acks/a', 'acks/b', 'acks/c', 'elsewhere']);
    client.send(packets);
    for (const [qos, cmd] of [
      [1, 'puback'],
      [2, 'pubrec'],
    ] as const) {
      const expected = packets.filter((packet) => packet.qos === qos).map(({ messageId }) => messageId);
      await client.until(() => (idsOf(client, cmd).length >= expected.length ? true : undefined));
      expect(idsOf(client, cmd)).toEqual(expected);
    }
  });

  test('[MQTT-4.6.0-2] [MQTT-4.6.0-3] also where the hub has to look something up for one of them', async () => {
    const password = Buffer.from(await plant.hub.token());
    const client = await RawClient.connect(plant.hub, { clientId: 'renewing', username: '@owner', password });
    const renewal = publishPacket(tokenTopic('home'), await plant.hub.token());
    // What cannot be decoded is acknowledged, and has no effect.
    const request = publishPacket('iot/1/home/lamp/rq/cmd', 'not CBOR');
    for (const [qos, cmd] of [
      [1, 'puback'],
      [2, 'pubrec'],
    ] as const) {
      const packets = [request, renewal, request, request, renewal, request];
      client.send(packets.map((packet, at) => ({ ...packet, qos, messageId: 1 + at })));
      await client.until(() => (idsOf(client, cmd).length >= packets.length ? true : undefined));
      expect(idsOf(client, cmd)).toEqual([1, 2, 3, 4, 5, 6]);
    }
    await client.drop();
  });
});

test('[MQTT-4.6.0-2] [MQTT-4.6.0-3] acknowledgements come in their order also where one of them waits for the disk', async () => {
  const kept = await plant.keep('waiting');
  await kept.subscribe(2, 'waits/for/disk');
  const client = await plant.connect();
  for (const [qos, cmd] of [
    [1, 'puback'],
    [2, 'pubrec'],
  ] as const) {
    const topics = ['free', 'waits/for/disk', 'free', 'free', 'waits/for/disk', 'free'];
    client.send(topics.map((topic, at) => publishPacket(topic, 'x', { qos, messageId: 1 + at })));
    await client.until(() => (idsOf(client, cmd).length >= topics.length ? true : undefined));
    expect(idsOf(client, cmd)).toEqual([1, 2, 3, 4, 5, 6]);
  }
});

describe.each([
  ['clean', true],
  ['kept', false],
] as const)('to a client with a %s session', (name, clean) => {
  test('[MQTT-4.6.0-5] [MQTT-4.6.0-6] messages of one client on one topic at one QoS come in the order in which they were published', async () => {
    const prefix = `ordered/${name}`;
    const client = (await plant.connect({ clientId: prefix, clean })).acknowledge();
    await client.subscribe(2, `${prefix}/#`);
    const publishers = await Promise.all([0, 1, 2].map(() => plant.connect()));
    const sent = publishers.map((publisher, at) => {
      publisher.acknowledge();
      const topics = ['a', 'b', 'c'].map((level) => `${prefix}/${level}/${at}`);
      const packets = mixture(10 + at, 500, topics);
      for (let from = 0; from < 500; from += 50) publisher.send(packets.slice(from, from + 50));
      return packets;
    });
    await client.until(() => (client.publishes().length === 1_500 ? true : undefined));
    const came = Map.groupBy(client.publishes(), ({ topic, qos }) => `${topic} at ${qos}`);
    expect(came.size).toBe(3 * 3 * 3);
    for (const packets of sent) {
      for (const topic of new Set(packets.map((packet) => packet.topic))) {
        for (const qos of [0, 1, 2] as const) {
          const expected = packets.filter((packet) => packet.topic === topic && packet.qos === qos);
          expect((came.get(`${topic} at ${qos}`) ?? []).map(({ payload }) => String(payload))).toEqual(
            expected.map(({ payload }) => payload),
          );
        }
      }
    }
  });

  test.each([
    [1, false],
    [1, true],
    [2, false],
    [2, true],
  ] as const)(
    '[MQTT-4.6.0-6] [MQTT-3.3.1-9] behind a message of QoS %i that is published while what is retained is still to come, none of its topic comes that is older, nor itself again (retained: %s)',
    async (qos, retain) => {
      const topic = `before/${name}/${qos}/${retain}`;
      for (const text of numbered(300)) {
        await plant.publisher.publish(`${topic}/${text}`, `old ${text}`, { qos, retain: true });
      }
      const client = await plant.connect({ clientId: topic, clean });
      await client.subscribe(2, `${topic}/+`);
      // While the client has not acknowledged, and so not got, but the first of them.
      const later = ['0', '150', '299'];
      for (const text of later) {
        await plant.publisher.publish(`${topic}/${text}`, `new ${text}`, { qos, retain });
      }
      client.acknowledge();
      const topics = () => new Set(client.publishes().map((message) => message.topic)).size;
      await client.until(() => (topics() === 300 ? true : undefined));
      await client.settled();
      for (const text of later) {
        const came = client.publishes().filter((message) => message.topic === `${topic}/${text}`);
        const [old, live] = [
          [`old ${text}`, true],
          [`new ${text}`, false],
        ];
        expect([[old, live], [live]]).toContainEqual(
          came.map(({ payload, retain: flag }) => [String(payload), flag]),
        );
      }
    },
  );

  test('[MQTT-3.10.4-2] what is retained anew behind an UNSUBACK does not come, however much is still to come', async () => {
    const topic = `behind/${name}`;
    for (const text of numbered(300))
      await plant.publisher.publish(`${topic}/${text}`, text, { retain: true });
    const client = await plant.connect({ clientId: topic, clean });
    await client.subscribe(2, `${topic}/+`, 'behind/end');
    await client.unsubscribe(`${topic}/+`);
    await plant.publisher.publish(`${topic}/300`, 'new', { retain: true });
    await plant.publisher.publish(`${topic}/299`, 'newer', { retain: true });
    client.acknowledge();
    await plant.publisher.publish('behind/end', 'end');
    await client.untilText('end');
    // More of what was there before the UNSUBSCRIBE may come, or not [3.10.4].
    await client.settled();
    expect(client.texts).not.toContain('new');
    expect(client.texts).not.toContain('newer');
  });
});

test.each<[QoS]>([[0], [1], [2]])('[MQTT-4.6.0-6] a client hears itself in order at QoS %i', async (qos) => {
  const client = await plant.subscriber(2, `self/${qos}`);
  client.send(
    numbered(200).map((text, at) => publishPacket(`self/${qos}`, text, { qos, messageId: 1 + at })),
  );
  await client.until(() => (client.publishes().length === 200 ? true : undefined));
  expect(client.texts).toEqual(numbered(200));
});
