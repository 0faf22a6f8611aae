import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Plant } from '../../support/plant.ts';
import { publishPacket, type RawClient } from '../../support/raw-client.ts';

/** Where brokers lose messages of good clients, seen from whoever waits for one of them. */

let plant: Plant;
beforeAll(async () => {
  plant = await Plant.start();
});
afterEach(() => plant.endClients());
afterAll(() => plant.close());

const QOS = [0, 1, 2] as const;
const TIMES = 200;

const numbered = (count: number, name: string): string[] =>
  Array.from({ length: count }, (_, at) => `${name} ${at}`);

const textsOn = (client: RawClient, topic: string): string[] =>
  client
    .publishes()
    .filter((message) => message.topic === topic)
    .map(({ payload }) => String(payload));

test.each(QOS)('a retained message right before a plain one, at QoS %i, is not lost', async (qos) => {
  const [kept, plain] = [`before/${qos}/kept`, `before/${qos}/plain`];
  const subscriber = await plant.subscriber(2, 'before/#');
  for (let at = 0; at < TIMES; at += 1) {
    plant.publisher.send([
      publishPacket(kept, `kept ${at}`, { qos, messageId: 2 * at + 1, retain: true }),
      publishPacket(plain, `plain ${at}`, { qos, messageId: 2 * at + 2 }),
    ]);
  }
  await plant.publisher.publish('before/end', `end ${qos}`);
  await subscriber.untilText(`end ${qos}`);
  expect(textsOn(subscriber, kept)).toEqual(numbered(TIMES, 'kept'));
  expect(textsOn(subscriber, plain)).toEqual(numbered(TIMES, 'plain'));
});

test('messages at all three QoS in one write all arrive, whichever is first', async () => {
  const subscriber = await plant.subscriber(2, 'one/+');
  for (const order of [QOS, QOS.toReversed(), [1, 0, 2] as const]) {
    const before = subscriber.publishes().length;
    plant.publisher.send(
      Array.from({ length: TIMES }, (_, at) =>
        order.map((qos) => publishPacket(`one/${qos}`, `${at}`, { qos, messageId: 3 * at + qos + 1 })),
      ).flat(),
    );
    await plant.publisher.publish('one/end', `${order}`);
    await subscriber.untilText(`${order}`);
    const came = subscriber.publishes().slice(before);
    for (const qos of QOS) {
      const ofThis = came.filter(({ topic }) => topic === `one/${qos}`);
      expect(ofThis.map(({ payload }) => Number(payload))).toEqual([...Array(TIMES).keys()]);
    }
  }
});

test('fifty publishers at full speed lose nothing, and do not bring the hub down', async () => {
  const [publishers, each] = [50, 200];
  const subscriber = await plant.subscriber(1, 'full/#');
  const clients = await Promise.all(Array.from({ length: publishers }, () => plant.connect()));
  for (const [at, client] of clients.entries()) {
    client.send(
      Array.from({ length: each }, (_, message) =>
        publishPacket(`full/${at}`, `${message}`, { qos: 1, messageId: message + 1 }),
      ),
    );
  }
  await subscriber.until(() => (subscriber.publishes().length >= publishers * each ? true : undefined));
  const expected = [...Array(each).keys()].map(String);
  for (const at of clients.keys()) expect(textsOn(subscriber, `full/${at}`)).toEqual(expected);
});

test('what is published right after a client is back arrives, and so does what waited for it', async () => {
  for (let time = 0; time < 10; time += 1) {
    const away = await plant.keep('back');
    await away.subscribe(1, 'back/#');
    await away.drop();
    const waited = numbered(50, `waited ${time}`);
    const live = numbered(50, `live ${time}`);
    const send = (texts: string[]) =>
      plant.publisher.send(
        texts.map((text, at) => publishPacket('back/x', text, { qos: 1, messageId: at + 1 })),
      );
    send(waited);
    await plant.publisher.settled();
    const back = await plant.keep('back');
    send(live);
    back.acknowledge();
    await back.untilText(live.at(-1) as string);
    expect(back.texts).toEqual([...waited, ...live]);
    await back.disconnect();
  }
});

test('topics, client ids and filters that are names of an object’s own parts are names as any other', async () => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const subscriber = (await plant.connect({ clientId: name })).acknowledge();
    await subscriber.subscribe(2, `${name}/${name}`, `own/${name}`);
    await plant.publisher.publish(`${name}/${name}`, `a ${name}`, { qos: 2, retain: true });
    await subscriber.untilText(`a ${name}`);
    await subscriber.unsubscribe(`${name}/${name}`);
    await plant.publisher.publish(`${name}/${name}`, `b ${name}`);
    await plant.publisher.publish(`own/${name}`, `c ${name}`);
    await subscriber.untilText(`c ${name}`);
    expect(subscriber.texts).toEqual([`a ${name}`, `c ${name}`]);
  }
});
