import { afterAll, beforeAll, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { connectPacket, publishPacket, RawClient } from '../../support/raw-client.ts';
import { makeService } from '../../support/service.ts';

let hub: TestHub;

beforeAll(async () => {
  hub = await startTestHub();
});
afterAll(() => hub.close());

const TAKEN_OVER = { code: 1008, reason: 'another connection with the same client id took over' };

test("[MQTT-3.1.4-2] [MQTT-3.1.3-2] a client that connects again ends its own link before, and nobody else's", async () => {
  const [one, other] = [await makeService(hub, 'one'), await makeService(hub, 'other')];
  const first = await RawClient.connect(hub, { ...one, clientId: 'same' });
  const beside = await RawClient.connect(hub, { ...one, clientId: 'another' });
  const stranger = await RawClient.connect(hub, { ...other, clientId: 'same' });
  const second = await RawClient.connect(hub, { ...one, clientId: 'same' });
  expect(await first.closed).toEqual(TAKEN_OVER);
  await Promise.all([second, beside, stranger].map((client) => client.settled()));
});

test('[MQTT-3.1.4-2] of many that connect at once as one client one is left, and it is served', async () => {
  const service = await makeService(hub, 'many');
  const clients = await Promise.all(Array.from({ length: 20 }, () => RawClient.open(hub)));
  const left = new Set(clients);
  const ends = clients.map(async (client) => {
    await client.closed;
    left.delete(client);
  });
  for (const client of clients) client.send(connectPacket({ ...service, clientId: 'same' }));
  await Promise.race(clients.map(async (_client, at) => Promise.all(ends.toSpliced(at, 1))));
  const [last] = left as Set<RawClient | undefined>;
  last?.send([
    { cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'served', qos: 0 }] },
    publishPacket('served', ''),
  ]);
  expect(await last?.next('publish')).toMatchObject({ topic: 'served' });
});
