import { afterEach, beforeEach, expect, test } from 'vitest';
import { PacketClient } from './packet-client.ts';
import { SessionBroker } from './session-broker.ts';

let broker: SessionBroker;
beforeEach(async () => {
  broker = await SessionBroker.start({ sessionMessages: 200 });
});
afterEach(() => broker.close());

const connect = (clientId: string, options: Parameters<typeof PacketClient.open>[2] = {}) =>
  PacketClient.connect(broker.url, clientId, options);

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at}`);

const keep = (topic: string, payload: string, qos: 0 | 1 | 2 = 1): Promise<void> =>
  broker.publish(topic, payload, { qos, retain: true });

test.each([
  ['stored', false],
  ['clean', true],
])(
  'messages on one topic at one QoS come in order to a %s session, retained or not [MQTT-4.6.0-6]',
  async (_what, clean) => {
    const publisher = await connect('publisher', { clean: true });
    const client = await connect('c', { clean });
    await client.subscribe(2, 'a');
    for (const qos of [0, 1, 2] as const) {
      const packets = numbered(40).map((number) => {
        const messageId = 1 + Number(number);
        const [payload, retain] = [`${qos}.${number}`, messageId % 3 === 0];
        return { cmd: 'publish', topic: 'a', payload, qos, retain, dup: false, messageId } as const;
      });
      publisher.send(...packets);
      await client.until(() => (client.messages.length === 40 * (qos + 1) ? true : undefined));
    }
    expect(client.texts).toEqual(['0', '1', '2'].flatMap((qos) => numbered(40).map((at) => `${qos}.${at}`)));
  },
);

test.each([
  ['stored', 'a/+', false],
  ['clean', 'a/+', true],
  ['stored', 'a/2', false],
  ['clean', 'a/2', true],
])(
  'to a %s session subscribed to %s a retained message comes at no more than the QoS that was granted [MQTT-3.8.4-6]',
  async (_what, filter, clean) => {
    for (const qos of [0, 1, 2] as const) await keep(`a/${qos}`, `${qos}`, qos);
    const client = await connect('c', { clean });
    for (const granted of [0, 1, 2, 1, 0, 2] as const) {
      const before = client.messages.length;
      await client.subscribe(granted, filter);
      const expected = (filter === 'a/+' ? [0, 1, 2] : [2]).map((qos) => [qos, Math.min(qos, granted), true]);
      await client.until(() => client.messages[before + expected.length - 1]);
      const got = client.messages.slice(before);
      expect(got.map(({ payload, qos, retain }) => [Number(payload), qos, retain])).toEqual(expected);
    }
  },
);

test.each([
  ['stored', false],
  ['clean', true],
])(
  'to a %s session a message comes at the highest QoS of those filters that match, their own names among them',
  async (_what, clean) => {
    const client = await connect('c', { clean });
    for (const [filter, qos] of [
      ['a/x', 0],
      ['a/+', 1],
      ['a/#', 2],
      ['a/y', 2],
    ] as const) {
      await client.subscribe(qos, filter);
      await broker.publish('a/x', filter, { qos: 2 });
      await client.untilText(filter);
    }
    expect(client.messages.map(({ qos }) => qos)).toEqual([0, 1, 2, 2]);
  },
);

test('far more retained messages than may wait all come to a client that is there', async () => {
  for (const number of numbered(2_000)) await keep(`a/${number}`, number);
  const client = await connect('c');
  await client.subscribe(1, 'a/#');
  await client.until(() => (client.messages.length === 2_000 ? true : undefined));
  expect(client.texts).toEqual(numbered(2_000));
  expect(broker.log.lines.filter((line) => line.includes('full'))).toEqual([]);
});

test('retained messages that its client did not acknowledge, or was not sent, come when it is back', async () => {
  for (const number of numbered(150)) await keep(`a/${number}`, number);
  const client = await connect('c', { acknowledges: false });
  await client.subscribe(1, 'a/#');
  await client.until(() => (client.messages.length === 100 ? true : undefined));
  await client.cut();
  await broker.noticed();
  const again = await connect('c');
  await again.until(() => (again.messages.length === 150 ? true : undefined));
  expect(again.texts).toEqual(numbered(150));
  expect(again.messages.map(({ dup }) => dup)).toEqual(numbered(150).map((number) => Number(number) < 100));
  expect(again.messages.every(({ retain }) => retain)).toBe(true);
});

test('a session that comes back is sent nothing that is retained, unless it subscribes again', async () => {
  await keep('a', 'retained');
  const client = await connect('c');
  await client.subscribe(1, 'a');
  await client.untilText('retained');
  await client.disconnect();
  await broker.noticed();
  const again = await connect('c');
  await broker.publish('a', 'live');
  await again.untilText('live');
  expect(again.texts).toEqual(['live']);
  await again.subscribe(1, 'a');
  await again.untilText('retained');
});
