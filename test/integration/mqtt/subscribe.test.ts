import type { Packet, QoS } from 'mqtt-packet';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Plant } from '../../support/plant.ts';
import { publishPacket, RawClient } from '../../support/raw-client.ts';
import { makeService } from '../../support/service.ts';

let plant: Plant;
beforeAll(async () => {
  plant = await Plant.start();
});
afterEach(() => plant.endClients());
afterAll(() => plant.close());

const QOS = [0, 1, 2] as const;

const subscribe = (messageId: number, ...filters: [topic: string, qos: QoS][]): Packet => ({
  cmd: 'subscribe',
  messageId,
  subscriptions: filters.map(([topic, qos]) => ({ topic, qos })),
});

/** A SUBSCRIBE, byte by byte. */
const subscribeBytes = (flags: number, ...rest: number[]): Buffer =>
  Buffer.from([0x80 | flags, rest.length, ...rest]);
const ID = [0, 9] as const;
const FILTER = [0, 3, ...Buffer.from('bad')] as const;

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at}`);

describe('a SUBSCRIBE ends its link where', () => {
  test.each([
    ['[MQTT-3.8.1-1] its reserved bits are 0000', subscribeBytes(0b0000, ...ID, ...FILTER, 1)],
    ['[MQTT-3.8.1-1] its reserved bits are 0011', subscribeBytes(0b0011, ...ID, ...FILTER, 1)],
    ['[MQTT-3.8.1-1] its reserved bits are 1010', subscribeBytes(0b1010, ...ID, ...FILTER, 1)],
    ['[MQTT-2.3.1-1] its packet identifier is 0', subscribeBytes(0b0010, 0, 0, ...FILTER, 1)],
    ['[MQTT-3.8.3-1] its filter is not UTF-8', subscribeBytes(0b0010, ...ID, 0, 2, 0xc3, 0x28, 1)],
    ['[MQTT-3.8.3-3] it has no payload', subscribeBytes(0b0010, ...ID)],
    ['[MQTT-3.8.3-3] its filter has no QoS', subscribeBytes(0b0010, ...ID, ...FILTER)],
    ['[MQTT-3-8.3-4] its QoS is 3', subscribeBytes(0b0010, ...ID, ...FILTER, 3)],
    ['[MQTT-3-8.3-4] a reserved bit of its QoS is set', subscribeBytes(0b0010, ...ID, ...FILTER, 0b100)],
    ['[MQTT-3-8.3-4] its highest reserved bit is set', subscribeBytes(0b0010, ...ID, ...FILTER, 0b1000_0001)],
    [
      '[MQTT-3-8.3-4] only the last of its QoS is wrong',
      subscribeBytes(0b0010, ...ID, ...FILTER, 1, ...FILTER, 4),
    ],
  ])('%s', async (_what, bytes) => {
    const client = await plant.connect();
    expect((await client.endedBy(bytes)).code).toBe(1002);
    expect(client.packets.some(({ cmd }) => cmd === 'suback')).toBe(false);
  });
});

describe('a SUBSCRIBE is answered with one SUBACK,', () => {
  test.each([1, 256, 65_535])(
    '[MQTT-3.8.4-1] [MQTT-3.8.4-2] [MQTT-2.3.1-7] which has its identifier, %i',
    async (messageId) => {
      const client = await plant.connect();
      client.send(subscribe(messageId, ['ack', 1]));
      await client.answer('suback', messageId);
      await client.settled();
      expect(client.packets.filter(({ cmd }) => cmd === 'suback')).toHaveLength(1);
    },
  );

  test('[MQTT-3.8.4-5] [MQTT-3.9.3-1] [MQTT-3.9.3-2] which tells what each filter was granted, in their order', async () => {
    const credentials = await makeService(plant.hub, 'codes', { publish: [], subscribe: ['yes/#'] });
    const client = await RawClient.connect(plant.hub, { clientId: 'codes', ...credentials });
    client.send(
      subscribe(
        9,
        ...([
          ...[
            ['yes/a', 1],
            ['no/a', 1],
            ['yes/b', 0],
            ['yes/#', 2],
            ['#', 2],
            ['no/#', 0],
            ['yes/+', 1],
          ],
        ] as [string, QoS][]),
      ),
    );
    expect((await client.answer('suback', 9)).granted).toEqual([1, 128, 0, 2, 128, 128, 1]);
    await client.drop();
  });

  test('[MQTT-3.8.4-4] [MQTT-3.8.4-5] which tells of each filter, also of one that is there several times, where the last counts', async () => {
    const client = await plant.connect();
    client.send(subscribe(9, ['twice', 2], ['other', 0], ['twice', 0], ['twice', 1], ['twice', 1]));
    expect((await client.answer('suback', 9)).granted).toEqual([2, 0, 0, 1, 1]);
    await plant.publisher.publish('twice', 'x', { qos: 2 });
    expect((await client.untilText('x')).qos).toBe(1);
    await plant.publisher.publish('other', 'end', { qos: 0 });
    await client.untilText('end');
    expect(client.texts).toEqual(['x', 'end']);
  });

  test('[MQTT-3.8.4-5] which tells of each of two hundred filters', async () => {
    const client = await plant.connect();
    client.send(
      subscribe(9, ...numbered(200).map((text): [string, QoS] => [text, (Number(text) % 3) as QoS])),
    );
    expect((await client.answer('suback', 9)).granted).toEqual(numbered(200).map((text) => Number(text) % 3));
  });

  test('[MQTT-3.9.3-2] which refuses with 128 what is the server’s own, and shared subscriptions, which MQTT 3.1.1 does not know', async () => {
    const client = await plant.connect();
    client.send(subscribe(9, ['$SYS/#', 0], ['$share/group/a', 1], ['fine', 1]));
    expect((await client.answer('suback', 9)).granted).toEqual([128, 128, 1]);
  });
});

describe('[MQTT-3.8.4-4] filters of one SUBSCRIBE', () => {
  test('[MQTT-3.8.3-2] are as good as each in a SUBSCRIBE of its own, wildcards included', async () => {
    const client = (await plant.connect()).acknowledge();
    client.send(subscribe(9, ['several/a', 0], ['several/+/b', 1], ['several/c/#', 2]));
    await client.answer('suback', 9);
    const topics = ['several/a', 'several/x/b', 'several/c', 'several/c/d', 'several/no'];
    for (const topic of topics) await plant.publisher.publish(topic, topic, { qos: 2 });
    await plant.publisher.publish('several/c', 'end', { qos: 2 });
    await client.untilText('end');
    const came = Object.fromEntries(client.publishes().map(({ topic, qos }) => [topic, qos]));
    expect(came).toEqual({ 'several/a': 0, 'several/x/b': 1, 'several/c': 2, 'several/c/d': 2 });
  });

  test('of which one was refused leave the others as they are', async () => {
    const credentials = await makeService(plant.hub, 'partly', { publish: [], subscribe: ['yes/#'] });
    const client = await RawClient.connect(plant.hub, { clientId: 'partly', ...credentials });
    expect(await client.subscribe(1, 'yes/a', 'no/a', 'yes/b')).toEqual([1, 128, 1]);
    for (const topic of ['yes/a', 'no/a', 'yes/b']) await plant.publisher.publish(topic, topic);
    await client.untilText('yes/b');
    expect(client.texts).toEqual(['yes/a', 'yes/b']);
    await client.drop();
  });
});

describe('[MQTT-3.8.4-6] a message comes at the lower one of its QoS and of what was granted:', () => {
  test.each(QOS.flatMap((granted) => QOS.map((qos) => [granted, qos] as const)))(
    'granted %i, published at %i',
    async (granted, qos) => {
      const client = await plant.subscriber(granted, 'lower');
      await plant.publisher.publish('lower', 'x', { qos });
      expect((await client.untilText('x')).qos).toBe(Math.min(granted, qos));
    },
  );
});

describe.each([
  ['clean', true],
  ['kept', false],
] as const)('for a client with a %s session', (name, clean) => {
  const connect = async (of: string): Promise<RawClient> =>
    (await plant.connect({ clientId: `${name}-${of}`, clean })).acknowledge();

  test('[MQTT-3.8.4-3] the same filter again replaces the subscription: one copy, at the QoS of the latest', async () => {
    const client = await connect('replace');
    for (const granted of [1, 2, 0, 0, 2, 1] as const) {
      await client.subscribe(granted, 'replace/+');
      const before = client.publishes().length;
      await plant.publisher.publish('replace/a', 'x', { qos: 2 });
      await plant.publisher.publish('replace/a', 'y', { qos: 2 });
      const came = await client.until(() =>
        client.publishes()[before + 1] ? client.publishes() : undefined,
      );
      expect(came.slice(before).map(({ payload, qos }) => [String(payload), qos])).toEqual([
        ['x', granted],
        ['y', granted],
      ]);
    }
  });

  test.each([1, 2] as const)(
    '[MQTT-3.8.4-3] while a filter is subscribed to again and again no message of QoS %i is lost, repeated or overtaken',
    async (qos) => {
      const client = await connect(`flow-${qos}`);
      const topic = `flow/${name}/${qos}`;
      await client.subscribe(qos, topic);
      const texts = numbered(300);
      for (const text of texts) {
        plant.publisher.send(publishPacket(topic, text, { qos, messageId: 1 + Number(text) }));
        if (Number(text) % 3 === 0) client.send(subscribe(1_000 + Number(text), [topic, qos]));
        if (Number(text) % 50 === 0) await client.settled();
      }
      await client.untilText('299');
      expect(client.texts).toEqual(texts);
    },
  );

  test.each<[string, [string, QoS][], string, QoS]>([
    [
      'lowest first',
      [
        ['over/#', 0],
        ['over/+', 1],
        ['over/a', 2],
      ],
      'over/a',
      2,
    ],
    [
      'highest first',
      [
        ['over/a', 2],
        ['over/+', 1],
        ['over/#', 0],
      ],
      'over/a',
      2,
    ],
    [
      'its own name lowest',
      [
        ['over/a', 0],
        ['over/#', 1],
      ],
      'over/a',
      1,
    ],
    [
      'two wildcards of one QoS',
      [
        ['over/+/b', 1],
        ['over/a/+', 1],
        ['over/#', 0],
      ],
      'over/a/b',
      1,
    ],
    [
      'one that does not match highest',
      [
        ['over/b', 2],
        ['over/a', 0],
        ['#', 1],
      ],
      'over/a',
      1,
    ],
  ])(
    '[MQTT-3.3.5-1] where filters overlap a message comes once, at the highest QoS granted: %s',
    async (what, filters, topic, highest) => {
      const client = await connect(`overlap ${what}`);
      for (const [filter, qos] of filters) await client.subscribe(qos, filter);
      for (const qos of QOS) await plant.publisher.publish(topic, `${qos}`, { qos });
      await plant.publisher.publish(topic, 'end', { qos: highest });
      await client.untilText('end');
      for (const qos of QOS) await client.untilText(`${qos}`);
      const came = client.publishes().map(({ payload, qos }) => `${String(payload)} at ${qos}`);
      expect(came.sort()).toEqual(
        ['0 at 0', `1 at ${Math.min(1, highest)}`, `2 at ${highest}`, `end at ${highest}`].sort(),
      );
    },
  );

  test('[MQTT-3.3.5-1] what another client is granted for the same filters changes nothing', async () => {
    const [one, other] = [await connect('one'), await plant.subscriber(0, 'shared/a')];
    await one.subscribe(2, 'shared/#');
    await plant.publisher.publish('shared/a', 'x', { qos: 2 });
    expect([(await one.untilText('x')).qos, (await other.untilText('x')).qos]).toEqual([2, 0]);
  });
});

test('[MQTT-4.1.0-1] subscriptions are part of a session that is kept, and go with one that is clean', async () => {
  for (const [clean, expected] of [
    [false, ['x', 'end']],
    [true, ['end']],
  ] as const) {
    const options = { clientId: `subscriptions-${clean}`, clean };
    const before = (await plant.connect(options)).acknowledge();
    await before.subscribe(1, 'part/a', 'part/+/b');
    await before.disconnect();
    const after = (await plant.connect(options)).acknowledge();
    await plant.publisher.publish('part/x/b', 'x');
    await after.subscribe(1, 'part/a');
    await plant.publisher.publish('part/a', 'end');
    await after.untilText('end');
    expect(after.texts).toEqual(expected);
  }
});
