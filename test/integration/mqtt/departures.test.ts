import { afterAll, beforeAll, expect, test } from 'vitest';
import { status, STATUS, tele, upTopic } from '#firmware-protocol';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { RawClient } from '../../support/raw-client.ts';
import { makeService, type Credentials } from '../../support/service.ts';

let hub: TestHub;
let device: Credentials;
let watcher: RawClient;

beforeAll(async () => {
  hub = await startTestHub();
  const secrets = await hub.addDevices({ id: 'lamp' });
  device = { username: 'home/lamp', password: Buffer.from(secrets.get('lamp') ?? '') };
  watcher = await RawClient.connect(hub, await makeService(hub, 'watcher'));
});
afterAll(() => hub.close());

test('[MQTT-3.1.3-2] a device has one link, whatever client ids it asks for', async () => {
  const first = await RawClient.connect(hub, { ...device, clientId: 'one' });
  const second = await RawClient.connect(hub, { ...device, clientId: 'another' });
  expect(await first.closed).toEqual({
    code: 1008,
    reason: 'another connection with the same credentials took over',
  });
  await second.settled();
});

test('[MQTT-3.3.1-5] a device has its status, description and state retained, and no telemetry', async () => {
  const client = await RawClient.connect(hub, device);
  const retained = { retain: true };
  const telemetry = upTopic('home', 'lamp', 'tele');
  const reading = tele.encode({ boot: 1, seq: 0, t: 0, vals: new Map([[1, 1]]) });
  await client.publish(telemetry, Buffer.from(reading), retained);
  const presence = upTopic('home', 'lamp', 'status');
  const online = status.encode({ boot: 1, sess: 1, st: STATUS.online });
  await client.publish(presence, Buffer.from(online), retained);
  await watcher.subscribe(1, telemetry, presence);
  await watcher.next('publish');
  await watcher.settled();
  expect(watcher.publishes().map(({ topic, retain }) => [topic, retain])).toEqual([[presence, true]]);
});

test('[MQTT-3.1.2-8] a will is not published to where its client may not publish', async () => {
  const narrow = await makeService(hub, 'narrow', { publish: ['may/#'], subscribe: [] });
  await watcher.subscribe(0, 'may/#', 'may-not/#');
  const before = watcher.publishes().length;
  for (const topic of ['may-not/a', 'may/a']) {
    const will = { topic, payload: Buffer.from('gone'), qos: 0 as const, retain: false };
    await (await RawClient.connect(hub, { ...narrow, will })).drop();
  }
  await watcher.until(() => watcher.publishes()[before]);
  expect(watcher.publishes()[before]?.topic).toBe('may/a');
});

test('[MQTT-3.3.1-5] what a service has retained ends with the hub', async () => {
  const service = await makeService(hub, 'keeper');
  const shelf = async (): Promise<string[]> => {
    const client = await RawClient.connect(hub, service);
    await client.subscribe(0, 'shelf');
    await client.publish('shelf', 'now');
    await client.untilText('now');
    return client.texts;
  };
  const publisher = await RawClient.connect(hub, service);
  await publisher.publish('shelf', 'kept', { retain: true });
  expect(await shelf()).toEqual(['kept', 'now']);
  await hub.restart();
  expect(await shelf()).toEqual(['now']);
});
