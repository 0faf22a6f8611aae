import { afterAll, beforeAll, expect, test } from 'vitest';
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

const connect = (): Promise<RawClient> => RawClient.connect(hub, service);

test('[MQTT-3.12.4-1] each PINGREQ is answered with a PINGRESP', async () => {
  const client = await connect();
  client.send([{ cmd: 'pingreq' }, { cmd: 'pingreq' }, { cmd: 'pingreq' }]);
  await client.settled();
  expect([...Buffer.concat(client.frames.slice(1))]).toEqual([0xd0, 0, 0xd0, 0, 0xd0, 0, 0xd0, 0]);
});

test('[MQTT-3.14.4-1] the hub closes the link behind a DISCONNECT, if its client has not', async () => {
  const client = await connect();
  await client.disconnect();
  expect(await client.closed).toEqual({ code: 1000, reason: '' });
});

test('[MQTT-3.14.4-2] what follows a DISCONNECT is not looked at, sound or not', async () => {
  const watcher = await connect();
  await watcher.subscribe(0, 'behind/#');
  const sound = await connect();
  sound.send([
    publishPacket('behind/a', ''),
    { cmd: 'disconnect' },
    publishPacket('behind/b', ''),
    { cmd: 'pingreq' },
  ]);
  expect((await sound.closed).code).toBe(1000);
  const broken = await connect();
  broken.send(Buffer.concat([packetBytes(0xe0), packetBytes(0xff, Buffer.from('x'))]));
  expect((await broken.closed).code).toBe(1000);
  const last = await connect();
  last.send(publishPacket('behind/c', ''));
  await watcher.until(() => watcher.publishes()[1]);
  expect(watcher.publishes().map(({ topic }) => topic)).toEqual(['behind/a', 'behind/c']);
  expect([...sound.packets, ...broken.packets].map(({ cmd }) => cmd)).toEqual(['connack', 'connack']);
});
