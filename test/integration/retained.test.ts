import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  desc,
  desired,
  downFilter,
  downTopic,
  FLAG,
  requestTopic,
  rqDesired,
  state,
  status,
  STATUS,
  TYPE,
  upTopic,
} from '#firmware-protocol';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connectDevice, connectPerson, TestOperator, type TestClient } from '../support/mqtt-client.ts';

const SAID = {
  status: status.encode({ boot: 1, sess: 1, st: STATUS.online }),
  desc: desc.encode({
    proto: [1, 0],
    model: 'Lamp',
    fw: '1',
    props: [{ pid: 3, key: 'start', type: TYPE.int, flags: FLAG.writable | FLAG.persistent }],
  }),
  state: state.encode({ boot: 1, seq: 0, t: 0, vals: new Map([[3, 5]]), ver: 7 }),
};

let hub: TestHub;
let secret: string;

beforeAll(async () => {
  hub = await startTestHub();
  secret = (await hub.addDevices({ id: 'lamp' })).get('lamp') ?? '';
});
afterAll(() => hub.close());

const of = (client: TestClient, topic: string) =>
  client.until((received) => received.find((message) => message.topic === topic));

test('what a device said and what is wanted of it come back with the hub, byte by byte', async () => {
  const operator = await TestOperator.connect(hub);
  const device = await connectDevice(hub, 'lamp', secret);
  for (const channel of ['status', 'desc', 'state'] as const) {
    const topic = upTopic('home', 'lamp', channel);
    await device.mqtt.publishAsync(topic, Buffer.from(SAID[channel]), { qos: 1, retain: true });
  }
  await operator.untilDevice('lamp', ({ vals }) => vals?.get(3) === 5);
  const wish = rqDesired.encode({ id: new Uint8Array(8), vals: new Map([[3, 20]]) });
  await operator.client.mqtt.publishAsync(requestTopic('home', 'lamp', 'desired'), Buffer.from(wish), {
    qos: 1,
  });
  await operator.untilDevice('lamp', ({ wver }) => wver === 1);
  await operator.client.end();

  await hub.restart();
  const person = await connectPerson(hub);
  await person.mqtt.subscribeAsync(`${upTopic('home', 'lamp', 'status').replace(/status$/, '')}+`);
  for (const channel of ['desc', 'state'] as const) {
    const message = await of(person, upTopic('home', 'lamp', channel));
    expect(message.retain).toBe(true);
    expect(new Uint8Array(message.payload)).toEqual(SAID[channel]);
  }
  const presence = await of(person, upTopic('home', 'lamp', 'status'));
  expect(status.decode(presence.payload)).toMatchObject({ boot: 1, sess: 1 });

  const again = await connectDevice(hub, 'lamp', secret);
  await again.mqtt.subscribeAsync(downFilter('home', 'lamp'), { qos: 1 });
  const document = await of(again, downTopic('home', 'lamp', 'desired'));
  expect(document.retain).toBe(true);
  expect(desired.decode(document.payload)).toEqual({ vals: new Map([[3, 20]]), ver: 1 });
  await person.end();
  await again.end();
});
