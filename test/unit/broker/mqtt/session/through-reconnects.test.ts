import { afterEach, describe, expect, test } from 'vitest';
import { seededRandom } from '../../seeded-random.ts';
import { PacketClient } from './packet-client.ts';
import { SessionBroker } from './session-broker.ts';

let broker: SessionBroker;
const start = async (...args: Parameters<typeof SessionBroker.start>): Promise<void> => {
  broker = await SessionBroker.start(...args);
};
afterEach(() => broker.close());

const connect = (clientId: string, options: Parameters<typeof PacketClient.open>[2] = {}) =>
  PacketClient.connect(broker.url, clientId, options);

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at}`);

/** Publishes one number after the other, as fast as the event loop turns, until it is told to stop. */
function publishing(topic: string, qos: 1 | 2): { stop: () => Promise<number> } {
  let going = true;
  const done = (async () => {
    let count = 0;
    for (; going; count += 1) {
      await broker.publish(topic, `${count}`, { qos });
      await turn();
    }
    return count;
  })();
  return {
    stop: () => {
      going = false;
      return done;
    },
  };
}

describe('a message that comes while its client connects', () => {
  test.each([
    ['while it is found out who connects', 0],
    ['before the CONNACK', 1],
    ['a turn later', 2],
  ])('arrives once, in its place (%s)', async (_when, moment) => {
    await start();
    const first = await connect('c');
    await first.subscribe(1, 'a');
    await first.disconnect();
    for (const text of ['0', '1', '2']) await broker.publish('a', text);
    let published: Promise<void> | undefined;
    broker.identify = async () => {
      for (let at = 0; at <= moment; at += 1) {
        if (at === moment) published = broker.publish('a', '3');
        await turn();
      }
    };
    const client = await connect('c');
    await published;
    for (const text of ['4', '5']) await broker.publish('a', text);
    await client.untilText('5');
    expect([client.texts, client.closed]).toEqual([numbered(6), false]);
  });

  test.each([
    [1, 1_000],
    [2, 200],
  ] as const)(
    'of QoS %i is neither lost nor overtaken, in %i reconnects amid messages',
    { timeout: 120_000 },
    async (qos, rounds) => {
      await start();
      let client = await connect('c');
      await client.subscribe(qos, 'a');
      const arrived: string[] = [];
      const publisher = publishing('a', qos);
      const random = seededRandom(qos);
      for (let round = 0; round < rounds; round += 1) {
        await (random() < 0.5 ? client.disconnect() : client.cut());
        arrived.push(...firstTimes(client, arrived.at(-1)));
        for (let wait = random() * 5; wait > 1; wait -= 1) await turn();
        client = await connect('c');
        const from = client;
        await client.until(() => (from.texts.length > 3 * random() ? true : undefined));
      }
      const count = await publisher.stop();
      await broker.publish('a', `${count}`);
      await client.untilText(`${count}`);
      arrived.push(...firstTimes(client, arrived.at(-1)));
      expect(arrived).toEqual(numbered(count + 1));
    },
  );
});

describe('of clients with one id', () => {
  test('each takes over from the one before, and nothing is lost between them', async () => {
    await start();
    let client = await connect('c');
    await client.subscribe(2, 'a');
    const publisher = publishing('a', 2);
    const arrived: string[] = [];
    for (let round = 0; round < 200; round += 1) {
      const next = await connect('c');
      await client.end();
      arrived.push(...firstTimes(client, arrived.at(-1)));
      client = next;
    }
    const count = await publisher.stop();
    await broker.publish('a', `${count}`);
    await client.untilText(`${count}`);
    arrived.push(...firstTimes(client, arrived.at(-1)));
    expect(arrived).toEqual(numbered(count + 1));
  });

  test.each([1, 2, 3])(
    'that connect all at once, of which some die in the middle of it, the one that stays has the session (seed %i)',
    async (seed) => {
      await start();
      const random = seededRandom(seed);
      broker.identify = async () => {
        for (let wait = random() * 4; wait > 1; wait -= 1) await turn();
      };
      const first = await connect('c');
      await first.subscribe(1, 'a');
      const will = { topic: 'w', payload: Buffer.from('w'), qos: 1, retain: false } as const;
      for (let round = 0; round < 50; round += 1) {
        const clients = Array.from({ length: 8 }, () =>
          PacketClient.open(broker.url, 'c', random() < 0.5 ? { will } : {}),
        );
        await Promise.all(
          clients.map(async (client) => {
            if (random() < 0.5) return;
            for (let wait = random() * 8; wait > 1; wait -= 1) await turn();
            await client.cut();
          }),
        );
        const open = () => clients.filter(({ closed }) => !closed);
        const greeted = () => open().every(({ packets }) => packets.length > 0);
        while (!greeted() || open().length > 1) await turn();
        await broker.noticed();
        const client = open()[0] ?? (await connect('c'));
        await broker.publish('a', `${round}`);
        await client.untilText(`${round}`);
      }
    },
  );
});

/** What came and had not come before: the numbers rise, and what comes again says so. */
function firstTimes({ messages }: PacketClient, last = '-1'): string[] {
  const news = messages.filter(({ payload }) => Number(payload) > Number(last));
  for (const { payload, dup } of messages) if (Number(payload) <= Number(last)) expect(dup).toBe(true);
  return news.map(({ payload }) => String(payload));
}
