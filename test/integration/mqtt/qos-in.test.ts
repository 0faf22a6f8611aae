import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  COMMAND,
  event,
  evCmd,
  feedTopic,
  requestTopic,
  rqCmd,
  status,
  STATUS,
  upTopic,
} from '#firmware-protocol';
import { Plant } from '../../support/plant.ts';
import { publishPacket, RawClient } from '../../support/raw-client.ts';

let plant: Plant;
beforeAll(async () => {
  plant = await Plant.start();
});
afterEach(() => plant.endClients());
afterAll(() => plant.close());

/** What a subscriber has got when what is published now has come. */
async function textsOf(subscriber: RawClient, topic: string): Promise<string[]> {
  await plant.publisher.publish(topic, 'end', { qos: 2 });
  await subscriber.untilText('end');
  return subscriber.texts.filter((text) => text !== 'end');
}

describe('[MQTT-4.3.2-2] a PUBLISH of QoS 1', () => {
  test('is another message once the one before with its identifier was acknowledged, DUP or not', async () => {
    const subscriber = await plant.subscriber(2, 'in/1');
    const client = await plant.connect();
    for (const [text, dup] of [
      ['first', false],
      ['second', false],
      ['third', true],
    ] as const) {
      client.send(publishPacket('in/1', text, { qos: 1, messageId: 7, dup }));
      await client.next('puback');
    }
    expect(await textsOf(subscriber, 'in/1')).toEqual(['first', 'second', 'third']);
  });
});

describe('[MQTT-4.3.3-2] a PUBLISH of QoS 2', () => {
  const publish = (topic: string, text: string, dup = false, messageId = 7) =>
    publishPacket(topic, text, { qos: 2, messageId, dup });

  test('that comes again before its PUBREL is acknowledged again, and has no second effect', async () => {
    const subscriber = await plant.subscriber(2, 'in/2/again');
    const client = await plant.connect();
    client.send(publish('in/2/again', 'once'));
    await client.next('pubrec');
    for (const dup of [true, true, false]) {
      client.send(publish('in/2/again', 'once', dup));
      expect(await client.next('pubrec')).toMatchObject({ messageId: 7 });
    }
    client.send({ cmd: 'pubrel', messageId: 7 });
    expect(await client.next('pubcomp')).toMatchObject({ messageId: 7 });
    expect(await textsOf(subscriber, 'in/2/again')).toEqual(['once']);
  });

  test('that comes again behind itself in one write has no second effect', async () => {
    const subscriber = await plant.subscriber(2, 'in/2/write');
    const client = await plant.connect();
    client.send([1, 2, 3, 4].map((time) => publish('in/2/write', 'once', time > 1)));
    for (let time = 0; time < 4; time += 1) await client.next('pubrec');
    client.send({ cmd: 'pubrel', messageId: 7 });
    await client.next('pubcomp');
    expect(await textsOf(subscriber, 'in/2/write')).toEqual(['once']);
  });

  test('is another message after its PUBREL, DUP or not', async () => {
    const subscriber = await plant.subscriber(2, 'in/2/after');
    const client = await plant.connect();
    for (const dup of [false, true, true]) {
      client.send(publish('in/2/after', `after, dup ${dup}`, dup));
      await client.next('pubrec');
      client.send({ cmd: 'pubrel', messageId: 7 });
      await client.next('pubcomp');
    }
    expect(await textsOf(subscriber, 'in/2/after')).toEqual([
      ...['after, dup false', 'after, dup true', 'after, dup true'],
    ]);
  });

  test('of which many are on their way has its effect once, however they are repeated and released', async () => {
    const subscriber = await plant.subscriber(2, 'in/2/many');
    const client = await plant.connect();
    const ids = Array.from({ length: 200 }, (_, at) => 65_535 - at * 300);
    client.send(ids.map((id) => publish('in/2/many', `${id}`, false, id)));
    client.send(ids.map((id) => publish('in/2/many', `${id}`, true, id)));
    const count = (cmd: string) => client.packets.filter((packet) => packet.cmd === cmd).length;
    await client.until(() => (count('pubrec') === 2 * ids.length ? true : undefined));
    client.send(ids.toReversed().map((messageId) => ({ cmd: 'pubrel', messageId })));
    await client.until(() => (count('pubcomp') === ids.length ? true : undefined));
    expect(await textsOf(subscriber, 'in/2/many')).toEqual(ids.map(String));
  });

  test('has no second effect for however many others are on their way', async () => {
    const subscriber = await plant.subscriber(0, 'in/2/all');
    const client = await plant.connect();
    for (let from = 1; from <= 12_000; from += 1_000) {
      const ids = Array.from({ length: 1_000 }, (_, at) => from + at);
      client.send(ids.map((id) => publish('in/2/all', `${id}`, false, id)));
    }
    client.send([1, 6_000, 12_000].map((id) => publish('in/2/all', 'again', true, id)));
    // Whether the hub knows so many, or ends the link of whoever releases none of them.
    await client.settled().catch(() => undefined);
    expect((await textsOf(subscriber, 'in/2/all')).includes('again')).toBe(false);
  });

  test('of one client is none of another with the same identifier', async () => {
    const subscriber = await plant.subscriber(2, 'in/2/two');
    const clients = [await plant.connect(), await plant.connect()];
    for (const [at, client] of clients.entries()) {
      client.send(publish('in/2/two', `${at}`));
      await client.next('pubrec');
    }
    expect(await textsOf(subscriber, 'in/2/two')).toEqual(['0', '1']);
  });

  test('does not mix with one of QoS 1 that has its identifier', async () => {
    const subscriber = await plant.subscriber(2, 'in/2/beside');
    const client = await plant.connect();
    client.send(publish('in/2/beside', 'two'));
    await client.next('pubrec');
    client.send(publishPacket('in/2/beside', 'one', { qos: 1, messageId: 7 }));
    await client.next('puback');
    client.send(publish('in/2/beside', 'two', true));
    await client.next('pubrec');
    expect((await textsOf(subscriber, 'in/2/beside')).sort()).toEqual(['one', 'two']);
  });
});

describe('[MQTT-4.3.3-2] a PUBREL', () => {
  test('is answered with a PUBCOMP each time that it comes', async () => {
    const client = await plant.connect();
    client.send(publishPacket('in/rel', 'x', { qos: 2, messageId: 9 }));
    await client.next('pubrec');
    for (let time = 0; time < 2; time += 1) {
      client.send({ cmd: 'pubrel', messageId: 9 });
      expect(await client.next('pubcomp')).toMatchObject({ messageId: 9 });
    }
  });

  test('is answered with a PUBCOMP also where its identifier stands for nothing', async () => {
    const client = await plant.connect();
    client.send({ cmd: 'pubrel', messageId: 12_345 });
    expect(await client.next('pubcomp')).toMatchObject({ messageId: 12_345 });
  });

  test.each([
    ['[MQTT-3.6.1-1] its reserved bits are 0000', Buffer.from([0x60, 2, 0, 9])],
    ['[MQTT-3.6.1-1] its reserved bits are 0011', Buffer.from([0x63, 2, 0, 9])],
    ['[MQTT-3.6.1-1] its reserved bits are 1010', Buffer.from([0x6a, 2, 0, 9])],
    ['[MQTT-2.3.1-1] its packet identifier is 0', Buffer.from([0x62, 2, 0, 0])],
  ])('ends its link where %s', async (_what, bytes) => {
    const client = await plant.connect();
    client.send(publishPacket('in/rel', 'x', { qos: 2, messageId: 9 }));
    await client.next('pubrec');
    expect((await client.endedBy(bytes)).code).toBe(1002);
    expect(client.packets.some(({ cmd }) => cmd === 'pubcomp')).toBe(false);
  });
});

describe('[MQTT-4.3.3-2] [MQTT-4.1.0-1] over the end of its link, a message of QoS 2', () => {
  test('has no second effect for a session that is kept, until it is released', async () => {
    const subscriber = await plant.subscriber(2, 'in/kept');
    const publish = publishPacket('in/kept', 'once', { qos: 2, messageId: 5 });
    const first = await plant.keep('two-in');
    first.send(publish);
    await first.next('pubrec');
    await first.drop();
    const second = await plant.keep('two-in');
    second.send({ ...publish, dup: true });
    await second.next('pubrec');
    second.send({ cmd: 'pubrel', messageId: 5 });
    await second.next('pubcomp');
    await second.drop();
    const third = await plant.keep('two-in');
    third.send({ cmd: 'pubrel', messageId: 5 });
    await third.next('pubcomp');
    third.send({ ...publish, payload: 'another' });
    await third.next('pubrec');
    expect(await textsOf(subscriber, 'in/kept')).toEqual(['once', 'another']);
  });

  test('is another one where the session is clean', async () => {
    const subscriber = await plant.subscriber(2, 'in/clean');
    for (let time = 0; time < 2; time += 1) {
      const client = await plant.connect({ clientId: 'two-in-clean' });
      client.send(publishPacket('in/clean', 'x', { qos: 2, messageId: 5, dup: time > 0 }));
      await client.next('pubrec');
      await client.drop();
    }
    expect(await textsOf(subscriber, 'in/clean')).toEqual(['x', 'x']);
  });
});

describe('[MQTT-4.3.3-2] a message of QoS 2 that comes again has no second effect on the fleet:', () => {
  test('a request for a command', async () => {
    const [topic, feed] = [requestTopic('home', 'nobody', 'cmd'), feedTopic('home', 'cmd')];
    const subscriber = await plant.subscriber(0, feed);
    const client = await plant.connect();
    const request = (name: number) =>
      Buffer.from(rqCmd.encode({ id: Buffer.alloc(8, name), vals: new Map([[1, true]]), ttl: 1_000 }));
    const told = (name: number) =>
      subscriber
        .publishes()
        .flatMap(({ payload }) => evCmd.decode(payload as Buffer).cmds)
        .filter(({ id, st }) => id[0] === name && st === COMMAND.rejected);
    for (const dup of [false, true, true]) {
      client.send(publishPacket(topic, request(1), { qos: 2, messageId: 3, dup }));
      await client.next('pubrec');
      // What the hub tells of a request comes before what it tells of the next.
      await subscriber.until(() => told(1)[0]);
    }
    client.send({ cmd: 'pubrel', messageId: 3 });
    await client.next('pubcomp');
    client.send(publishPacket(topic, request(2), { qos: 2, messageId: 3 }));
    await subscriber.until(() => told(2)[0]);
    expect([told(1).length, told(2).length]).toEqual([1, 1]);
  });

  test('what a device says', async () => {
    const { lamp = '' } = Object.fromEntries(await plant.hub.addDevices({ id: 'lamp' }));
    const subscriber = await plant.subscriber(2, 'iot/1/home/+/up/#');
    const device = await RawClient.connect(plant.hub, {
      ...{ clientId: 'lamp', username: 'home/lamp', password: Buffer.from(lamp) },
    });
    const said = (seq: number) =>
      Buffer.from(event.encode({ boot: 1, seq, t: 0, vals: new Map([[1, seq]]) }));
    const online = Buffer.from(status.encode({ boot: 1, sess: 1, st: STATUS.online }));
    device.send(publishPacket(upTopic('home', 'lamp', 'status'), online, { retain: true }));
    const topic = upTopic('home', 'lamp', 'event');
    for (const dup of [false, true]) {
      device.send(publishPacket(topic, said(1), { qos: 2, messageId: 3, dup }));
      await device.next('pubrec');
    }
    device.send({ cmd: 'pubrel', messageId: 3 });
    await device.next('pubcomp');
    device.send(publishPacket(topic, said(2), { qos: 2, messageId: 3 }));
    const events = () => subscriber.publishes().filter((message) => message.topic === topic);
    await subscriber.until(() => events()[1]);
    expect(events().map(({ payload }) => event.decode(payload as Buffer).seq)).toEqual([1, 2]);
    // The fleet counts what devices say, and tells of what it has had before.
    expect(plant.hub.log.lines.filter((line) => line.includes('came before'))).toEqual([]);
    await device.drop();
  });
});
