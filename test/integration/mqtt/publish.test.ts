import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { event, status, STATUS, upTopic } from '#firmware-protocol';
import { Plant } from '../../support/plant.ts';
import { bytesOf, publishPacket, RawClient } from '../../support/raw-client.ts';
import { makeService } from '../../support/service.ts';

let plant: Plant;
beforeAll(async () => {
  plant = await Plant.start();
});
afterEach(() => plant.endClients());
afterAll(() => plant.close());

const QOS = [0, 1, 2] as const;

describe('what a PUBLISH brings to its subscribers', () => {
  test.each([
    ['no bytes', Buffer.alloc(0)],
    ['every byte there is', Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
    ['more bytes than a length of two bytes tells', Buffer.alloc(40_000, 'x')],
  ])('is the payload as it was, at each QoS: %s [3.3.3]', async (_what, payload) => {
    const subscriber = await plant.subscriber(2, 'payload/#');
    for (const qos of QOS) {
      plant.publisher.send(publishPacket(`payload/${qos}`, payload, { qos, messageId: 1 + qos }));
    }
    for (const qos of QOS) {
      const { payload: came } = await subscriber.until(() =>
        subscriber.publishes().find(({ topic }) => topic === `payload/${qos}`),
      );
      expect(payload.equals(came as Buffer)).toBe(true);
    }
  });

  test('[MQTT-3.3.2-3] is its topic name, whatever wildcards it was subscribed to with', async () => {
    const subscriber = await plant.subscriber(1, 'name/+/b/#');
    for (const topic of ['name/a/b', 'name//b', 'name/a/b/c/d']) await plant.publisher.publish(topic, topic);
    await subscriber.untilText('name/a/b/c/d');
    expect(subscriber.publishes().map(({ topic }) => topic)).toEqual(subscriber.texts);
  });

  test('[MQTT-3.3.1-3] is no DUP flag of its publisher', async () => {
    const subscriber = await plant.subscriber(2, 'dup');
    for (const qos of [1, 2] as const) await plant.publisher.publish('dup', `${qos}`, { qos, dup: true });
    await Promise.all([subscriber.untilText('1'), subscriber.untilText('2')]);
    expect(subscriber.publishes().map(({ dup }) => dup)).toEqual([false, false]);
  });

  test('[MQTT-2.3.1-5] [MQTT-3.3.1-2] [MQTT-4.3.1-1] is, at QoS 0, neither DUP nor a packet identifier', async () => {
    const subscriber = await plant.subscriber(0, 'bare');
    for (const qos of QOS) await plant.publisher.publish('bare', `${qos}`, { qos });
    for (const qos of QOS) await subscriber.untilText(`${qos}`);
    const bytes = Buffer.concat(subscriber.frames);
    for (const qos of QOS) {
      // 0x30: a PUBLISH without any flag; behind its topic comes the payload at once.
      expect(bytes.includes(Buffer.from([0x30, 7, 0, 4, ...Buffer.from(`bare${qos}`)]))).toBe(true);
    }
  });
});

describe('[MQTT-3.3.4-1] [MQTT-2.3.1-6] the answer to a PUBLISH', () => {
  test('of QoS 0 is none', async () => {
    const client = await plant.connect();
    client.send(publishPacket('answer', 'x'));
    await client.settled();
    expect(client.packets.map(({ cmd }) => cmd)).toEqual(['connack', 'pingresp']);
  });

  test.each([1, 255, 256, 65_535])('of QoS 1 is a PUBACK with its identifier, %i', async (messageId) => {
    const client = await plant.connect();
    client.send(publishPacket('answer', 'x', { qos: 1, messageId }));
    await client.answer('puback', messageId);
    await client.settled();
    expect(client.packets.map(({ cmd }) => cmd)).toEqual(['connack', 'puback', 'pingresp']);
  });

  test.each([1, 255, 256, 65_535])(
    'of QoS 2 is a PUBREC with its identifier, and to its PUBREL a PUBCOMP, %i',
    async (messageId) => {
      const client = await plant.connect();
      client.send(publishPacket('answer', 'x', { qos: 2, messageId }));
      await client.answer('pubrec', messageId);
      client.send({ cmd: 'pubrel', messageId });
      await client.answer('pubcomp', messageId);
      await client.settled();
      expect(client.packets.map(({ cmd }) => cmd)).toEqual(['connack', 'pubrec', 'pubcomp', 'pingresp']);
    },
  );

  test('is the same where nobody has subscribed, and where everything is in one write', async () => {
    const client = await plant.connect();
    client.send([
      publishPacket('answer/nobody', '0'),
      publishPacket('answer/nobody', '1', { qos: 1, messageId: 1 }),
      publishPacket('answer/nobody', '2', { qos: 2, messageId: 2 }),
      publishPacket('answer/nobody', '3', { qos: 1, messageId: 3 }),
    ]);
    await client.settled();
    const answers = client.packets.map(({ cmd, messageId }) => `${cmd} ${messageId}`);
    expect(answers.filter((answer) => /^pub/.test(answer)).sort()).toEqual([
      ...['puback 1', 'puback 3', 'pubrec 2'],
    ]);
  });
});

describe('a PUBLISH ends its link, and nobody gets it, where it', () => {
  const publish = (flags: number, ...rest: number[]): Buffer =>
    Buffer.from([0x30 | flags, rest.length, ...rest]);
  const topic = [0, 3, ...Buffer.from('bad')];
  test.each<[string, Buffer]>([
    ['[MQTT-3.3.1-4] has both bits of QoS set', publish(0b0110, ...topic, 0, 1)],
    ['[MQTT-3.3.1-4] has both bits of QoS set, and DUP and RETAIN', publish(0b1111, ...topic, 0, 1)],
    ['[MQTT-3.3.1-2] has DUP set at QoS 0', publish(0b1000, ...topic, 120)],
    ['[MQTT-2.3.1-1] has the packet identifier 0 at QoS 1', publish(0b0010, ...topic, 0, 0, 120)],
    ['[MQTT-2.3.1-1] has the packet identifier 0 at QoS 2', publish(0b0100, ...topic, 0, 0, 120)],
    ['[MQTT-3.3.2-1] has no topic name', publish(0)],
    ['[MQTT-3.3.2-1] has a topic name that is longer than the packet', publish(0, 0, 4, 0x62, 0x61, 0x64)],
    ['[MQTT-3.3.2-1] has a topic name that is not UTF-8', publish(0, 0, 3, 0x62, 0xff, 0x64, 120)],
    ['[MQTT-3.3.2-2] [MQTT-4.7.1-1] has "+" in its topic name', bytesOf(publishPacket('bad/+', 'x'))],
    ['[MQTT-3.3.2-2] [MQTT-4.7.1-1] has "#" in its topic name', bytesOf(publishPacket('bad/#', 'x'))],
    ['[MQTT-3.3.2-2] [MQTT-4.7.1-1] has a wildcard within a level', bytesOf(publishPacket('bad/a+b', 'x'))],
    ['[MQTT-4.7.3-1] has a topic name of no characters', publish(0, 0, 0, 120)],
    ['[MQTT-4.7.3-2] has U+0000 in its topic name', bytesOf(publishPacket('bad/\0', 'x'))],
  ])('%s', async (_what, bytes) => {
    const subscriber = await plant.subscriber(2, '#');
    const client = await plant.connect();
    expect((await client.endedBy(bytes)).code).toBe(1002);
    await plant.publisher.publish('end', 'end');
    await subscriber.untilText('end');
    expect(subscriber.texts).toEqual(['end']);
  });
});

describe('[MQTT-3.3.5-2] a PUBLISH to where its client may not', () => {
  test.each(QOS)('ends its link at QoS %i, and nobody gets it', async (qos) => {
    const credentials = await makeService(plant.hub, `narrow${qos}`, { publish: ['mine/#'], subscribe: [] });
    const subscriber = await plant.subscriber(2, 'mine/#', 'yours/#');
    const client = await RawClient.connect(plant.hub, { clientId: 'narrow', ...credentials });
    client.send([
      publishPacket('mine/a', 'mine', { qos, messageId: 1 }),
      publishPacket('yours/a', 'yours', { qos, messageId: 2 }),
    ]);
    const { code, reason } = await client.closed;
    expect([code, reason]).toEqual([1008, `@narrow${qos} may not publish to "yours/a"`]);
    expect(client.packets.filter(({ messageId }) => messageId === 2)).toEqual([]);
    await plant.publisher.publish('mine/a', 'end');
    await subscriber.untilText('end');
    expect(subscriber.texts).toEqual(['mine', 'end']);
  });
});

describe('[MQTT-3.3.5-2] a PUBLISH of a device that the hub cannot use', () => {
  const online = Buffer.from(status.encode({ boot: 1, sess: 1, st: STATUS.online }));
  const eventOf = (seq: number): Buffer =>
    Buffer.from(event.encode({ boot: 1, seq, t: 0, vals: new Map([[1, seq]]) }));

  test.each<[string, (seq: number) => Buffer]>([
    ['that it cannot decode', () => Buffer.from('not CBOR')],
    ['that it has had already (9.3 of the specification)', () => eventOf(0)],
  ])('%s, is acknowledged, and nobody gets it', async (what, payloadOf) => {
    const id = `odd-${what.length}`;
    const [[, secret = ''] = []] = await plant.hub.addDevices({ id });
    const subscriber = await plant.subscriber(2, `iot/1/home/${id}/up/+`);
    const device = await RawClient.connect(plant.hub, {
      ...{ clientId: id, username: `home/${id}`, password: Buffer.from(secret) },
    });
    const topic = upTopic('home', id, 'event');
    device.send(publishPacket(upTopic('home', id, 'status'), online, { retain: true }));
    device.send(publishPacket(topic, eventOf(0)));
    device.send(publishPacket(topic, payloadOf(1), { qos: 1, messageId: 1 }));
    await device.answer('puback', 1);
    device.send(publishPacket(topic, payloadOf(2), { qos: 2, messageId: 2 }));
    await device.answer('pubrec', 2);
    device.send({ cmd: 'pubrel', messageId: 2 });
    await device.answer('pubcomp', 2);
    device.send(publishPacket(topic, eventOf(3)));
    const events = () => subscriber.publishes().filter((message) => message.topic === topic);
    await subscriber.until(() => events().find(({ payload }) => eventOf(3).equals(payload as Buffer)));
    expect(events().map(({ payload }) => payload)).toEqual([eventOf(0), eventOf(3)]);
    await device.drop();
  });
});
