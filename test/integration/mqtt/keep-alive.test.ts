import type { Packet } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { packetBytes } from '../../support/mqtt-bytes.ts';
import { publishPacket, RawClient } from '../../support/raw-client.ts';
import { makeService, type Credentials } from '../../support/service.ts';

let hub: TestHub;
let service: Credentials;

beforeAll(async () => {
  hub = await startTestHub();
  service = await makeService(hub, 'talker');
});
afterAll(() => hub.close());

/** The shortest keep alive, in s, and one and a half times as long, in ms. */
const KEEP_ALIVE = 1;
const TOLERATED = 1_500;
/** How far a timer may go off too early, in ms. */
const EARLY = 50;

const SILENT = { code: 1008, reason: expect.stringContaining('keep alive') as string };

/** Has a client say something more often than its keep alive asks for, until the test is over. */
function talk(client: RawClient, what: () => Packet | Uint8Array): void {
  const timer = setInterval(() => client.send(what()), 300);
  onTestFinished(() => clearInterval(timer));
}

describe.concurrent('a client with a keep alive', () => {
  test('[MQTT-3.1.2-24] that is silent for one and a half times as long is gone, as if the network had failed', async () => {
    const watcher = await RawClient.connect(hub, service);
    await watcher.subscribe(0, 'will/#');
    const will = { topic: 'will/silent', payload: Buffer.from('gone'), qos: 0 as const, retain: false };
    const silent = await RawClient.connect(hub, { ...service, keepalive: KEEP_ALIVE, will });
    const since = performance.now();
    const closed = await silent.closed;
    expect(performance.now() - since).toBeGreaterThan(TOLERATED - EARLY);
    expect(closed).toEqual(SILENT);
    expect((await watcher.next('publish')).topic).toBe('will/silent');
  });

  test('[MQTT-3.1.2-24] that sends bytes of a packet that does not end is silent', async () => {
    const endless = await RawClient.connect(hub, { ...service, keepalive: KEEP_ALIVE });
    endless.send(Buffer.from([0x30, 0xff, 0x7f, 0, 1]));
    talk(endless, () => Buffer.from('a'));
    expect(await endless.closed).toEqual(SILENT);
  });

  test('[MQTT-3.1.2-24] stays as long as packets come, of whatever type, and one without a keep alive says nothing and stays', async () => {
    const kinds: (() => Packet | Uint8Array)[] = [
      () => ({ cmd: 'pingreq' }),
      () => publishPacket('plant/a', ''),
      () => ({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'plant/b', qos: 0 }] }),
      () => ({ cmd: 'unsubscribe', messageId: 1, unsubscriptions: ['plant/b'] }),
      () => packetBytes(0x40, Buffer.from([0, 1])),
    ];
    const quiet = await RawClient.connect(hub, { ...service, keepalive: 0 });
    const talkers = await Promise.all(
      kinds.map(() => RawClient.connect(hub, { ...service, keepalive: KEEP_ALIVE })),
    );
    talkers.forEach((talker, at) => talk(talker, kinds[at] as () => Packet));
    const silent = await RawClient.connect(hub, { ...service, keepalive: KEEP_ALIVE });
    await silent.closed;
    await Promise.all([quiet, ...talkers].map((client) => client.settled()));
  });
});
