import { Duplex } from 'node:stream';
import { generate, type Packet } from 'mqtt-packet';
import { afterEach, describe, expect, test } from 'vitest';
import { pick, seededRandom } from '../../seeded-random.ts';
import { PacketClient } from './packet-client.ts';
import { SessionBroker } from './session-broker.ts';

let broker: SessionBroker;
const start = async (...args: Parameters<typeof SessionBroker.start>): Promise<void> => {
  broker = await SessionBroker.start(...args);
};
afterEach(() => broker.close());

const connect = (clientId: string, options: Parameters<typeof PacketClient.open>[2] = {}) =>
  PacketClient.connect(broker.port, clientId, options);

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
  // With Aedes' own persistence it came both ways, from the queue and at once; when the first was acknowledged the
  // second was "no such packet", which ended the link, and nothing came any more.
  test.each(['client', 'connackSent', 'clientReady'] as const)(
    'arrives once, in its place, and leaves the link as it is (at Aedes’ event %s)',
    async (event) => {
      await start();
      const first = await connect('c');
      await first.subscribe(1, 'a');
      await first.disconnect();
      await broker.away('c');
      for (const text of ['0', '1', '2']) await broker.publish('a', text);
      broker.aedes.once(event as 'client', () => void broker.publish('a', '3'));
      const client = await connect('c');
      await client.untilText('3');
      for (const text of ['4', '5']) await broker.publish('a', text);
      await client.untilText('5');
      expect(client.texts).toEqual(numbered(6));
      expect([client.closed, broker.errors]).toEqual([false, []]);
    },
  );

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
      expect(new Set(broker.errors).has('no such packet')).toBe(false);
    },
  );
});

test('packets are understood in whatever pieces they come, and however soon the next piece is there', async () => {
  await start();
  const watcher = await connect('watcher');
  await watcher.subscribe(2, 'a');
  const random = seededRandom(1);
  const asked = {
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: false,
    clientId: 'c',
    keepalive: 0,
  } as const;
  const packets: Packet[] = [{ cmd: 'connect', ...asked }];
  for (let at = 1; at <= 1_000; at += 1) {
    const message = { topic: 'a', payload: `${at - 1}`, retain: false, dup: false, messageId: at } as const;
    packets.push(
      { cmd: 'puback', messageId: at },
      { cmd: 'publish', ...message, qos: pick(random, [1, 2] as const) },
      { cmd: 'pubrec', messageId: at },
      { cmd: 'pubrel', messageId: at },
      { cmd: 'pubcomp', messageId: at },
    );
  }
  const bytes = Buffer.concat(packets.map((packet) => generate(packet)));
  let from = 0;
  const stream = new Duplex({
    readableHighWaterMark: 1,
    read() {
      const to = from + 1 + Math.floor(random() * 20);
      if (from < bytes.length) this.push(bytes.subarray(from, to));
      from = to;
    },
    write: (_chunk, _encoding, done) => done(),
  });
  broker.accept(stream);
  await watcher.until(() => (watcher.messages.length === 1_000 ? true : undefined));
  const numbers = [1, 2].map((qos) =>
    watcher.messages.filter((message) => message.qos === qos).map(({ payload }) => Number(payload)),
  );
  for (const of of numbers) expect(of).toEqual(of.toSorted((a, b) => a - b));
  expect(new Set(numbers.flat()).size).toBe(1_000);
  expect(broker.errors).toEqual([]);
  stream.destroy();
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
        const before = broker.accepted;
        const clients = Array.from({ length: 8 }, () =>
          PacketClient.open(broker.port, 'c', random() < 0.5 ? { will } : {}),
        );
        while (broker.accepted < before + clients.length) await turn();
        await Promise.all(
          clients.map(async (client) => {
            if (random() < 0.5) return;
            for (let wait = random() * 8; wait > 1; wait -= 1) await turn();
            await client.cut();
          }),
        );
        const open = () => clients.filter(({ closed }) => !closed);
        const greeted = () => open().every(({ packets }) => packets.length > 0);
        while (!greeted() || open().length > 1 || (await broker.connections()) !== open().length)
          await turn();
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
