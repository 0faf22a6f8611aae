import type { Packet } from 'mqtt-packet';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Plant } from '../../support/plant.ts';
import { bytesOf, publishPacket } from '../../support/raw-client.ts';
import { matchesByTheWord } from '../../support/topic-match.ts';

let plant: Plant;
beforeAll(async () => {
  plant = await Plant.start();
  for (const topic of TOPICS) await plant.publisher.publish(topic, topic, { retain: true });
});
afterEach(() => plant.endClients());
afterAll(() => plant.close());

const subscribe = (topic: string): Packet => ({
  ...{ cmd: 'subscribe', messageId: 9, subscriptions: [{ topic, qos: 1 }] },
});
const unsubscribe = (topic: string): Packet => ({
  ...{ cmd: 'unsubscribe', messageId: 9, unsubscriptions: [topic] },
});

/** Of what stands in MQTT 3.1.1 §4.7, and of what lies beside it. */
const TOPICS = [
  ...['sport', 'sport/', 'sport/tennis', 'sport/tennis/player1', 'sport/tennis/player1/ranking'],
  ...[
    'sport/tennis/player1/score/wimbledon',
    'sport/tennis/player2',
    'sport/$tennis',
    'SPORT',
    'Sport/tennis',
  ],
  ...['/finance', 'finance', 'finance/', '/', '//', '/finance/', '//finance', 'a//b', 'a/b', 'a///b'],
  ...['Accounts payable', 'ACCOUNTS', 'Accounts', ' ', 'a b/ c ', 'tennis', '-'],
  ...['größe', 'gro\u0308ße', 'GRÖSSE', '温度/厨房', '🌡/🔥', '\uFEFFsport', 'sport\uFEFF', 'sport/\uFEFF'],
  ...['__proto__/a', 'constructor', 'a/__proto__', 'toString/valueOf', 'x/$SYS', '*', 'a/*/b', 'a.b'],
];

/** What a filter matches, as the examples of the standard say, and as it says in general. */
const MATCHES: readonly [clause: string, filter: string, topics: readonly string[]][] = [
  [
    '[4.7.1.2]',
    'sport/tennis/player1/#',
    [...['sport/tennis/player1', 'sport/tennis/player1/ranking', 'sport/tennis/player1/score/wimbledon']],
  ],
  ['[4.7.1.2]', 'sport/#', TOPICS.filter((topic) => topic === 'sport' || topic.startsWith('sport/'))],
  ['[MQTT-4.7.1-2]', '#', TOPICS],
  ['[MQTT-4.7.1-2]', 'sport/tennis/#', TOPICS.filter((topic) => /^sport\/tennis(\/|$)/.test(topic))],
  ['[MQTT-4.7.1-3]', 'sport/tennis/+', ['sport/tennis/player1', 'sport/tennis/player2']],
  ['[MQTT-4.7.1-3]', 'sport/+', ['sport/', 'sport/tennis', 'sport/$tennis', 'sport/\uFEFF']],
  ['[MQTT-4.7.1-3]', '+/tennis/#', TOPICS.filter((topic) => /^[^/]*\/tennis(\/|$)/.test(topic))],
  ['[MQTT-4.7.1-3]', 'sport/+/player1', ['sport/tennis/player1']],
  ['[MQTT-4.7.1-3]', '+', TOPICS.filter((topic) => !topic.includes('/'))],
  ['[4.7.1.3]', '+/+', TOPICS.filter((topic) => topic.split('/').length === 2)],
  ['[4.7.1.3]', '/+', ['/finance', '/']],
  ['[4.7.3]', '/finance', ['/finance']],
  ['[4.7.3]', 'finance', ['finance']],
  ['[4.7.3]', 'finance/', ['finance/']],
  ['[4.7.3]', '/', ['/']],
  ['[4.7.3]', '//', ['//']],
  ['[4.7.3]', '//+', ['//', '//finance']],
  ['[4.7.3]', '+//+', ['//', '//finance', 'a//b']],
  ['[4.7.3]', 'a/+/b', ['a//b', 'a/*/b']],
  ['[4.7.3]', 'a/+/+/b', ['a///b']],
  ['[4.7.3]', '/#', TOPICS.filter((topic) => topic.startsWith('/'))],
  ['[4.7.3]', 'ACCOUNTS', ['ACCOUNTS']],
  ['[4.7.3]', 'Accounts payable', ['Accounts payable']],
  ['[4.7.3]', ' ', [' ']],
  ['[MQTT-4.7.3-4]', 'größe', ['größe']],
  ['[MQTT-4.7.3-4]', 'gro\u0308ße', ['gro\u0308ße']],
  ['[MQTT-4.7.3-4]', 'sport', ['sport']],
  ['[MQTT-4.7.3-4]', 'a.b', ['a.b']],
  ['[MQTT-4.7.3-4]', '*', ['*']],
  ['[MQTT-4.7.3-4]', '温度/+', ['温度/厨房']],
  ['[MQTT-4.7.3-4]', '+/🔥', ['🌡/🔥']],
  ['[MQTT-1.5.3-3]', '\uFEFFsport', ['\uFEFFsport']],
  ['[MQTT-1.5.3-3]', 'sport\uFEFF', ['sport\uFEFF']],
  ['[MQTT-4.7.3-4]', '__proto__/+', ['__proto__/a']],
  ['[MQTT-4.7.3-4]', 'constructor', ['constructor']],
  ['[MQTT-4.7.2-1]', '+/$SYS', ['x/$SYS']],
];

test('these expectations are what the words of the standard say', () => {
  for (const [, filter, topics] of MATCHES) {
    expect([...topics].sort(), filter).toEqual(
      TOPICS.filter((topic) => matchesByTheWord(filter, topic)).sort(),
    );
  }
});

describe('a topic filter matches these topic names and no others, retained and as they are published:', () => {
  test.each(MATCHES)('%s %j', async (_clause, filter, topics) => {
    const client = (await plant.connect()).acknowledge();
    const sorted = [...topics].sort();
    const came = (retain: boolean) =>
      client
        .publishes()
        .filter((message) => message.retain === retain && message.topic !== 'end')
        .map(({ topic }) => topic)
        .sort();
    await client.subscribe(1, filter);
    await client.until(() => (came(true).length >= topics.length ? true : undefined));
    plant.publisher.send(
      TOPICS.map((topic, at) => publishPacket(topic, topic, { qos: 1, messageId: 1 + at })),
    );
    await plant.publisher.settled();
    await client.subscribe(1, 'end');
    await plant.publisher.publish('end', 'end');
    await client.untilText('end');
    expect(came(true)).toEqual(sorted);
    expect(came(false)).toEqual(sorted);
    // Not a byte is changed.
    for (const { topic, payload } of client.publishes()) expect(String(payload)).toBe(topic);
  });
});

describe('topic filters that are none end the link, in a SUBSCRIBE and in an UNSUBSCRIBE:', () => {
  test.each([
    ['[MQTT-4.7.1-2]', 'sport/tennis#'],
    ['[MQTT-4.7.1-2]', 'sport/tennis/#/ranking'],
    ['[MQTT-4.7.1-2]', '#/'],
    ['[MQTT-4.7.1-2]', '##'],
    ['[MQTT-4.7.1-2]', '/#a'],
    ['[MQTT-4.7.1-3]', 'sport+'],
    ['[MQTT-4.7.1-3]', '+sport/a'],
    ['[MQTT-4.7.1-3]', 'a/+b/c'],
    ['[MQTT-4.7.1-3]', 'a/++'],
    ['[MQTT-4.7.1-3]', '+#'],
    ['[MQTT-4.7.3-1]', ''],
    ['[MQTT-4.7.3-2]', 'a\0b'],
    ['[MQTT-4.7.3-2]', '\0'],
  ])('%s %j', async (_clause, filter) => {
    for (const packet of [subscribe('x'), unsubscribe('x')]) {
      const client = await plant.connect();
      // By hand: the encoder refuses to write some of them.
      const bytes = bytesOf(packet);
      const text = Buffer.from(filter);
      const changed = Buffer.concat([
        Buffer.from([bytes[0] as number, (bytes[1] as number) - 1 + text.length]),
        ...[bytes.subarray(2, 4), Buffer.from([0, text.length]), text, bytes.subarray(7)],
      ]);
      expect((await client.endedBy(changed)).code).toBe(1002);
      expect(client.packets.map(({ cmd }) => cmd)).toEqual(['connack']);
    }
  });
});

describe('[MQTT-4.7.2-1] topics that begin with "$"', () => {
  test.each(['$SYS/a', '$SYS', '$other/a', '$'])('are not for clients to publish to: %s', async (topic) => {
    const subscriber = await plant.subscriber(2, '#', '+/#', '+', '+/a', '+/+');
    const before = subscriber.publishes().length;
    const client = await plant.connect();
    const { code, reason } = await client.endedBy(publishPacket(topic, 'x', { qos: 1, messageId: 1 }));
    expect([code, reason]).toEqual([1008, `@plant may not publish to ${JSON.stringify(topic)}`]);
    await plant.publisher.publish('end', 'end');
    await subscriber.untilText('end');
    expect(
      subscriber
        .publishes()
        .slice(before)
        .some((message) => message.topic.startsWith('$')),
    ).toBe(false);
  });
});

test('[MQTT-4.7.3-3] topics of as many bytes as the hub takes are told apart to the last of them', async () => {
  const { topicBytes } = plant.hub.settings.limits;
  const [one, other] = ['1', '2'].map((last) => `${'é'.repeat((topicBytes - 2) / 2)}x${last}`);
  const client = (await plant.connect()).acknowledge();
  await client.subscribe(1, one as string);
  await plant.publisher.publish(other as string, 'other');
  await plant.publisher.publish(one as string, 'one');
  await client.untilText('one');
  expect(client.texts).toEqual(['one']);
});

test('[4.7.3] topics have as many levels as the hub takes, each of which a wildcard stands for', async () => {
  const { topicLevels } = plant.hub.settings.limits;
  const levels = (level: string, count: number): string =>
    Array.from({ length: count }, () => level).join('/');
  const client = await plant.subscriber(1, levels('+', topicLevels));
  await plant.publisher.publish(levels('a', topicLevels - 1), 'one fewer');
  await plant.publisher.publish(levels('a', topicLevels), 'as many');
  await client.untilText('as many');
  expect(client.texts).toEqual(['as many']);
});
