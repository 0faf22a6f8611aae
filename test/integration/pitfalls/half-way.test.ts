import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { downFilter, status, STATUS, upTopic } from '#firmware-protocol';
import { toldDevice } from '#broker/contract/device.ts';
import { StoreThread } from '#broker/store/threaded/store-thread.ts';
import { ApiClient } from '../../support/api-client.ts';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { connectPacket, RawClient } from '../../support/raw-client.ts';

/** What clients leave behind that go away half-way through. */

let hub: TestHub;
let owner: ApiClient;
let secret: string;

beforeAll(async () => {
  hub = await startTestHub((settings) => ({ ...settings, limits: { ...settings.limits, connectMs: 500 } }));
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

test('a link that is ended is gone soon, also where its peer never answers the close', async () => {
  const link = await RawClient.connect(hub, asLamp(1));
  link.socket.pause();
  await hub.removeDevice('lamp');
  await hub.log.line(/^lamp disconnected: this device was removed$/);
  link.socket.terminate();
});

test('a CONNECT whose sign-in never comes back does not hold its link for ever', async () => {
  const { ask } = StoreThread.prototype;
  const never = vi.spyOn(StoreThread.prototype, 'ask').mockImplementation(function (
    this: StoreThread,
    ...asked
  ) {
    return asked[0] === 'credential' ? new Promise(() => undefined) : ask.apply(this, asked);
  });
  try {
    const link = await RawClient.open(hub);
    link.send(connectPacket(asLamp(1)));
    expect(await link.closed).toEqual({ code: 1008, reason: 'no CONNECT was accepted within 0.5 s' });
  } finally {
    never.mockRestore();
  }
});
