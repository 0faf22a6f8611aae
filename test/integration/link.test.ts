import { connect as connectTcp } from 'node:net';
import { once } from 'node:events';
import packet from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { desc, downFilter, feedTopic, STATUS, TYPE, upTopic } from '#firmware-protocol';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connectDevice, connectPerson, TestOperator } from '../support/mqtt-client.ts';

let hub: TestHub;
let secrets: Map<string, string>;

beforeAll(async () => {
  hub = await startTestHub((settings) => ({ ...settings, limits: { ...settings.limits, connectMs: 300 } }));
  secrets = await hub.addDevices({ id: 'lamp' }, { id: 'sensor' });
});
afterAll(() => hub.close());

/** A valid payload of about 11 KB, and how many of them no kernel buffers for one socket. */
const flood = Buffer.from(
  desc.encode({
    proto: [1, 0],
    model: 'flood',
    fw: '1',
    props: Array.from({ length: 100 }, (_, pid) => ({
      pid,
      key: `p${pid}`.padEnd(100, 'x'),
      type: TYPE.bool,
    })),
  }),
);
const MOST_FLOODS = 5_000;

const open = (url: string, protocols: string[], options: ClientOptions = {}): WebSocket =>
  new WebSocket(url, protocols, { ca: hub.ca, ...options });

/** Resolves with the HTTP status of a refused handshake and what it said. */
async function refusal(socket: WebSocket): Promise<{ status: number; body: string }> {
  socket.on('error', () => undefined);
  const [, response] = (await once(socket, 'unexpected-response')) as [
    unknown,
    NodeJS.ReadableStream & { statusCode: number },
  ];
  let body = '';
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode, body };
}

async function closeOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
}

const connectPacket = (id: string): Buffer =>
  packet.generate({
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    clientId: id,
    keepalive: 30,
    username: `home/${id}`,
    password: Buffer.from(secrets.get(id) ?? ''),
  });

/** A device at the level of WebSocket messages, past its CONNACK. */
async function rawDevice(id: string): Promise<WebSocket> {
  const socket = open(hub.wss, ['mqtt']);
  await once(socket, 'open');
  socket.send(connectPacket(id));
  const [connack] = (await once(socket, 'message')) as [Buffer];
  expect([...connack]).toEqual([0x20, 2, 0, 0]);
  return socket;
}

/** Proves that the hub serves a well-behaved client just now. */
async function hubLives(): Promise<void> {
  const operator = await TestOperator.connect(hub);
  const device = await connectDevice(hub, 'sensor', secrets.get('sensor') ?? '');
  await operator.untilDevice('sensor', ({ st }) => st === STATUS.online);
  await Promise.all([device.end(), operator.client.end()]);
}

describe('the upgrade guard', () => {
  test.each([
    ['a wrong path', '/elsewhere', ['mqtt'], {}, 404, /connect to \/mqtt/],
    [
      'a foreign Origin',
      '/mqtt',
      ['mqtt'],
      { origin: 'https://evil.example' },
      403,
      /Origin "https:\/\/evil\.example" is not allowed/,
    ],
    ['the Origin null', '/mqtt', ['mqtt'], { origin: 'null' }, 403, /Origin "null" is not allowed/],
    ['no subprotocol', '/mqtt', [], {}, 400, /offer the WebSocket subprotocol "mqtt"/],
    ['another subprotocol', '/mqtt', ['chat'], {}, 400, /offer the WebSocket subprotocol "mqtt"/],
  ])(
    'refuses %s with a sentence that says what to do',
    async (_what, path, protocols, options, status, said) => {
      const url = hub.wss.replace('/mqtt', path);
      const answer = await refusal(open(url, protocols, options));
      expect(answer.status).toBe(status);
      expect(answer.body).toMatch(said);
      await hub.log.line(said);
    },
  );

  test('allows its own origin', async () => {
    const socket = open(hub.wss, ['mqtt'], { origin: hub.https });
    await once(socket, 'open');
    socket.terminate();
  });

  test('outlives a reset in the middle of a handshake', async () => {
    const socket = connectTcp(hub.hub.httpPort, '127.0.0.1');
    await once(socket, 'connect');
    socket.write('GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n');
    socket.resetAndDestroy();
    await hubLives();
  });
});

describe('a link', () => {
  test('that announces too long a packet is closed with 1009 before the packet comes', async () => {
    const socket = await rawDevice('lamp');
    socket.send(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]));
    const { code, reason } = await closeOf(socket);
    expect(code).toBe(1009);
    expect(reason).toMatch(/at most 65536/);
    await hubLives();
  });

  test('that never sends CONNECT is closed in bounded time', async () => {
    const socket = open(hub.wss, ['mqtt']);
    await once(socket, 'open');
    expect(await closeOf(socket)).toEqual({ code: 1008, reason: 'no CONNECT was accepted within 0.3 s' });
  });

  test('that breaks MQTT is told so', async () => {
    const socket = await rawDevice('lamp');
    socket.send(Buffer.from([0xf0, 0]));
    expect((await closeOf(socket)).code).toBe(1002);
    await hubLives();
  });

  test('is sent each packet in a frame of its own', async () => {
    const socket = open(hub.wss, ['mqtt']);
    await once(socket, 'open');
    const frames: Buffer[] = [];
    socket.on('message', (frame: Buffer) => frames.push(frame));
    socket.send(connectPacket('lamp'));
    await once(socket, 'message');
    const subscribe = packet.generate({
      cmd: 'subscribe',
      messageId: 1,
      subscriptions: [{ topic: downFilter('home', 'lamp'), qos: 1 }],
    });
    const pings = Array.from({ length: 3 }, () => packet.generate({ cmd: 'pingreq' }));
    socket.send(Buffer.concat([subscribe, ...pings]));
    while (frames.length < 6) await once(socket, 'message');

    const parsed = frames.map((frame) => {
      const found: string[] = [];
      const parser = packet.parser();
      parser.on('packet', ({ cmd }) => found.push(String(cmd)));
      parser.parse(frame);
      return found;
    });
    expect(parsed.flat().sort()).toEqual([
      'connack',
      'pingresp',
      'pingresp',
      'pingresp',
      'publish',
      'suback',
    ]);
    expect(parsed.every((found) => found.length === 1)).toBe(true);
    socket.terminate();
  });

  test('is told when the hub goes away', async () => {
    const other = await startTestHub();
    const socket = new WebSocket(other.wss, ['mqtt'], { ca: other.ca });
    await once(socket, 'open');
    const closed = closeOf(socket);
    await other.close();
    expect(await closed).toEqual({ code: 1001, reason: 'the hub is shutting down' });
  });
});

describe('an undecodable payload', () => {
  test.each([
    ['tele', Buffer.from('not cbor')],
    ['state', Buffer.alloc(0)],
    ['status', Buffer.from('a301070a', 'hex')],
    ['desc', Buffer.alloc(20_000, 0x81)],
    ['ack', Buffer.from('a0', 'hex')],
  ] as const)('on %s is dropped with one clear line; the link stays', async (channel, payload) => {
    const device = await connectDevice(hub, 'lamp', secrets.get('lamp') ?? '');
    const watcher = await connectPerson(hub);
    await device.mqtt.publishAsync(upTopic('home', 'lamp', channel), payload, { qos: 1, retain: true });
    await hub.log.line(
      new RegExp(
        `dropped a payload of ${payload.length} bytes from lamp on ".*/up/${channel}": .*see clause \\d+\\.\\d+ of`,
      ),
    );
    expect(device.mqtt.connected).toBe(true);

    const topic = upTopic('home', 'lamp', channel);
    await watcher.mqtt.subscribeAsync([topic, feedTopic('home', 'fleet')]);
    await watcher.until((received) =>
      received.find((message) => message.topic === feedTopic('home', 'fleet')),
    );
    expect(watcher.received.filter((message) => message.topic === topic)).toEqual([]);
    await Promise.all([device.end(), watcher.end()]);
  });
});

test('a subscription right behind its own end stands, and brings the whole fleet again', async () => {
  const topic = feedTopic('home', 'fleet');
  const person = await connectPerson(hub);
  await person.mqtt.subscribeAsync(topic);
  const whole = (count: number) =>
    person.until(
      (received) => received.filter((message) => message.topic === topic).length >= count || undefined,
    );
  await whole(1);
  await Promise.all([person.mqtt.unsubscribeAsync(topic), person.mqtt.subscribeAsync(topic)]);
  await whole(2);
  const before = person.received.length;
  const device = await connectDevice(hub, 'sensor', secrets.get('sensor') ?? '');
  await person.until((received) => received.length > before || undefined);
  await Promise.all([device.end(), person.end()]);
});

test('a frozen reader loses its link, and nobody else notices', async () => {
  const small = await startTestHub((settings) => ({
    ...settings,
    limits: { ...settings.limits, congestedBytes: 16_384, outboundBytes: 65_536 },
  }));
  const [id, secret] = [...(await small.addDevices({ id: 'lamp' }))][0] ?? ['', ''];
  const device = await connectDevice(small, id, secret);
  const topic = upTopic('home', 'lamp', 'desc');

  const frozen = new WebSocket(small.wss, ['mqtt'], { ca: small.ca });
  await once(frozen, 'open');
  const password = Buffer.from(await small.token());
  frozen.send(
    packet.generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      clientId: 'x',
      keepalive: 0,
      username: '@owner',
      password,
    }),
  );
  await once(frozen, 'message');
  frozen.send(packet.generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] }));
  await once(frozen, 'message');
  frozen.pause();

  const well = await connectPerson(small);
  await well.mqtt.subscribeAsync(topic, { qos: 1 });
  let evicted = false;
  void small.log
    .line(/^ended the link of @owner: too slow: more waits for it than "sessionMessages" or "outboundBytes"/)
    .then(() => (evicted = true));
  let sent = 0;
  while (!evicted && sent < MOST_FLOODS) {
    await device.mqtt.publishAsync(topic, flood, { qos: 1 });
    sent += 1;
  }
  expect(sent).toBeLessThan(MOST_FLOODS);
  await well.until((received) => received.length >= sent || undefined);
  expect(well.received).toHaveLength(sent);
  frozen.terminate();
  await Promise.all([device.end(), well.end()]);
  await small.close();
}, 60_000);
