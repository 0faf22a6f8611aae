import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Plant } from '../../support/plant.ts';
import { publishPacket, type PacketOf, type RawClient } from '../../support/raw-client.ts';

let plant: Plant;
beforeAll(async () => {
  plant = await Plant.start();
});
afterEach(() => plant.endClients());
afterAll(() => plant.close());

/** How many messages the hub sends a client before it waits for acknowledgements. */
const WINDOW = 100;

const publish = (...[topic, text, options]: Parameters<RawClient['publish']>) =>
  plant.publisher.publish(topic, text, { qos: 2, ...options });

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at}`);

/** A client that has subscribed at QoS 2 and answers nothing. */
async function silent(clean: boolean, topic: string): Promise<RawClient> {
  const client = await plant.connect({ clientId: topic, clean });
  await client.subscribe(2, topic);
  return client;
}

const came = (client: RawClient, count: number): Promise<PacketOf<'publish'>[]> =>
  client.until(() => (client.publishes().length >= count ? client.publishes() : undefined));

const pubrels = ({ packets }: RawClient) =>
  packets.filter(({ cmd }) => cmd === 'pubrel').map(({ messageId }) => messageId as number);

const SESSIONS = [
  ['clean', true],
  ['kept', false],
] as const;

describe.each(SESSIONS)('to a client with a %s session', (name, clean) => {
  const topic = (of: string): string => `out/${name}/${of}`;

  test('[MQTT-4.3.2-1] [MQTT-4.3.3-1] a message comes with an identifier and without DUP', async () => {
    const client = await silent(clean, topic('first'));
    await publish(topic('first'), 'one', { qos: 1 });
    await publish(topic('first'), 'two', { qos: 2 });
    const messages = await came(client, 2);
    expect(messages.map(({ qos, dup }) => [qos, dup])).toEqual([
      [1, false],
      [2, false],
    ]);
    const [one, two] = messages.map(({ messageId }) => messageId);
    expect(one).toBeGreaterThan(0);
    expect(two).toBeGreaterThan(0);
    expect(one).not.toBe(two);
  });

  test('[MQTT-2.3.1-4] identifiers of messages that are not yet acknowledged stand for no other', async () => {
    const client = await silent(clean, topic('ids'));
    const held = new Set<number>();
    for (const [at, text] of numbered(150).entries()) {
      await publish(topic('ids'), text, { qos: at % 2 === 0 ? 1 : 2 });
      const { messageId = 0, qos } = await client.next('publish');
      expect(held.has(messageId)).toBe(false);
      // Every tenth stays unacknowledged, or half way through its handshake.
      if (at % 10 === 0) held.add(messageId);
      else if (qos === 1) client.send({ cmd: 'puback', messageId });
      else {
        client.send({ cmd: 'pubrec', messageId });
        expect(await client.next('pubrel')).toMatchObject({ messageId });
        if (at % 10 === 1) held.add(messageId);
        else client.send({ cmd: 'pubcomp', messageId });
      }
    }
  });

  test('[MQTT-4.3.3-1] [MQTT-2.3.1-6] a PUBREC is answered with the PUBREL of its identifier', async () => {
    const client = await silent(clean, topic('release'));
    await publish(topic('release'), 'x');
    const { messageId = 0 } = await client.next('publish');
    client.send({ cmd: 'pubrec', messageId });
    await client.next('pubrel');
    // The reserved bits of a PUBREL are 0010 [MQTT-3.6.1-1].
    expect(client.frames.at(-1)).toEqual(Buffer.from([0x62, 2, messageId >> 8, messageId & 0xff]));
  });

  test('[MQTT-4.3.3-1] a PUBREC is answered with a PUBREL as often as it comes, and whatever its identifier stands for', async () => {
    const client = await silent(clean, topic('releases'));
    await publish(topic('releases'), 'x');
    const { messageId = 0 } = await client.next('publish');
    for (const id of [messageId, messageId, 54_321]) {
      client.send({ cmd: 'pubrec', messageId: id });
      expect(await client.next('pubrel')).toMatchObject({ messageId: id });
    }
    client.send({ cmd: 'pubcomp', messageId });
    await client.settled();
    expect(client.texts).toEqual(['x']);
  });

  test('[MQTT-2.3.1-4] what comes and what goes may have one identifier, and is acknowledged each for itself', async () => {
    const client = await silent(clean, topic('both'));
    await publish(topic('both'), 'to the client');
    const { messageId = 0 } = await client.next('publish');
    client.send(publishPacket('elsewhere', 'from the client', { qos: 2, messageId }));
    await client.next('pubrec');
    client.send({ cmd: 'pubrec', messageId });
    await client.next('pubrel');
    client.send({ cmd: 'pubrel', messageId });
    await client.next('pubcomp');
    // The hub's own message still waits for its PUBCOMP, and its identifier for another one.
    await publish(topic('both'), 'next');
    expect((await client.next('publish')).messageId).not.toBe(messageId);
    client.send({ cmd: 'pubcomp', messageId });
    await client.settled();
  });

  test('[MQTT-4.6.0-4] PUBRELs come in the order of the PUBRECs, whatever that is', async () => {
    const client = await silent(clean, topic('order'));
    for (const text of numbered(20)) await publish(topic('order'), text);
    const ids = (await came(client, 20)).map(({ messageId }) => messageId as number);
    const answered = ids.toSorted((a, b) => (a % 7) - (b % 7));
    client.send(answered.map((messageId) => ({ cmd: 'pubrec', messageId })));
    await client.until(() => (pubrels(client).length === 20 ? true : undefined));
    expect(pubrels(client)).toEqual(answered);
  });

  test('[MQTT-4.6.0-6] messages are sent up to a window, and on with each acknowledgement, in order', async () => {
    const client = await silent(clean, topic('window'));
    const texts = numbered(WINDOW + 50);
    for (const [at, text] of texts.entries()) await publish(topic('window'), text, { qos: at % 2 ? 1 : 2 });
    const sent = await came(client, WINDOW);
    await client.settled();
    expect(client.texts).toEqual(texts.slice(0, WINDOW));
    // In any order: it is the client's right [4.6].
    for (const [at, { qos, messageId = 0 }] of sent.toReversed().slice(0, 50).entries()) {
      client.send({ cmd: qos === 1 ? 'puback' : 'pubrec', messageId });
      if (qos === 2) {
        await client.answer('pubrel', messageId);
        client.send({ cmd: 'pubcomp', messageId });
      }
      await came(client, WINDOW + at + 1);
    }
    expect(client.texts).toEqual(texts);
  });

  test('what is not acknowledged holds up no message of QoS 0, nor another client', async () => {
    const client = await silent(clean, topic('beside'));
    const other = await plant.subscriber(2, topic('beside'));
    for (const text of numbered(WINDOW + 20)) await publish(topic('beside'), text);
    await publish(topic('beside'), 'end', { qos: 0 });
    await Promise.all([client.untilText('end'), other.untilText('end')]);
    await other.untilText(`${WINDOW + 19}`);
    expect(other.texts.filter((text) => text !== 'end')).toEqual(numbered(WINDOW + 20));
  });
});

test('[MQTT-3.8.4-6] a message comes at the QoS that it was published at, and no more than was granted', async () => {
  const subscribers = await Promise.all(([0, 1, 2] as const).map((qos) => plant.subscriber(qos, 'out/min')));
  for (const qos of [0, 1, 2] as const) await publish('out/min', `${qos}`, { qos });
  for (const [granted, subscriber] of subscribers.entries()) {
    for (const qos of [0, 1, 2]) {
      expect((await subscriber.untilText(`${qos}`)).qos).toBe(Math.min(qos, granted));
    }
  }
});

describe('when a client is back whose session was kept', () => {
  const back = async (client: RawClient, clientId: string): Promise<RawClient> => {
    await client.drop();
    return plant.keep(clientId);
  };

  test('[MQTT-4.4.0-1] [MQTT-3.3.1-1] [MQTT-4.6.0-1] comes what it did not acknowledge, as it was, in order, with DUP', async () => {
    const client = await silent(false, 'again/a');
    for (const [at, text] of numbered(30).entries()) await publish('again/a', text, { qos: at % 2 ? 1 : 2 });
    const first = await came(client, 30);
    // Of the first ten only what is odd is acknowledged.
    for (const { qos, messageId = 0 } of first.slice(0, 10))
      if (qos === 1) client.send({ cmd: 'puback', messageId });
    await client.settled();
    const again = await back(client, 'again/a');
    await publish('again/a', 'end', { qos: 1 });
    await again.untilText('end');
    const unacknowledged = first.filter(({ qos }, at) => at >= 10 || qos === 2);
    expect(again.publishes().slice(0, -1)).toEqual(
      unacknowledged.map((packet) => ({ ...packet, dup: true })),
    );
    expect(again.publishes().at(-1)).toMatchObject({ dup: false });
  });

  test('[MQTT-3.3.1-1] DUP comes with each time but the first', async () => {
    let client = await silent(false, 'again/times');
    await publish('again/times', 'x', { qos: 1 });
    const { messageId } = await client.untilText('x');
    for (let time = 0; time < 3; time += 1) {
      client = await back(client, 'again/times');
      expect(await client.untilText('x')).toMatchObject({ messageId, dup: true });
    }
    client.acknowledge();
    await client.settled();
    client = await back(client, 'again/times');
    await publish('again/times', 'end', { qos: 1 });
    await client.untilText('end');
    expect(client.texts).toEqual(['end']);
  });

  test('[MQTT-4.3.3-1] [MQTT-4.4.0-1] [MQTT-4.6.0-4] come PUBRELs in order for what it received, and no PUBLISH', async () => {
    const client = await silent(false, 'again/rel');
    for (const text of numbered(10)) await publish('again/rel', text);
    const ids = (await came(client, 10)).map(({ messageId }) => messageId as number);
    const received = [5, 2, 8].map((at) => ids[at] as number);
    client.send(received.map((messageId) => ({ cmd: 'pubrec', messageId })));
    await client.until(() => (pubrels(client).length === 3 ? true : undefined));
    const again = await back(client, 'again/rel');
    await publish('again/rel', 'end');
    await again.untilText('end');
    expect(pubrels(again)).toEqual(received);
    expect(again.publishes().map(({ messageId }) => messageId)).toEqual([
      ...ids.filter((id) => !received.includes(id)),
      expect.any(Number),
    ]);
    again.send({ cmd: 'pubcomp', messageId: received[0] as number });
    await again.settled();
    const third = await back(again, 'again/rel');
    await third.untilText('end');
    expect(pubrels(third)).toEqual(received.slice(1));
  });

  test('[MQTT-4.3.3-1] a PUBREC of a message that came again is answered with its PUBREL', async () => {
    const client = await silent(false, 'again/rec');
    await publish('again/rec', 'x');
    const { messageId = 0 } = await client.untilText('x');
    const again = await back(client, 'again/rec');
    await again.untilText('x');
    again.send({ cmd: 'pubrec', messageId });
    expect(await again.next('pubrel')).toMatchObject({ messageId });
    again.send({ cmd: 'pubcomp', messageId });
    await again.settled();
    const third = await back(again, 'again/rec');
    await third.settled();
    expect(third.packets.map(({ cmd }) => cmd)).toEqual(['connack', 'pingresp']);
  });

  test('[MQTT-4.3.2-1] [MQTT-4.3.3-1] what it answered with the wrong word, or with another’s identifier, is not acknowledged', async () => {
    let client = await silent(false, 'again/wrong');
    await publish('again/wrong', 'one', { qos: 1 });
    await publish('again/wrong', 'two', { qos: 2 });
    const [one = 0, two = 0] = (await came(client, 2)).map(({ messageId }) => messageId);
    for (const packet of [
      { cmd: 'puback', messageId: two },
      { cmd: 'pubrec', messageId: one },
      { cmd: 'pubcomp', messageId: one },
      { cmd: 'puback', messageId: 50_000 },
    ] as const) {
      client.send(packet);
      // Whether the hub lets that pass or ends the link for it.
      await client.settled().catch(() => undefined);
      client = await back(client, 'again/wrong');
      const again = await came(client, 2);
      expect(again.map(({ messageId, dup }) => [messageId, dup])).toEqual([
        [one, true],
        [two, true],
      ]);
    }
  });

  test('[MQTT-4.5.0-1] comes what was published meanwhile at QoS 1 and 2, in order, at what was granted', async () => {
    const client = (await plant.keep('again/away')).acknowledge();
    await client.subscribe(1, 'again/away/1');
    await client.subscribe(2, 'again/away/2');
    await client.disconnect();
    const published = [1, 2].flatMap((qos) =>
      [1, 2].flatMap((granted) => numbered(60).map((text) => [qos, granted, text] as const)),
    );
    for (const [qos, granted, text] of published)
      await publish(`again/away/${granted}`, text, { qos: qos as 1 | 2 });
    const again = (await plant.keep('again/away')).acknowledge();
    await publish('again/away/2', 'end');
    await again.untilText('end');
    expect(
      again.publishes().map(({ topic, qos, dup, payload }) => [topic, qos, dup, String(payload)]),
    ).toEqual([
      ...published.map(([qos, granted, text]) => [
        ...[`again/away/${granted}`, Math.min(qos, granted), false, text],
      ]),
      ['again/away/2', 2, false, 'end'],
    ]);
  });

  test('[MQTT-4.4.0-1] comes what was not acknowledged also where it takes over from itself', async () => {
    const client = await silent(false, 'again/over');
    await publish('again/over', 'x');
    const { messageId } = await client.untilText('x');
    const again = await plant.keep('again/over');
    expect(await again.untilText('x')).toMatchObject({ messageId, dup: true });
    await client.closed;
  });
});

test('[MQTT-3.1.2-6] to a client that is back with a clean session comes nothing of before', async () => {
  const client = await silent(false, 'again/clean');
  for (const text of ['1', '2', '3']) await publish('again/clean', text);
  await came(client, 3);
  await client.drop();
  await publish('again/clean', '4');
  const again = await silent(true, 'again/clean');
  await publish('again/clean', 'end');
  await again.untilText('end');
  expect([again.texts, pubrels(again)]).toEqual([['end'], []]);
});
