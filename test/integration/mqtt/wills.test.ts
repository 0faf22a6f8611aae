import type { IConnectPacket } from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { packetBytes } from '../../support/mqtt-bytes.ts';
import { connectPacket, publishPacket, RawClient } from '../../support/raw-client.ts';
import { makeService, type Credentials } from '../../support/service.ts';

let hub: TestHub;
let service: Credentials;
let watcher: RawClient;

beforeAll(async () => {
  hub = await startTestHub();
  service = await makeService(hub, 'mortal');
  watcher = await RawClient.connect(hub, service);
  await watcher.subscribe(2, 'will/#');
});
afterAll(() => hub.close());

type Will = NonNullable<IConnectPacket['will']>;

const willFor = (topic: string, options: Partial<Will> = {}): Will => ({
  topic,
  payload: Buffer.from('gone'),
  qos: 0,
  retain: false,
  ...options,
});

const mortal = (will: Will, options: Partial<IConnectPacket> = {}): Promise<RawClient> =>
  RawClient.connect(hub, { ...service, ...options, will });

const told = (topic: string) =>
  watcher.until(() => watcher.publishes().find((message) => message.topic === topic));

/** Resolves with how often a will was told, once that of a client is that was lost after it. */
async function timesTold(topic: string): Promise<number> {
  const control = `will/control/${topic}`;
  await (await mortal(willFor(control))).drop();
  await told(control);
  return watcher.publishes().filter((message) => message.topic === topic).length;
}

describe('[MQTT-3.1.2-8] a will is published', () => {
  test.each<[string, (client: RawClient, options: Partial<IConnectPacket>) => unknown]>([
    ['that breaks without a word', (client) => client.drop()],
    ['that its client closes without a DISCONNECT', (client) => client.socket.close(1000)],
    ['that the hub ends for a broken packet', (client) => client.send(packetBytes(0xf0))],
    ['that the hub ends for a text frame', (client) => client.socket.send('text')],
    [
      'that the hub ends for what its client may not do',
      (client) => client.send(publishPacket('$SYS/x', '')),
    ],
    ['that is taken over', (_client, options) => RawClient.connect(hub, { ...service, ...options })],
  ])('for a link %s', async (what, end) => {
    const topic = `will/${what}`;
    const options = { clientId: what };
    const client = await mortal(willFor(topic), options);
    await end(client, options);
    const { payload, retain, dup } = await told(topic);
    expect([String(payload), retain, dup]).toEqual(['gone', false, false]);
    expect(await timesTold(topic)).toBe(1);
  });

  test('with an empty message', async () => {
    await (await mortal(willFor('will/empty', { payload: Buffer.alloc(0) }))).drop();
    expect((await told('will/empty')).payload).toHaveLength(0);
  });
});

test.each([0, 1, 2] as const)('[MQTT-3.1.2-9] a will is published at its QoS: %i', async (qos) => {
  const topic = `will/qos/${qos}`;
  await (await mortal(willFor(topic, { qos }))).drop();
  expect((await told(topic)).qos).toBe(qos);
});

describe('a will', () => {
  /** What is retained for a topic, of which whoever subscribes is told. */
  async function retainedFor(topic: string): Promise<string[]> {
    const late = await RawClient.connect(hub, service);
    await late.subscribe(0, topic);
    late.send(publishPacket(topic, 'end'));
    await late.until(() => late.publishes().find(({ payload }) => String(payload) === 'end'));
    return late.publishes().map(({ payload, retain }) => `${String(payload)}${retain ? ', retained' : ''}`);
  }

  test.each([
    ['[MQTT-3.1.2-16] is not retained where it is not to be', false, ['end']],
    ['[MQTT-3.1.2-17] is retained where it is to be', true, ['gone, retained', 'end']],
  ])('%s', async (_what, retain, kept) => {
    const topic = `will/retain/${retain}`;
    await (await mortal(willFor(topic, { retain }))).drop();
    expect((await told(topic)).retain).toBe(false);
    expect(await retainedFor(topic)).toEqual(kept);
  });
});

describe('no will is published', () => {
  test('[MQTT-3.14.4-3] of a client that said DISCONNECT', async () => {
    await (await mortal(willFor('will/disconnected'))).disconnect();
    expect(await timesTold('will/disconnected')).toBe(0);
  });

  test('[MQTT-3.1.2-10] [MQTT-3.1.2-12] again, of a session that goes on, after it was published or its client said DISCONNECT', async () => {
    const kept = { clientId: 'goes on', clean: false };
    await (await mortal(willFor('will/once'), kept)).drop();
    await told('will/once');
    for (const topic of ['will/never', undefined, undefined]) {
      const client = await RawClient.connect(hub, {
        ...service,
        ...kept,
        ...(topic === undefined ? {} : { will: willFor(topic) }),
      });
      await (topic === undefined ? client.drop() : client.disconnect());
    }
    expect([await timesTold('will/once'), await timesTold('will/never')]).toEqual([1, 0]);
  });

  test('of a CONNECT that was refused', async () => {
    const refused = await RawClient.open(hub);
    const will = willFor('will/refused');
    refused.send(connectPacket({ ...service, clientId: 'x'.repeat(129), will }));
    await refused.closed;
    expect(await timesTold('will/refused')).toBe(0);
  });
});

test('[MQTT-3.14.1-1] a DISCONNECT whose reserved flags are set is none: its will is published', async () => {
  const client = await mortal(willFor('will/flags'));
  client.send(packetBytes(0xe1));
  expect((await client.closed).code).toBe(1002);
  await told('will/flags');
});
