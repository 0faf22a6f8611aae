import { afterEach, describe, expect, test } from 'vitest';
import type { Limits } from '#broker/config/limits.ts';
import { ENDS } from '#broker/links/ends.ts';
import { ApiClient } from '../support/api-client.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connectDevice, TestOperator } from '../support/mqtt-client.ts';
import { RawClient } from '../support/raw-client.ts';
import { Scraper } from '../support/scraper.ts';
import { makeService, type Credentials } from '../support/service.ts';

let hub: TestHub;
let scraper: Scraper;
let plant: Credentials;
const clients: RawClient[] = [];

async function start(limits: Partial<Limits>): Promise<void> {
  hub = await startTestHub((settings) => ({ ...settings, limits: { ...settings.limits, ...limits } }));
  [scraper, plant] = [await Scraper.of(hub), await makeService(hub, 'plant')];
}
afterEach(async () => {
  for (const client of clients.splice(0)) await client.drop();
  await hub.close();
});

async function connect(credentials = plant, options = {}): Promise<RawClient> {
  const client = await RawClient.connect(hub, { ...credentials, ...options });
  clients.push(client);
  return client;
}

type Qos = 0 | 1 | 2;

const publish = (topic: string, payload: string | Buffer, qos: Qos = 0, messageId = 1) =>
  ({
    cmd: 'publish',
    topic,
    payload,
    qos,
    dup: false,
    retain: false,
    ...(qos > 0 && { messageId }),
  }) as const;

async function subscribe(client: RawClient, topics: string[], qos: Qos = 0) {
  client.send({ cmd: 'subscribe', messageId: 1, subscriptions: topics.map((topic) => ({ topic, qos })) });
  return (await client.next('suback')).granted;
}

describe('a packet beyond a bound ends its link, with the reason', () => {
  test.each<[string, Partial<Limits>, Parameters<RawClient['send']>[0], string]>([
    [
      'topicBytes',
      { topicBytes: 128 },
      publish('x'.repeat(129), ''),
      'a topic name of 129 bytes; at most 128 are accepted',
    ],
    [
      'topicLevels',
      { topicLevels: 8 },
      publish('1/2/3/4/5/6/7/8/9', ''),
      'a topic name of 9 levels; at most 8 are accepted',
    ],
    [
      'filtersPerSubscribe',
      { filtersPerSubscribe: 2 },
      { cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['a', 'b', 'c'] },
      'more than 2 topic filters in one packet',
    ],
  ])('%s', async (_name, limits, packet, reason) => {
    await start(limits);
    const [client, other] = [await connect(), await connect()];
    client.send(packet);
    expect(await client.closed).toEqual({ code: ENDS['too-many'], reason });
    await hub.log.line(new RegExp(`^ended the link of @plant: ${reason}$`));
    expect(await scraper.figure('switchyard_link_ends_total{cause="too-many"}')).toBe(1);
    await other.settled();
  });
});

test('a subscription beyond those that a session may have is refused, and the others stay', async () => {
  await start({ subscriptionsPerSession: 2 });
  const [client, other] = [await connect(), await connect()];
  expect(await subscribe(client, ['a', 'b', 'c'])).toEqual([0, 0, 128]);
  await hub.log.line(/^refused a subscription of @plant: its session has 2, and may have no more$/);
  expect(await subscribe(client, ['a'], 1)).toEqual([1]);
  expect(await subscribe(other, ['c'])).toEqual([0]);
  expect(await scraper.figure('switchyard_subscriptions')).toBe(3);
  client.send({ cmd: 'unsubscribe', messageId: 2, unsubscriptions: ['b'] });
  await client.next('unsuback');
  expect(await subscribe(client, ['c'])).toEqual([0]);
});

test('a subscription beyond those that the hub may have is refused, but that of a device', async () => {
  await start({ subscriptions: 2 });
  const [client, other] = [await connect(), await connect()];
  expect(await subscribe(client, ['a', 'b'])).toEqual([0, 0]);
  expect(await subscribe(other, ['a'])).toEqual([128]);
  await hub.log.line(/^refused a subscription of @plant: the hub has 2, and may have no more$/);
  expect(await subscribe(client, ['a'], 1)).toEqual([1]);
  const secret = (await hub.addDevices({ id: 'lamp' })).get('lamp') as string;
  const lamp = await connect({ username: 'home/lamp', password: Buffer.from(secret) }, { clientId: 'lamp' });
  expect(await subscribe(lamp, ['iot/1/home/lamp/dn/+'])).toEqual([0]);
});

test('no more is on its way to a client, unacknowledged, than may be', async () => {
  await start({ outgoingInflight: 2 });
  const [reader, sender] = [await connect(), await connect()];
  await subscribe(reader, ['plant/#'], 1);
  sender.send(['a', 'b', 'c', 'd'].map((payload, at) => publish('plant/a', payload, 1, at + 1)));
  await sender.settled();
  await reader.settled();
  const payloads = () => reader.publishes().map(({ payload }) => String(payload));
  expect(payloads()).toEqual(['a', 'b']);
  reader.send({ cmd: 'puback', messageId: reader.publishes()[0]?.messageId as number });
  await reader.settled();
  expect(payloads()).toEqual(['a', 'b', 'c']);
});

describe('messages of QoS 2 that a client does not release', () => {
  test('end its link where they are more than may be', async () => {
    await start({ incomingInflight: 2 });
    const [client, reader] = [await connect(), await connect()];
    await subscribe(reader, ['plant/#']);
    client.send([1, 2].map((id) => publish('plant/a', String(id), 2, id)));
    await client.settled();
    client.send([1, 2].map((id) => ({ ...publish('plant/a', String(id), 2, id), dup: true })));
    await client.settled();
    client.send(publish('plant/a', '3', 2, 3));
    const reason = 'more than 2 messages of QoS 2 that it has not released';
    expect(await client.closed).toEqual({ code: ENDS['too-many'], reason });
    await hub.log.line(new RegExp(`^ended the link of @plant: ${reason}$`));
    expect(await scraper.figure('switchyard_link_ends_total{cause="too-many"}')).toBe(1);
    await reader.settled();
    expect(reader.publishes().map(({ payload }) => String(payload))).toEqual(['1', '2']);
  });

  test('are as many as may be again, once they are released', async () => {
    await start({ incomingInflight: 2 });
    const client = await connect();
    for (let id = 1; id <= 10; id += 1) {
      client.send(publish('plant/a', String(id), 2, id));
      await client.next('pubrec');
      client.send({ cmd: 'pubrel', messageId: id });
      await client.next('pubcomp');
    }
  });
});

describe('what is retained beyond what services may have', () => {
  const retained = (topic: string, payload: string | Buffer) => ({
    ...publish(topic, payload),
    retain: true,
  });

  /** What somebody is sent who subscribes now. */
  async function found(): Promise<string[]> {
    const reader = await connect();
    await subscribe(reader, ['plant/#']);
    await reader.settled();
    return reader.publishes().map(({ topic, payload }) => `${topic} ${payload.length}`);
  }

  test.each<[keyof Limits, Partial<Limits>]>([
    ['retainedPerService', { retainedPerService: 2 }],
    ['retained', { retained: 2 }],
    ['retainedBytesPerService', { retainedBytesPerService: 2_200 }],
    ['retainedBytes', { retainedBytes: 2_200 }],
  ])('of "%s" is forwarded, and not retained', async (name, limits) => {
    await start(limits);
    const [sender, reader] = [await connect(), await connect()];
    await subscribe(reader, ['plant/#']);
    const payload = Buffer.alloc(500);
    sender.send(['plant/a', 'plant/b', 'plant/c'].map((topic) => retained(topic, payload)));
    await sender.settled();
    await reader.settled();
    expect(reader.publishes().map(({ topic, retain }) => [topic, retain])).toEqual([
      ['plant/a', false],
      ['plant/b', false],
      ['plant/c', false],
    ]);
    expect(await found()).toEqual(['plant/a 500', 'plant/b 500']);
    await hub.log.line(
      new RegExp(`^a message of @plant on "plant/c" was forwarded and not retained: .* as "${name}" of`),
    );
    expect(await scraper.figure('switchyard_not_retained_total')).toBe(1);
    expect(await scraper.figure('switchyard_retained_service_messages')).toBe(2);
    expect(await scraper.figure('switchyard_retained_service_bytes')).toBe(2_134);

    sender.send([retained('plant/a', ''), retained('plant/c', payload)]);
    await sender.settled();
    expect(await found()).toEqual(['plant/b 500', 'plant/c 500']);
  });

  test('leaves nothing that was retained of its topic before', async () => {
    await start({ retainedBytesPerService: 1_100 });
    const sender = await connect();
    sender.send([
      retained('plant/a', 'old'),
      retained('plant/a', Buffer.alloc(2_000)),
      retained('plant/b', 'b'),
    ]);
    await sender.settled();
    expect(await found()).toEqual(['plant/b 1']);
  });

  test('of one service leaves another its own', async () => {
    await start({ retainedPerService: 1 });
    const [sender, other] = [await connect(), await connect(await makeService(hub, 'other'))];
    sender.send([retained('plant/a', 'a'), retained('plant/b', 'b')]);
    await sender.settled();
    other.send(retained('plant/b', 'b'));
    await other.settled();
    expect(await found()).toEqual(['plant/a 1', 'plant/b 1']);
  });

  test('goes with its service', async () => {
    await start({});
    const sender = await connect(await makeService(hub, 'other'));
    sender.send([retained('plant/a', 'a'), retained('plant/b', 'b')]);
    await sender.settled();
    await (await ApiClient.as(hub)).ask('DELETE', '/services/other');
    await scraper.until('switchyard_retained_service_messages', (messages) => messages === 0);
    expect(await found()).toEqual([]);
  });
});

test('a silent link that does not answer its ping is ended after as long as is set', async () => {
  await start({ silenceMs: 1_000 });
  const client = await RawClient.open(hub, { autoPong: false });
  expect(await client.closed).toEqual({ code: ENDS['ping-timeout'], reason: 'no answer to a ping' });
  expect(await scraper.figure('switchyard_link_ends_total{cause="ping-timeout"}')).toBe(1);
});

describe('a message that somebody does not get is counted', () => {
  const dropped = (cause: string) => scraper.figure(`switchyard_messages_dropped_total{cause="${cause}"}`);

  test('where its session is full', async () => {
    await start({ sessionMessages: 2 });
    const away = await connect(plant, { clientId: 'away', clean: false });
    await subscribe(away, ['plant/#'], 1);
    await away.disconnect();
    const sender = await connect();
    sender.send([1, 2, 3, 4, 5].map((id) => publish('plant/a', 'x', 1, id)));
    await sender.settled();
    expect(await dropped('queue-full')).toBe(3);
    expect(await scraper.figure('switchyard_kept_sessions')).toBe(1);
    expect(await scraper.figure('switchyard_kept_sessions_waiting_messages')).toBe(2);
    expect(await scraper.figure('switchyard_kept_sessions_waiting_bytes')).toBe(16);
    await hub.log.line(/^the session .* of @plant is full/);
  });

  test('where it does not read', async () => {
    await start({ congestedBytes: 16_384, outboundBytes: 67_108_864 });
    const [frozen, reader, sender] = [await connect(), await connect(), await connect()];
    await subscribe(frozen, ['plant/#']);
    await subscribe(reader, ['plant/#']);
    frozen.socket.pause();
    // More than the sockets between them hold.
    const payload = Buffer.alloc(60_000);
    for (let sent = 1; (await dropped('congested')) === 0; sent += 1) {
      sender.send(publish('plant/a', payload));
      await reader.until((packets) =>
        packets.filter(({ cmd }) => cmd === 'publish').length >= sent ? true : undefined,
      );
    }
    frozen.socket.resume();
    await frozen.settled();
    expect(reader.publishes().length - frozen.publishes().length).toBe(await dropped('congested'));
  });

  test('where its payload is not what its topic demands', async () => {
    await start({});
    const secrets = await hub.addDevices({ id: 'lamp' });
    const lamp = await connectDevice(hub, 'lamp', secrets.get('lamp') as string);
    await lamp.mqtt.publishAsync('iot/1/home/lamp/up/tele', 'no CBOR', { qos: 1 });
    expect(await dropped('bad-payload')).toBe(1);
    await lamp.end();
  });

  test('where it may not have it', async () => {
    await start({});
    await hub.addDevices({ id: 'lamp' });
    const [reader, operator] = [await connect(), await TestOperator.connect(hub)];
    await subscribe(reader, ['#']);
    const before = await dropped('not-allowed');
    const id = new Uint8Array(8).fill(7);
    await operator.command('lamp', { id, vals: new Map([[1, true]]), ttl: 5_000 });
    expect(await dropped('not-allowed')).toBeGreaterThan(before);
    await reader.settled();
    expect(reader.publishes().map(({ topic }) => topic)).not.toContain('iot/1/home/lamp/rq/cmd');
    await operator.client.end();
  });
});

describe('links of one account', () => {
  test('beyond "linksPerAccount" are refused, and a client that connects again is not', async () => {
    await start({ linksPerAccount: 2 });
    const [first] = [await connect(plant, { clientId: '1' }), await connect(plant, { clientId: '2' })];
    const refused = await connect(plant, { clientId: '3' });
    expect(refused.packets).toMatchObject([{ cmd: 'connack', returnCode: 3 }]);
    expect(await refused.closed).toEqual({ code: 1013, reason: '@plant has as many links as it may: 2' });
    const again = await connect(plant, { clientId: '1' });
    expect(again.packets).toMatchObject([{ cmd: 'connack', returnCode: 0 }]);
    expect((await first?.closed)?.code).toBe(ENDS['taken-over']);
  });
});
