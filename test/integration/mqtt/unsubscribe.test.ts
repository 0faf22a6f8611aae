import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Plant } from '../../support/plant.ts';
import type { RawClient } from '../../support/raw-client.ts';

let plant: Plant;
beforeAll(async () => {
  plant = await Plant.start();
});
afterEach(() => plant.endClients());
afterAll(() => plant.close());

/** An UNSUBSCRIBE, byte by byte. */
const bytes = (flags: number, ...rest: number[]): Buffer => Buffer.from([0xa0 | flags, rest.length, ...rest]);
const ID = [0, 9] as const;
const FILTER = [0, 3, ...Buffer.from('bad')] as const;

describe('an UNSUBSCRIBE ends its link where', () => {
  test.each([
    ['[MQTT-3.10.1-1] its reserved bits are 0000', bytes(0b0000, ...ID, ...FILTER)],
    ['[MQTT-3.10.1-1] its reserved bits are 0011', bytes(0b0011, ...ID, ...FILTER)],
    ['[MQTT-3.10.1-1] its reserved bits are 1010', bytes(0b1010, ...ID, ...FILTER)],
    ['[MQTT-2.3.1-1] its packet identifier is 0', bytes(0b0010, 0, 0, ...FILTER)],
    ['[MQTT-3.10.3-1] its filter is not UTF-8', bytes(0b0010, ...ID, 0, 2, 0xc3, 0x28)],
    ['[MQTT-3.10.3-1] its filter is longer than the packet', bytes(0b0010, ...ID, 0, 4, ...FILTER.slice(2))],
    ['[MQTT-3.10.3-2] it has no payload', bytes(0b0010, ...ID)],
  ])('%s', async (_what, packet) => {
    const client = await plant.connect();
    expect((await client.endedBy(packet)).code).toBe(1002);
    expect(client.packets.some(({ cmd }) => cmd === 'unsuback')).toBe(false);
  });
});

describe('an UNSUBSCRIBE is answered with one UNSUBACK', () => {
  test.each([
    ['of a filter that was subscribed to', ['ack/a']],
    ['[MQTT-3.10.4-5] of a filter that was not', ['ack/no']],
    ['[MQTT-3.10.4-5] of filters of which the server keeps the topics to itself', ['$SYS/#']],
    ['[MQTT-3.10.4-6] of several filters, some of them twice', ['ack/a', 'ack/no', 'ack/b', 'ack/a']],
  ])('[MQTT-3.10.4-4] [MQTT-2.3.1-7] with its identifier: %s', async (_what, unsubscriptions) => {
    const client = await plant.connect();
    await client.subscribe(1, 'ack/a', 'ack/b');
    for (const messageId of [1, 65_535]) {
      client.send({ cmd: 'unsubscribe', messageId, unsubscriptions });
      expect(await client.next('unsuback')).toMatchObject({ messageId });
    }
    await client.settled();
    expect(client.packets.filter(({ cmd }) => cmd === 'unsuback')).toHaveLength(2);
  });
});

describe.each([
  ['clean', true],
  ['kept', false],
] as const)('of a client with a %s session', (name, clean) => {
  const connect = (of: string): Promise<RawClient> => plant.connect({ clientId: `${name}-${of}`, clean });

  /** What a client has got when what is published now to a topic that it has subscribed to has come. */
  async function textsOf(client: RawClient, topic: string): Promise<string[]> {
    await plant.publisher.publish(topic, 'end', { qos: 2 });
    await client.untilText('end');
    return client.texts.filter((text) => text !== 'end');
  }

  test('[MQTT-3.10.4-1] a subscription is gone whose filter is the same, character by character, and no other', async () => {
    const client = (await connect('same')).acknowledge();
    const filters = ['same/a', 'same/+/b', 'same/c/#', 'same/d/', 'same/É'];
    await client.subscribe(2, ...filters);
    const publish = async (): Promise<void> => {
      for (const topic of ['same/a', 'same/x/b', 'same/c/x', 'same/d/', 'same/É'])
        await plant.publisher.publish(topic, topic, { qos: 2 });
    };
    await client.unsubscribe(
      ...[
        'same/+',
        'same/#',
        '#',
        'same/A',
        'same/x/b',
        'same/c',
        'same/c/x',
        'same/d',
        'same/E\u0301',
        'same/a/',
      ],
    );
    await publish();
    expect(await textsOf(client, 'same/c')).toEqual(['same/a', 'same/x/b', 'same/c/x', 'same/d/', 'same/É']);
    const before = client.texts.length;
    await client.unsubscribe('same/a', 'same/+/b', 'same/d/', 'same/É');
    await publish();
    await plant.publisher.publish('same/c', 'end 2', { qos: 2 });
    await client.untilText('end 2');
    expect(client.texts.slice(before)).toEqual(['same/c/x', 'end 2']);
  });

  test('[MQTT-3.10.4-2] nothing new comes behind the UNSUBACK', async () => {
    const client = (await connect('stop')).acknowledge();
    await client.subscribe(2, 'stop/#', 'go');
    await plant.publisher.publish('stop/a', 'before', { qos: 2 });
    await client.untilText('before');
    await client.unsubscribe('stop/#');
    for (const qos of [0, 1, 2] as const) await plant.publisher.publish('stop/a', `after ${qos}`, { qos });
    expect(await textsOf(client, 'go')).toEqual(['before']);
  });

  test('[MQTT-3.10.4-2] what other filters match still comes, at what was granted for them', async () => {
    const client = (await connect('other')).acknowledge();
    await client.subscribe(2, 'other/a');
    await client.subscribe(1, 'other/#');
    await client.unsubscribe('other/a');
    await plant.publisher.publish('other/a', 'x', { qos: 2 });
    expect((await client.untilText('x')).qos).toBe(1);
    expect(await textsOf(client, 'other/b')).toEqual(['x']);
  });

  test('[MQTT-3.10.4-3] messages that were sent are delivered to the end', async () => {
    const client = await connect('finish');
    await client.subscribe(2, 'finish');
    for (const [text, qos] of [
      ['one', 1],
      ['two', 2],
      ['half', 2],
    ] as const) {
      await plant.publisher.publish('finish', text, { qos });
      await client.untilText(text);
    }
    const [one = 0, two = 0, half = 0] = client.publishes().map(({ messageId }) => messageId);
    client.send({ cmd: 'pubrec', messageId: half });
    await client.answer('pubrel', half);
    await client.unsubscribe('finish');
    client.send({ cmd: 'pubrec', messageId: two });
    expect(await client.answer('pubrel', two)).toMatchObject({ messageId: two });
    client.send([
      { cmd: 'puback', messageId: one },
      { cmd: 'pubcomp', messageId: two },
      { cmd: 'pubcomp', messageId: half },
    ]);
    await client.settled();
    expect(client.texts).toEqual(['one', 'two', 'half']);
  });

  test('[MQTT-3.10.4-6] the filters of one packet are taken in order, and what is subscribed behind it is there', async () => {
    const client = (await connect('write')).acknowledge();
    await client.subscribe(1, 'write/a', 'write/b');
    client.send([
      { cmd: 'unsubscribe', messageId: 101, unsubscriptions: ['write/a', 'write/a', 'write/b'] },
      { cmd: 'subscribe', messageId: 102, subscriptions: [{ topic: 'write/b', qos: 2 }] },
      { cmd: 'unsubscribe', messageId: 103, unsubscriptions: ['write/c'] },
      { cmd: 'subscribe', messageId: 104, subscriptions: [{ topic: 'write/d', qos: 1 }] },
      { cmd: 'unsubscribe', messageId: 105, unsubscriptions: ['write/d'] },
    ]);
    await client.answer('unsuback', 105);
    for (const topic of ['write/a', 'write/b', 'write/d'])
      await plant.publisher.publish(topic, topic, { qos: 2 });
    expect(await textsOf(client, 'write/b')).toEqual(['write/b']);
    expect((await client.untilText('write/b')).qos).toBe(2);
  });
});

test('[MQTT-3.10.4-3] what was sent and not acknowledged before an UNSUBSCRIBE comes again to a session that is kept', async () => {
  const client = await plant.keep('unfinished');
  await client.subscribe(2, 'unfinished');
  await plant.publisher.publish('unfinished', 'sent', { qos: 2 });
  const { messageId } = await client.untilText('sent');
  await client.unsubscribe('unfinished');
  await plant.publisher.publish('unfinished', 'not sent', { qos: 2 });
  await client.drop();
  const again = (await plant.keep('unfinished')).acknowledge();
  expect(await again.untilText('sent')).toMatchObject({ messageId, dup: true });
  await again.subscribe(1, 'end');
  await plant.publisher.publish('end', 'end');
  await again.untilText('end');
  expect(again.texts).toEqual(['sent', 'end']);
});
