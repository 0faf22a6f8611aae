import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Packet } from 'mqtt-packet';
import { ENDS } from '#broker/links/ends.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { MALFORMED_CONNECTS, MALFORMED_PACKETS, type MalformedPacket } from '../support/malformed-packets.ts';
import { bytesOf, RawClient, type Cut } from '../support/raw-client.ts';
import { makeService, type Credentials } from '../support/service.ts';

let hub: TestHub;
let service: Credentials;
/** Somebody else, whom nothing that happens here is to disturb. */
let bystander: RawClient;

const BEFORE = 'plant/before';
const BEHIND = 'plant/behind';
const UNDISTURBED = 'plant/undisturbed';

beforeAll(async () => {
  hub = await startTestHub();
  service = await makeService(hub, 'plant');
  bystander = await RawClient.connect(hub, { ...service, clientId: 'bystander' });
  bystander.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'plant/#', qos: 0 }] });
  await bystander.next('suback');
});
afterAll(async () => {
  await bystander.disconnect();
  await hub.close();
});

const publish = (topic: string, payload: string): Packet => ({
  cmd: 'publish',
  topic,
  payload,
  qos: 0,
  dup: false,
  retain: false,
});

const received = (topic: string): string[] =>
  bystander
    .publishes()
    .filter((packet) => packet.topic === topic)
    .map(({ payload }) => payload.toString());

/** Sends malformed bytes, and what is around them. Resolves when the hub has ended the link, in the right way. */
async function endsLink(client: RawClient, bytes: Buffer, row: MalformedPacket, cut: Cut): Promise<void> {
  const saysWhy = new RegExp(row.reason.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  const before = hub.log.lines.filter((line) => saysWhy.test(line)).length;
  client.send(bytes, cut);
  const { code, reason } = await client.closed;
  expect({ code, reason }).toEqual({ code: ENDS[row.cause], reason: expect.stringMatching(saysWhy) });
  expect(await hub.log.line(saysWhy, before + 1)).toContain(reason);
}

/** Proves that somebody else is served as if nothing had been. */
async function nobodyElseNotices(name: string): Promise<void> {
  bystander.send(publish(UNDISTURBED, name));
  await bystander.until(() => received(UNDISTURBED).at(-1) === name || undefined);
  expect(received(BEHIND)).toEqual([]);
}

describe.each(['whole', 'byte by byte'] as const)('%s', (cut) => {
  test.each(MALFORMED_CONNECTS)('$name', async (row) => {
    const client = await RawClient.open(hub);
    const bytes = Buffer.concat([row.bytes, bytesOf(publish(BEHIND, row.name))]);
    await endsLink(client, bytes, row, cut);
    expect(Buffer.concat(client.frames)).toEqual(row.answer ?? Buffer.alloc(0));
    await nobodyElseNotices(row.name);
  });

  test.each(MALFORMED_PACKETS)('$name, between good ones', async (row) => {
    const client = await RawClient.connect(hub, service);
    const [before, behind] = [BEFORE, BEHIND].map((topic) => bytesOf(publish(topic, row.name)));
    await endsLink(client, Buffer.concat([before as Buffer, row.bytes, behind as Buffer]), row, cut);
    await nobodyElseNotices(row.name);
    expect(received(BEFORE).at(-1)).toBe(row.name);
    expect(client.packets.map(({ cmd }) => cmd)).toEqual(['connack']);
  });
});

test.each(MALFORMED_PACKETS)('$name, alone', async (row) => {
  const client = await RawClient.connect(hub, service);
  await endsLink(client, row.bytes, row, 'whole');
  await nobodyElseNotices(row.name);
});

test('in the end the bystander has had what was sent, once and in order', async () => {
  await bystander.settled();
  const connects = MALFORMED_CONNECTS.map(({ name }) => name);
  const packets = MALFORMED_PACKETS.map(({ name }) => name);
  const each = [...connects, ...packets];
  expect(received(UNDISTURBED)).toEqual([...each, ...each, ...packets]);
  expect(received(BEFORE)).toEqual([...packets, ...packets]);
});
