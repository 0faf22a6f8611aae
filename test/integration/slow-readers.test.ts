import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Packet, QoS } from 'mqtt-packet';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { limitsSchema, type Limits } from '#broker/config/limits.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { bytesOf, publishPacket, RawClient } from '../support/raw-client.ts';
import { makeService, type Credentials } from '../support/service.ts';

let hub: TestHub;
let credentials: Credentials;
let clients: RawClient[];

async function start(limits: Partial<Limits> = {}): Promise<void> {
  hub = await startTestHub((settings) => ({
    ...settings,
    limits: { ...settings.limits, ...FAST, ...limits },
  }));
  credentials = await makeService(hub, 'plant');
}

/** Connects in the clear, as from this machine, where a thousand links cost little. */
async function connect(clientId: string): Promise<RawClient> {
  const client = await RawClient.connect({ wss: hub.ws, ca: hub.ca }, { clientId, ...credentials });
  clients.push(client);
  return client.acknowledge();
}

async function subscriber(clientId: string, qos: QoS, ...filters: string[]): Promise<RawClient> {
  const client = await connect(clientId);
  await client.subscribe(qos, ...filters);
  return client;
}

beforeEach(() => {
  clients = [];
});
afterEach(async () => {
  await Promise.all(clients.map((client) => client.drop()));
  await hub.close();
});

/** Little is enough to be too much. */
const SMALL = { congestedBytes: 16_384, outboundBytes: 65_536 };
/** Nobody is held back for being fast: what is tried is what becomes of those who are slow. */
const FAST = Object.fromEntries(
  Object.keys(limitsSchema.shape)
    .filter((limit) => /(Packet|Byte)Rate$/.test(limit))
    .map((limit) => [limit, 1_000_000_000]),
);
/** More than the kernel holds for a connection whose peer reads nothing, in bytes. */
const MORE_THAN_FITS = 16_000_000;
const BIG = Buffer.alloc(32_000, 'x');

/** Has a client read nothing any more. */
const freeze = ({ socket }: RawClient): void => socket.pause();

const textsOn = (client: RawClient, topic: string): string[] =>
  client
    .publishes()
    .filter((message) => message.topic === topic)
    .map(({ payload }) => String(payload));

const isEnded = (): boolean => hub.log.lines.some((line) => line.includes('disconnected: too slow'));

test('a frozen subscriber loses QoS 0, then its link, and a thousand others get every message', async () => {
  await start(SMALL);
  const live: RawClient[] = [];
  for (let at = 0; at < 1_000; at += 50) {
    const some = Array.from({ length: 50 }, (_, more) => subscriber(`live-${at + more}`, 1, 'live/+'));
    live.push(...(await Promise.all(some)));
  }
  const frozen = await subscriber('frozen', 1, 'flood/+', 'live/+');
  const publisher = await connect('publisher');
  freeze(frozen);

  for (let round = 0; round < 10; round += 1) {
    for (let bytes = 0; bytes < MORE_THAN_FITS / 10; bytes += BIG.length) {
      publisher.send(publishPacket('flood/0', BIG));
    }
    await publisher.publish('live/0', `${round}`, { qos: 0 });
  }
  expect(isEnded()).toBe(false);
  for (let round = 0; round < 10; round += 1) {
    await publisher.publish('flood/1', BIG, { qos: 1 });
    await publisher.publish('live/1', `${round}`, { qos: 1 });
  }
  // Which of the two it runs into first is a matter of what the kernel took.
  await hub.log.line(
    /^@plant disconnected: too slow: (more waits for it than "sessionMessages"|\d+ bytes wait for it, more than "outboundBytes")/,
  );

  const rounds = Array.from({ length: 10 }, (_, round) => `${round}`);
  for (const client of live) {
    await client.untilText('9');
    await client.until(() => (textsOn(client, 'live/1').length === rounds.length ? true : undefined));
    expect(textsOn(client, 'live/0')).toEqual(rounds);
    expect(textsOn(client, 'live/1')).toEqual(rounds);
  }
  frozen.socket.resume();
  expect((await frozen.closed).code).toBe(1006);
}, 60_000);

test('a subscriber that is frozen for a while misses what is QoS 0, and nothing else', async () => {
  await start(SMALL);
  const frozen = await subscriber('frozen', 1, 'flood', 'kept');
  const publisher = await connect('publisher');
  freeze(frozen);
  let floods = 0;
  for (; floods * BIG.length < MORE_THAN_FITS; floods += 1) publisher.send(publishPacket('flood', BIG));
  const kept = Array.from({ length: 20 }, (_, at) => `kept ${at}`);
  for (const text of kept) await publisher.publish('kept', text, { qos: 1 });
  frozen.socket.resume();
  await frozen.untilText('kept 19');
  expect(textsOn(frozen, 'kept')).toEqual(kept);
  expect(textsOn(frozen, 'flood').length).toBeLessThan(floods);
  await frozen.settled();
});

test('where more waits for all than may, whoever has most waiting loses its link, and others none', async () => {
  await start({ congestedBytes: 8_000_000, outboundBytes: 16_000_000, hubOutboundBytes: 4_000_000 });
  const frozen = await subscriber('frozen', 0, 'flood/+');
  const reader = await subscriber('reader', 0, 'live/+');
  const publisher = await connect('publisher');
  freeze(frozen);
  const ended = hub.log.line(/^@plant disconnected: too slow: more waits for all links/);
  let gone = false;
  void ended.then(() => (gone = true));
  while (!gone) {
    for (let at = 0; at < 20; at += 1) publisher.send(publishPacket('flood/0', BIG));
    await publisher.settled();
    await nextTurn();
  }
  await publisher.publish('live/0', 'end', { qos: 0 });
  await reader.untilText('end');
  frozen.socket.resume();
  expect((await frozen.closed).code).toBe(1006);
}, 60_000);

test('a reader that is slow and reads keeps its link, and gets all of QoS 1 and 2', async () => {
  await start();
  const slow = await subscriber('slow', 2, 'all/+');
  slow.socket.on('message', () => {
    slow.socket.pause();
    setImmediate(() => slow.socket.resume());
  });
  const publisher = await connect('publisher');
  const count = 2_000;
  const payload = (at: number): string => `${at}`.padEnd(1_000, '.');
  for (let at = 0; at < count; at += 1) {
    const qos = ((at % 2) + 1) as QoS;
    publisher.send(publishPacket(`all/${qos}`, payload(at), { qos, messageId: at + 1 }));
  }
  await slow.untilText(payload(count - 1));
  await slow.untilText(payload(count - 2));
  for (const qos of [1, 2]) {
    const expected = Array.from({ length: count / 2 }, (_, at) => payload(2 * at + qos - 1));
    expect(textsOn(slow, `all/${qos}`)).toEqual(expected);
  }
  await slow.settled();
});

/** Packets whose answers are short, many times over. */
const many = (packet: Packet, times: number): Buffer =>
  Buffer.concat(Array<Buffer>(times).fill(bytesOf(packet)));

test.each([
  ['pings', many({ cmd: 'pingreq' }, 16_000), /too slow: \d+ bytes wait for it/],
  ['receipts', many({ cmd: 'pubrec', messageId: 1 }, 8_000), /too slow: \d+ bytes wait for it/],
  [
    'subscriptions',
    many({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'a', qos: 0 }] }, 4_000),
    /too slow: \d+ bytes wait for it|it subscribes faster than it reads/,
  ],
])(
  'a peer that reads nothing loses its link, whatever it has the hub answer: %s',
  async (_what, bytes, reason) => {
    await start(SMALL);
    const peer = await connect('peer');
    freeze(peer);
    let ended = false;
    void hub.log.line(new RegExp(`^@plant disconnected: ${reason.source}`)).then(() => (ended = true));
    while (!ended) {
      await new Promise((resolve) => peer.socket.send(bytes, resolve));
      await nextTurn();
    }
  },
  60_000,
);
