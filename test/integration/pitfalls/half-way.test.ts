import { afterAll, beforeAll, expect, test } from 'vitest';
import { downFilter, status, STATUS, upTopic } from '#firmware-protocol';
import { toldDevice } from '#broker/contract/device.ts';
import { ApiClient } from '../../support/api-client.ts';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { connectPacket, RawClient } from '../../support/raw-client.ts';

/** What clients leave behind that go away half-way through. */

let hub: TestHub;
let owner: ApiClient;
let secret: string;

beforeAll(async () => {
  hub = await startTestHub();
  secret = (await hub.addDevices({ id: 'lamp' })).get('lamp') ?? '';
  owner = await ApiClient.as(hub);
});
afterAll(() => hub.close());

/** The CONNECT of a device in some session of its one boot. */
const asLamp = (sess: number) => ({
  clientId: 'lamp',
  username: 'home/lamp',
  password: Buffer.from(secret),
  will: {
    topic: upTopic('home', 'lamp', 'status'),
    payload: Buffer.from(status.encode({ boot: 1, sess, st: STATUS.lost })),
    qos: 1 as const,
    retain: true,
  },
});

test('links that break amid a CONNECT take nothing from the one that comes next', async () => {
  let sess = 0;
  for (let time = 0; time < 10; time += 1) {
    const dying = await Promise.all(Array.from({ length: 3 }, () => RawClient.open(hub)));
    for (const link of dying) {
      link.send(connectPacket(asLamp((sess += 1))));
      link.socket.terminate();
    }
    const next = await RawClient.connect(hub, asLamp((sess += 1)));
    await next.subscribe(1, downFilter('home', 'lamp'));
    // What the hub tells every device that listens.
    await next.until(() => next.publishes().find(({ topic }) => topic.endsWith('/dn/ctl')));
    await next.settled();
    expect(toldDevice.parse(await owner.get('/devices/lamp')).presence).toBe('online');
    await next.disconnect();
  }
});
