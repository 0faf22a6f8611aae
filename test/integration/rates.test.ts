import { afterEach, describe, expect, test } from 'vitest';
import type { Limits } from '#broker/config/limits.ts';
import { RATES, type RateName } from '#broker/links/rates/meter.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { RawClient } from '../support/raw-client.ts';
import { Scraper } from '../support/scraper.ts';
import { makeService, type Credentials } from '../support/service.ts';

let hub: TestHub;
let scraper: Scraper;
let plant: Credentials;

async function start(limits: Partial<Limits>): Promise<void> {
  hub = await startTestHub((settings) => ({ ...settings, limits: { ...settings.limits, ...limits } }));
  [scraper, plant] = [await Scraper.of(hub), await makeService(hub, 'plant')];
}
afterEach(() => hub.close());

const connect = (credentials: Credentials, keepalive = 0) =>
  RawClient.connect(hub, { ...credentials, keepalive });
const publish = (topic: string, payload: string) =>
  ({ cmd: 'publish', topic, payload, qos: 0, dup: false, retain: false }) as const;
const numbers = (count: number) => Array.from({ length: count }, (_, at) => String(at));

async function subscribe(client: RawClient, topic: string): Promise<void> {
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] });
  await client.next('suback');
}

/** Resolves with the payloads of so many messages. */
const received = (client: RawClient, count: number): Promise<string[]> =>
  client.until((packets) => {
    const publishes = packets.filter((packet) => packet.cmd === 'publish');
    return publishes.length < count ? undefined : publishes.map(({ payload }) => String(payload));
  });

describe.each(RATES)('whoever sends more than "%s" allows', (rate: RateName) => {
  test('loses nothing, stays, and is told of in the log and in the metrics', async () => {
    await start({ [rate]: rate.endsWith('ByteRate') ? 2_000 : 100 });
    const [sender, reader] = [await connect(plant), await connect(plant)];
    await subscribe(reader, 'plant/#');
    sender.send(numbers(150).map((payload) => publish('plant/a', payload.padStart(10))));

    expect((await received(reader, 150)).map(Number)).toEqual(numbers(150).map(Number));
    expect(await hub.log.line(/read no faster/)).toBe(
      `@plant sends more than "${rate}" of the settings allows, and is read no faster than that`,
    );
    expect(await scraper.figure(`switchyard_holds_total{rate="${rate}"}`)).toBeGreaterThan(0);
    expect(await scraper.figure(`switchyard_held_seconds_total{rate="${rate}"}`)).toBeGreaterThan(0.2);
    expect(await scraper.figure('switchyard_links{of="service"}')).toBe(2);
    await Promise.all([sender.drop(), reader.drop()]);
  });
});

test('a link that is held holds up nobody else', async () => {
  await start({ linkPacketRate: 100 });
  const [busy, calm, reader] = [await connect(plant), await connect(plant), await connect(plant)];
  await subscribe(reader, 'plant/#');
  busy.send(numbers(300).map((payload) => publish('plant/busy', payload)));
  await received(reader, 1);
  for (const payload of numbers(50)) calm.send(publish('plant/calm', payload));
  await calm.settled();

  await reader.settled();
  const topics = reader.publishes().map(({ topic }) => topic);
  expect(topics.filter((topic) => topic === 'plant/calm')).toHaveLength(50);
  expect(topics.filter((topic) => topic === 'plant/busy').length).toBeLessThan(300);
  await Promise.all([busy, calm, reader].map((client) => client.drop()));
});

test('a link that is held is not silent, however short its keep alive is', async () => {
  await start({ linkPacketRate: 100 });
  const client = await connect(plant, 1);
  client.send(numbers(400).map((payload) => publish('plant/a', payload)));
  // Three seconds, twice as long as it may be silent.
  await client.settled();
  expect(await scraper.figure('switchyard_held_seconds_total{rate="linkPacketRate"}')).toBeGreaterThan(2.5);
  await client.drop();
});

test('what was sent before a goodbye counts, however much it was', async () => {
  await start({});
  const [sender, reader] = [await connect(plant), await connect(plant)];
  await subscribe(reader, 'plant/#');
  sender.send(numbers(3_000).map((payload) => publish('plant/a', payload)));
  sender.socket.close(1000);
  expect((await received(reader, 3_000)).map(Number)).toEqual(numbers(3_000).map(Number));
  expect(await sender.closed).toEqual({ code: 1000, reason: '' });
  await reader.drop();
});

test('pings and empty frames count as packets do', async () => {
  await start({ linkPacketRate: 100 });
  const client = await connect(plant);
  // No more than may come in one read: their answers wait for the end of it.
  for (let sent = 0; sent < 30; sent += 1) client.socket.ping();
  for (let sent = 0; sent < 110; sent += 1) client.send(Buffer.alloc(0));
  await client.settled();
  expect(await scraper.figure('switchyard_held_seconds_total{rate="linkPacketRate"}')).toBeGreaterThan(0.3);
  await client.drop();
});

test('whoever is nobody uses up nothing of what others share', async () => {
  await start({ linkPacketRate: 20, addressPacketRate: 20, hubPacketRate: 20 });
  const client = await connect(plant);
  const strangers = await Promise.all(Array.from({ length: 5 }, () => RawClient.open(hub)));
  for (const stranger of strangers) {
    for (let sent = 0; sent < 100; sent += 1) stranger.send(Buffer.alloc(0));
    stranger.socket.ping();
  }
  const closes = await Promise.all(strangers.map(({ closed }) => closed));
  for (const close of closes) {
    expect(close).toEqual({ code: 1008, reason: 'more than 100 pings and empty frames before a CONNECT' });
  }
  await client.settled();
  expect(await scraper.figure('switchyard_holds_total{rate="addressPacketRate"}')).toBe(0);
  expect(await scraper.figure('switchyard_holds_total{rate="hubPacketRate"}')).toBe(0);
  await client.drop();
});
