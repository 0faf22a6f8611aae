import mqtt from 'mqtt';
import { SignJWT } from 'jose';
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  cmd,
  downFilter,
  downTopic,
  feedTopic,
  requestTopic,
  status,
  STATUS,
  tele,
  upTopic,
} from '#firmware-protocol';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connect, connectDevice, connectPerson, TestOperator } from '../support/mqtt-client.ts';

let hub: TestHub;
let secrets: Map<string, string>;
const secret = (id: string): string => secrets.get(id) ?? '';
const payload = Buffer.from([1, 2, 3]);

beforeAll(async () => {
  hub = await startTestHub();
  secrets = await hub.addDevices({ id: 'lamp' }, { id: 'plug' });
  await hub.addPerson('guest', 'viewer');
});
afterAll(() => hub.close());

describe('a CONNECT is refused, and the log says why', () => {
  const stranger = generateKeyPairSync('ed25519').privateKey;
  const forged = (alter: (jwt: SignJWT) => SignJWT) =>
    alter(
      new SignJWT({ sid: 'x', role: 'admin' })
        .setProtectedHeader({ alg: 'EdDSA', typ: 'at+jwt' })
        .setIssuer('switchyard')
        .setAudience('switchyard')
        .setSubject('owner')
        .setExpirationTime('10m'),
    ).sign(stranger);

  test.each([
    ['a wrong secret', { username: 'home/lamp', password: 'wrong' }, /the secret is wrong/],
    ["another device's secret", { username: 'home/plug', password: 'lamp' }, /the secret is wrong/],
    ['an unknown device', { username: 'home/toaster', password: 'x' }, /there is no such device/],
    ['another tenant', { username: 'away/lamp', password: 'x' }, /there is no such device/],
    ['a user name of no form', { username: 'lamp', password: 'x' }, /must be \{tenant\}\/\{device\}/],
    ['no user name', {}, /a user name is missing/],
    ['no password', { username: 'home/lamp' }, /a password is missing/],
    [
      'a token that is none',
      { username: '@owner', password: 'abc' },
      /neither an access token of this hub nor/,
    ],
    ['a forged token', { username: '@owner', password: 'forged' }, /neither an access token of this hub nor/],
    ["somebody else's token", { username: '@guest', password: 'token' }, /belongs to @owner/],
  ])('%s', async (_what, options: { username?: string; password?: string }, reason) => {
    const { password } = options;
    if (password === 'lamp') options = { ...options, password: secret('lamp') };
    if (password === 'forged') options = { ...options, password: await forged((jwt) => jwt) };
    if (password === 'token') options = { ...options, password: await hub.token() };
    await expect(connect(hub, options)).rejects.toMatchObject({ code: 4 });
    await hub.log.line(reason);
  });

  test('MQTT 5 is refused with the way out in the log', async () => {
    const options = { username: 'home/lamp', password: secret('lamp'), protocolVersion: 5 as const };
    await expect(connect(hub, options)).rejects.toThrow();
    await hub.log.line(/refused a CONNECT from \S+: it speaks MQTT 5: connect with MQTT 3\.1\.1/);
  });

  test('a hub whose certificate is not trusted is not talked to', async () => {
    const options = {
      protocolVersion: 4 as const,
      reconnectPeriod: 0,
      username: 'home/lamp',
      password: secret('lamp'),
    };
    await expect(mqtt.connectAsync(hub.wss, options, false)).rejects.toThrow(/certificate/);
  });
});

describe('a device', () => {
  test.each([
    upTopic('home', 'plug', 'state'),
    downTopic('home', 'lamp', 'cmd'),
    requestTopic('home', 'plug', 'cmd'),
    feedTopic('home', 'fleet'),
    'iot/1/home/lamp/up/unheard-of',
    '$SYS/x',
    'anything',
  ])('may not publish to %s: its link is ended with the reason', async (topic) => {
    const device = await connectDevice(hub, 'lamp', secret('lamp'));
    const closed = device.closed();
    device.mqtt.publish(topic, payload);
    await closed;
    await hub.log.line(new RegExp(`lamp may not publish to "${topic.replaceAll(/[$/]/g, '.')}"`));
    await device.end();
  });

  test.each([
    '#',
    '+/#',
    'iot/1/home/+/dn/#',
    downFilter('home', 'plug'),
    upTopic('home', 'plug', 'state'),
    feedTopic('home', 'fleet'),
    '$SYS/#',
    '$share/group/iot/1/home/lamp/dn/#',
  ])('may not subscribe to %s', async (filter) => {
    const device = await connectDevice(hub, 'lamp', secret('lamp'));
    await expect(device.mqtt.subscribeAsync(filter)).rejects.toThrow(/128|Unspecified/i);
    await device.end();
  });

  test('is told the time as soon as it listens', async () => {
    const device = await connectDevice(hub, 'lamp', secret('lamp'));
    await device.mqtt.subscribeAsync(downFilter('home', 'lamp'), { qos: 1 });
    await device.until((received) =>
      received.find(({ topic }) => topic === downTopic('home', 'lamp', 'ctl')),
    );
    await device.end();
  });

  test('cannot keep a session whose commands would come back later', async () => {
    const stays = { clean: false, clientId: 'lamp' };
    const device = await connectDevice(hub, 'lamp', secret('lamp'), stays);
    await device.mqtt.subscribeAsync(downFilter('home', 'lamp'), { qos: 1 });
    await device.end();
    const again = await connectDevice(hub, 'lamp', secret('lamp'), stays);
    expect(again.received.filter(({ topic }) => topic === downTopic('home', 'lamp', 'cmd'))).toEqual([]);
    await again.end();
  });

  test('that connects a second time takes over, and is not shown as lost by the will of the first', async () => {
    const operator = await TestOperator.connect(hub);
    const topic = upTopic('home', 'lamp', 'status');
    const will = {
      topic,
      payload: Buffer.from(status.encode({ boot: 1, sess: 1, st: STATUS.lost })),
      qos: 1 as const,
      retain: true,
    };
    const say = (sess: number) => Buffer.from(status.encode({ boot: 1, sess, st: STATUS.online }));

    const first = await connectDevice(hub, 'lamp', secret('lamp'), { will });
    await first.mqtt.publishAsync(topic, say(1), { qos: 1, retain: true });
    await operator.untilDevice('lamp', ({ st }) => st === STATUS.online);
    const ended = first.closed();
    const second = await connectDevice(hub, 'lamp', secret('lamp'));
    await second.mqtt.subscribeAsync(downFilter('home', 'lamp'), { qos: 1 });
    await ended;
    await hub.log.line(/lamp connected again from .* two programs use one secret/);
    await second.mqtt.publishAsync(topic, say(2), { qos: 1, retain: true });

    const statuses = operator.client.received.length;
    await second.mqtt.publishAsync(upTopic('home', 'lamp', 'status'), say(2), { qos: 1, retain: true });
    await operator.client.until((received) => received.length > statuses || undefined);
    expect(operator.device('lamp')?.st).toBe(STATUS.online);
    await Promise.all([first.end(), second.end(), operator.client.end()]);
  });
});

test('what a device repeats reaches those who watch it once', async () => {
  const watcher = await connectPerson(hub);
  const topic = upTopic('home', 'lamp', 'tele');
  await watcher.mqtt.subscribeAsync(topic, { qos: 1 });
  const device = await connectDevice(hub, 'lamp', secret('lamp'));
  const say = (seq: number) => {
    const payload = tele.encode({ boot: 4_711, seq, t: 0, vals: new Map() });
    return device.mqtt.publishAsync(topic, Buffer.from(payload), { qos: 1 });
  };
  for (const seq of [1, 1, 2]) await say(seq);
  const heard = await watcher.until((received) => (received.length >= 2 ? received : undefined));
  expect(heard.map(({ payload }) => tele.decode(payload).seq)).toEqual([1, 2]);
  await Promise.all([watcher.end(), device.end()]);
});

describe('a person', () => {
  test('who may only look cannot command: the link is ended', async () => {
    const guest = await connectPerson(hub, 'guest');
    await guest.mqtt.subscribeAsync(feedTopic('home', 'fleet'));
    const closed = guest.closed();
    guest.mqtt.publish(requestTopic('home', 'lamp', 'cmd'), payload);
    await closed;
    await hub.log.line(/@guest may not publish to/);
    await guest.end();
  });

  test('may not command a device directly', async () => {
    const owner = await connectPerson(hub);
    const closed = owner.closed();
    const bytes = cmd.encode({ id: new Uint8Array(8), exp: Date.now() + 5_000, op: 240 });
    owner.mqtt.publish(downTopic('home', 'lamp', 'cmd'), Buffer.from(bytes));
    await closed;
    await owner.end();
  });

  test('cannot take over the session of a device by using its client id', async () => {
    const device = await connectDevice(hub, 'plug', secret('plug'));
    const owner = await connect(hub, {
      clientId: 'home/plug',
      username: '@owner',
      password: await hub.token(),
    });
    await device.mqtt.publishAsync(upTopic('home', 'plug', 'tele'), payload, { qos: 1 });
    expect(device.mqtt.connected).toBe(true);
    await Promise.all([device.end(), owner.end()]);
  });
});
