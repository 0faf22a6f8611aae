import type { QoS } from 'mqtt-packet';
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

const retain = (topic: string, text: string, qos: QoS = 1): Promise<void> =>
  plant.publisher.publish(topic, text, { qos, retain: true });

/** Subscribes. Resolves with what came of it that is retained: so many messages, and whatever else there is. */
async function retainedFor(client: RawClient, count: number, qos: QoS, ...filters: string[]) {
  const before = client.publishes().length;
  const came = () =>
    client
      .publishes()
      .slice(before)
      .filter(({ topic }) => topic !== 'mark');
  await client.subscribe(qos, ...filters);
  await client.until(() => (came().length >= count ? true : undefined));
  await client.subscribe(2, 'mark');
  const mark = `behind ${client.packets.length}`;
  await plant.publisher.publish('mark', mark, { qos: 2 });
  await client.untilText(mark);
  return came();
}

const newcomer = async (): Promise<RawClient> => (await plant.connect()).acknowledge();

const told = (messages: ReturnType<RawClient['publishes']>) =>
  messages.map(({ topic, payload, qos, retain: flag }) => [topic, String(payload), qos, flag]);

describe('a message that is retained', () => {
  test.each(QOS.flatMap((stored) => QOS.map((granted) => [stored, granted] as const)))(
    '[MQTT-3.3.1-5] [MQTT-3.3.1-8] [MQTT-3.8.4-6] at QoS %i comes to a subscription at QoS %i with the lower one of the two, by its name and by a wildcard',
    async (stored, granted) => {
      const topic = `stored/${stored}${granted}/x`;
      await retain(topic, 'x', stored);
      for (const filter of [topic, `+/${stored}${granted}/+`, `stored/${stored}${granted}/#`]) {
        const came = await retainedFor(await newcomer(), 1, granted, filter);
        expect(told(came)).toEqual([[topic, 'x', Math.min(stored, granted), true]]);
      }
    },
  );

  test('[MQTT-3.3.1-6] is the last one of each topic that matches, empty levels included', async () => {
    const topics = ['last/a', 'last', 'last/', 'last//', 'last//b', 'last/a/b', '/last', 'last/É', 'other/a'];
    for (const topic of topics) for (const text of ['old', topic]) await retain(topic, text);
    for (const [filter, expected] of [
      ['last/a', ['last/a']],
      ['last/+', ['last/', 'last/a', 'last/É']],
      ['last/#', ['last', 'last/', 'last//', 'last//b', 'last/a', 'last/a/b', 'last/É']],
      ['last/+/b', ['last//b', 'last/a/b']],
      ['last//+', ['last//', 'last//b']],
      ['last/+/+', ['last//', 'last//b', 'last/a/b']],
      ['last//', ['last//']],
      ['+/last', ['/last']],
      ['/+', ['/last']],
      ['+/a', ['last/a', 'other/a']],
      ['LAST/a', []],
    ] as const) {
      const came = await retainedFor(await newcomer(), expected.length, 1, filter);
      expect(came.map(({ topic }) => topic).sort(), filter).toEqual([...expected].sort());
      expect(came.map(({ payload }) => String(payload))).toEqual(came.map(({ topic }) => topic));
    }
  });

  test('[MQTT-3.3.1-7] at QoS 0 takes the place of one at QoS 2', async () => {
    await retain('seven', 'two', 2);
    await retain('seven', 'none', 0);
    expect(told(await retainedFor(await newcomer(), 1, 2, 'seven'))).toEqual([['seven', 'none', 0, true]]);
  });

  test('[MQTT-3.3.1-9] comes without the flag to those who had subscribed', async () => {
    const filters = ['nine/a', 'nine/#'];
    const subscribers = [
      ...(await Promise.all(filters.map((filter) => plant.subscriber(2, filter)))),
      (await plant.keep('nine')).acknowledge(),
    ];
    await subscribers.at(-1)?.subscribe(2, 'nine/+');
    for (const qos of QOS) await retain('nine/a', `${qos}`, qos);
    for (const subscriber of subscribers) {
      for (const qos of QOS) {
        expect(await subscriber.untilText(`${qos}`)).toMatchObject({ qos, retain: false });
      }
    }
  });

  test('[MQTT-3.3.1-9] comes without the flag to a session that had subscribed and whose client was away', async () => {
    const client = await plant.keep('nine-away');
    await client.subscribe(1, 'nine/away');
    await client.disconnect();
    await retain('nine/away', 'x');
    const back = (await plant.keep('nine-away')).acknowledge();
    expect((await back.untilText('x')).retain).toBe(false);
  });

  test('[MQTT-3.3.1-10] [MQTT-3.3.1-11] [MQTT-3.3.1-9] without a payload comes as any other to those who had subscribed, is not kept, and nothing before it', async () => {
    const subscriber = await plant.subscriber(2, 'ten/#');
    for (const qos of QOS) {
      await retain(`ten/${qos}`, `${qos}`, 1);
      await subscriber.untilText(`${qos}`);
      await retain(`ten/${qos}`, '', qos);
      const { retain: flag, qos: came } = await subscriber.until(() =>
        subscriber.publishes().find(({ topic, payload }) => topic === `ten/${qos}` && payload.length === 0),
      );
      expect([flag, came]).toEqual([false, qos]);
    }
    await retain('ten/never', '');
    expect(await retainedFor(await newcomer(), 0, 2, 'ten/#', 'ten/0')).toEqual([]);
  });

  test('[MQTT-3.3.1-11] is kept again on a topic that was cleared', async () => {
    for (const text of ['one', '', 'two']) await retain('again', text);
    expect(told(await retainedFor(await newcomer(), 1, 1, 'again'))).toEqual([['again', 'two', 1, true]]);
  });

  test('[MQTT-3.3.1-12] stays whatever comes without the flag, also without a payload', async () => {
    await retain('twelve', 'kept', 2);
    for (const qos of QOS) {
      await plant.publisher.publish('twelve', `not ${qos}`, { qos });
      await plant.publisher.publish('twelve', '', { qos });
      await plant.publisher.publish('twelve/not', `not ${qos}`, { qos });
    }
    expect(told(await retainedFor(await newcomer(), 1, 2, 'twelve/#'))).toEqual([
      ['twelve', 'kept', 2, true],
    ]);
  });

  test.each(QOS)('[MQTT-3.3.1-5] [MQTT-4.6.0-6] is the last of many in one write at QoS %i', async (qos) => {
    const client = await newcomer();
    const texts = Array.from({ length: 50 }, (_, at) => `${at}`);
    client.send(
      texts.map((text, at) => publishPacket(`write/${qos}`, text, { qos, messageId: 1 + at, retain: true })),
    );
    if (qos === 2) await client.answer('pubcomp', 50);
    await client.settled();
    expect(told(await retainedFor(await newcomer(), 1, 2, `write/${qos}`))).toEqual([
      [`write/${qos}`, '49', qos, true],
    ]);
  });

  test.each([[[0, 1, 2]], [[2, 1, 0]], [[1, 0, 2]], [[2, 0, 1]]] as const)(
    'is the last of several in one write at several QoS, %j',
    async (order) => {
      const client = await newcomer();
      const topic = `write/${order.join('')}`;
      client.send(
        order.map((qos) => publishPacket(topic, `${qos}`, { qos, messageId: 1 + qos, retain: true })),
      );
      await Promise.all([client.answer('puback', 2), client.answer('pubcomp', 3)]);
      expect(told(await retainedFor(await newcomer(), 1, 2, topic))).toEqual([
        [topic, `${order[2]}`, order[2], true],
      ]);
    },
  );

  test('outlives its publisher and the session of it', async () => {
    const publisher = await newcomer();
    await publisher.publish('outlives', 'x', { retain: true });
    await publisher.disconnect();
    expect(told(await retainedFor(await newcomer(), 1, 1, 'outlives'))).toEqual([['outlives', 'x', 1, true]]);
  });
});

describe.each([
  ['clean', true],
  ['kept', false],
] as const)('to a client with a %s session what is retained comes', (name, clean) => {
  const connect = async (of: string): Promise<RawClient> =>
    (await plant.connect({ clientId: `${name}-${of}`, clean })).acknowledge();

  test('[MQTT-3.8.4-3] [MQTT-3.3.1-8] again with each SUBSCRIBE, at what this one was granted', async () => {
    const client = await connect('each');
    await retain('each/a', 'x', 2);
    for (const qos of [2, 0, 1, 1] as const) {
      expect(told(await retainedFor(client, 1, qos, 'each/+'))).toEqual([['each/a', 'x', qos, true]]);
    }
    await client.unsubscribe('each/+');
    expect(told(await retainedFor(client, 1, 2, 'each/a'))).toEqual([['each/a', 'x', 2, true]]);
  });

  test('[MQTT-3.8.4-4] [MQTT-3.3.5-1] for each filter of one SUBSCRIBE, at what was granted at the most', async () => {
    const client = await connect('filters');
    for (const topic of ['several/a', 'several/b', 'several/c/d']) await retain(topic, topic, 2);
    client.send({
      ...{ cmd: 'subscribe', messageId: 5 },
      subscriptions: [
        { topic: 'several/a', qos: 0 },
        { topic: 'several/+', qos: 2 },
        { topic: 'several/c/#', qos: 1 },
      ],
    });
    await client.until(() => (new Set(client.texts).size === 3 ? true : undefined));
    await retainedFor(client, 0, 0, 'nothing');
    const came = client.publishes().filter(({ topic }) => topic !== 'mark');
    // MQTT 3.1.1 lets a server send a message once, or once for each filter that matches [3.3.5].
    expect([1, 2]).toContain(came.filter(({ topic }) => topic === 'several/a').length);
    const best = new Map<string, number>();
    for (const { topic, qos } of came) best.set(topic, Math.max(qos, best.get(topic) ?? 0));
    expect(Object.fromEntries(best)).toEqual({ 'several/a': 2, 'several/b': 2, 'several/c/d': 1 });
  });

  test('and none of it without a SUBSCRIBE', async () => {
    await retain('without/a', 'x');
    const client = await connect('without');
    await retainedFor(client, 1, 1, 'without/a');
    await client.disconnect();
    const back = await connect('without');
    expect(await retainedFor(back, 0, 1, 'nothing')).toEqual([]);
  });

  test.each(QOS)('more of it than is on its way at once, at QoS %i', async (qos) => {
    const texts = Array.from({ length: 250 }, (_, at) => `${at}`);
    const topic = `many/${name}/${qos}`;
    for (const [at, text] of texts.entries()) {
      plant.publisher.send(publishPacket(`${topic}/${text}`, text, { qos, messageId: 1 + at, retain: true }));
    }
    if (qos === 2) await plant.publisher.answer('pubcomp', 250);
    await plant.publisher.settled();
    const came = await retainedFor(await connect(`many-${qos}`), texts.length, 2, `${topic}/+`);
    expect(came.map(({ payload }) => Number(payload)).sort((a, b) => a - b)).toEqual(texts.map(Number));
    expect(new Set(came.map(({ qos: at }) => at))).toEqual(new Set([qos]));
  });
});

test('[MQTT-3.8.4-5] nothing that is retained comes for a filter that was refused', async () => {
  await retain('refused/yes', 'yes');
  await retain('refused/no', 'no');
  const grants = { publish: [], subscribe: ['refused/yes', 'mark'] };
  const credentials = await makeService(plant.hub, 'refused', grants);
  const client = await RawClient.connect(plant.hub, { clientId: 'refused', ...credentials });
  const came = await retainedFor(client.acknowledge(), 1, 1, 'refused/no', 'refused/yes', 'refused/#');
  expect(told(came)).toEqual([['refused/yes', 'yes', 1, true]]);
  await client.drop();
});

test('[MQTT-4.4.0-1] [MQTT-3.3.1-8] to a session that is kept what is retained comes again that was not acknowledged, and then what was not sent', async () => {
  const texts = Array.from({ length: 250 }, (_, at) => `${at}`);
  for (const text of texts) await retain(`unread/${text}`, text);
  const client = await plant.keep('unread');
  await client.subscribe(1, 'unread/+');
  await client.settled();
  const sent = client.publishes();
  expect(sent.length).toBeGreaterThan(0);
  await client.drop();
  const back = (await plant.keep('unread')).acknowledge();
  await back.until(() => (back.publishes().length >= texts.length ? true : undefined));
  await back.settled();
  expect(back.publishes().slice(0, sent.length)).toEqual(sent.map((packet) => ({ ...packet, dup: true })));
  expect(back.texts.toSorted((a, b) => Number(a) - Number(b))).toEqual(texts);
  expect(back.publishes().every(({ retain: flag }) => flag)).toBe(true);
});
