import mqtt from 'mqtt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ack,
  ACK,
  AWAITED,
  cmd,
  COMMAND,
  desc,
  downFilter,
  downTopic,
  state,
  status,
  STATUS,
  upTopic,
} from '#firmware-protocol';
import type { Timeline } from '#broker/contract/timeline.ts';
import { ApiClient } from '../support/api-client.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connectDevice, connectPerson, TestOperator, type TestClient } from '../support/mqtt-client.ts';

const DESCRIPTION = Buffer.from(
  desc.encode({ proto: [1, 0], model: 'Lamp', fw: '1', props: [{ pid: 1, key: 'on', type: 0, flags: 1 }] }),
);

let hub: TestHub;
let secret: string;

beforeAll(async () => {
  hub = await startTestHub();
  secret = (await hub.addDevices({ id: 'lamp', name: 'Lamp', place: 'Hall' })).get('lamp') ?? '';
});
afterAll(() => hub.close());

/** A device that is written out by hand, so that the test decides what it answers and when. */
async function lamp(boot: number): Promise<TestClient> {
  const device = await connectDevice(hub, 'lamp', secret);
  await device.mqtt.subscribeAsync(downFilter('home', 'lamp'), { qos: 1 });
  const say = (channel: 'status' | 'desc' | 'state', payload: Uint8Array) =>
    device.mqtt.publishAsync(upTopic('home', 'lamp', channel), Buffer.from(payload), {
      qos: 1,
      retain: true,
    });
  await say('status', status.encode({ boot, sess: 1, st: STATUS.online }));
  await say('desc', DESCRIPTION);
  await say('state', state.encode({ boot, seq: 0, t: 0, vals: new Map([[1, true]]), ver: 7 }));
  return device;
}

const commandOf = (device: TestClient) =>
  device.until((received) => received.find(({ topic }) => topic === downTopic('home', 'lamp', 'cmd')));

test('devices, what they reported and open commands outlive the hub', async () => {
  const first = await TestOperator.connect(hub);
  const device = await lamp(1);
  await first.untilDevice('lamp', ({ vals, dhash }) => vals?.get(1) === true && dhash !== undefined);
  const id = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
  await first.command('lamp', { id, vals: new Map([[1, false]]), ttl: 60_000 });
  await commandOf(device);
  await first.untilCommand(id, COMMAND.sent);

  await device.end();
  await first.untilDevice('lamp', ({ st }) => st === STATUS.lost);
  await first.client.end();
  await hub.restart();

  const second = await TestOperator.connect(hub);
  const known = await second.untilDevice('lamp', () => true);
  expect(known).toMatchObject({ name: 'Lamp', place: 'Hall', st: STATUS.lost, ver: 7 });
  expect(known.vals?.get(1)).toBe(true);
  expect(await second.untilCommand(id, COMMAND.sent)).toMatchObject({ who: '@owner' });

  // The same boot: the hub asks again with the same id, and the device answers what it knows.
  const back = await lamp(1);
  const repeated = cmd.decode((await commandOf(back)).payload);
  expect(Buffer.from(repeated.id)).toEqual(Buffer.from(id));
  const answer = ack.encode({ boot: 1, seq: 1, t: 0, id, st: ACK.done, vals: new Map([[1, false]]), ver: 8 });
  await back.mqtt.publishAsync(upTopic('home', 'lamp', 'ack'), Buffer.from(answer), { qos: 1 });
  expect((await second.untilCommand(id, COMMAND.done)).vals?.get(1)).toBe(false);
  await Promise.all([back.end(), second.client.end()]);
});

test('a command that was out when the device restarted is told as unknown, and not sent again', async () => {
  const operator = await TestOperator.connect(hub);
  const device = await lamp(2);
  await operator.untilDevice('lamp', ({ st }) => st === STATUS.online);
  const id = new Uint8Array([8, 7, 6, 5, 4, 3, 2, 1]);
  await operator.command('lamp', { id, vals: new Map([[1, false]]), ttl: 60_000 });
  await commandOf(device);
  await device.end();
  const rebooted = await lamp(3);
  expect((await operator.untilCommand(id, COMMAND.unknown)).msg).toMatch(/restarted/);
  expect(rebooted.received.filter(({ topic }) => topic === downTopic('home', 'lamp', 'cmd'))).toEqual([]);
  await Promise.all([rebooted.end(), operator.client.end()]);
});

test('a device that is registered while the hub runs appears, and its removal ends its link', async () => {
  const operator = await TestOperator.connect(hub);
  const secrets = await hub.addDevices({ id: 'plug', name: 'Plug' });
  expect(await operator.untilDevice('plug', () => true)).toMatchObject({ name: 'Plug', st: STATUS.lost });
  const device = await connectDevice(hub, 'plug', secrets.get('plug') ?? '');
  await operator.untilDevice('plug', ({ st }) => st === STATUS.online);
  const closed = device.closed();
  await hub.removeDevice('plug');
  await closed;
  await Promise.all([device.end(), operator.client.end()]);
});

test('a device that is registered anew under its old id is a new device', async () => {
  const operator = await TestOperator.connect(hub);
  const first = await lamp(4);
  await operator.untilDevice('lamp', ({ st }) => st === STATUS.online);
  const closed = first.closed();
  await hub.removeDevice('lamp');
  secret = (await hub.addDevices({ id: 'lamp', name: 'Another lamp' })).get('lamp') ?? '';
  await closed;
  expect(await operator.untilDevice('lamp', ({ name }) => name === 'Another lamp')).toMatchObject({
    st: STATUS.lost,
  });
  const watcher = await connectPerson(hub);
  await watcher.mqtt.subscribeAsync('iot/1/home/lamp/up/#', { qos: 1 });
  const second = await connectDevice(hub, 'lamp', secret);
  const word = Buffer.from(status.encode({ boot: 1, sess: 1, st: STATUS.online }));
  await second.mqtt.publishAsync(upTopic('home', 'lamp', 'status'), word, { qos: 1, retain: true });
  const heard = await watcher.until((received) => received[0]);
  expect(heard.payload).toEqual(word);
  await Promise.all([first.end(), second.end(), watcher.end(), operator.client.end()]);
});

test('a hub that closes takes no new links, however eager its clients are', async () => {
  const eager = mqtt.connect(hub.wss, {
    protocolVersion: 4,
    reconnectPeriod: 1,
    ca: hub.ca,
    username: 'home/lamp',
    password: secret,
  });
  eager.on('error', () => undefined);
  await new Promise<void>((resolve) => eager.once('connect', () => resolve()));
  await hub.restart();
  await new Promise<void>((resolve) => eager.once('connect', () => resolve()));
  await eager.endAsync(true);
});

test('a device that is there when the hub stops is awaited by the next one, and was never lost', async () => {
  const first = await TestOperator.connect(hub);
  const device = await lamp(2);
  await first.untilDevice('lamp', ({ st }) => st === STATUS.online);
  await first.client.end();
  await hub.restart();
  const second = await TestOperator.connect(hub);
  expect((await second.untilDevice('lamp', () => true)).st).toBe(AWAITED);
  await device.end();
  await second.client.end();
  const told = await (await ApiClient.as(hub)).get<Timeline>('/devices/lamp/timeline');
  expect(told.entries[0]).toMatchObject({ kind: 'presence', state: 'online' });
});
