import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ENDS } from '#broker/links/ends.ts';
import { REFUSALS } from '#broker/links/refusals.ts';
import { DROP_CAUSES } from '#broker/mqtt/drops.ts';
import { PYTHON } from '../../scripts/system-packages.ts';
import { ask } from '../support/https.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { bytesOf, connectPacket, RawClient } from '../support/raw-client.ts';
import { Scraper } from '../support/scraper.ts';
import { makeService, type Credentials } from '../support/service.ts';

const guide = readFileSync('docs/metrics.md', 'utf8');

let hub: TestHub;
let scraper: Scraper;
let plant: Credentials;

beforeAll(async () => {
  hub = await startTestHub();
  [scraper, plant] = [await Scraper.of(hub), await makeService(hub, 'plant')];
});
afterAll(() => hub.close());

/** A family of metrics, as the Prometheus client for Python reads it. */
interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly labels: readonly string[];
}

const READ = `
import json, sys
from prometheus_client.parser import text_string_to_metric_families as families
print(json.dumps([{
  "name": family.samples[0].name,
  "type": family.type,
  "help": family.documentation,
  "labels": sorted({label for sample in family.samples for label in sample.labels}),
} for family in families(sys.stdin.read())]))
`;

async function scraped(): Promise<Family[]> {
  const { body } = await scraper.ask();
  const { stdout, stderr } = spawnSync(PYTHON, ['-c', READ], { input: body, encoding: 'utf8' });
  if (stderr !== '') throw new Error(stderr);
  return JSON.parse(stdout) as Family[];
}

/** The rows of a table of the guide below a heading, as they stand there, without its head. */
const rowsOf = (heading: string): string[][] =>
  (guide.split(`\n## ${heading}\n`)[1] ?? '')
    .split('\n## ', 1)[0]!
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('`', '')))
    .map((cells) => cells.slice(1, -1));

const byName = ({ name: a }: { name: string }, { name: b }: { name: string }) => a.localeCompare(b);

describe('what is scraped', () => {
  test('is read by another make of reader, and is what the guide says, of the same types and labels', async () => {
    const told = rowsOf('What there is').map(([name = '', type, label]) => ({
      name,
      type,
      labels: label === '' ? [] : [label],
    }));
    const found = (await scraped()).map(({ name, type, labels }) => ({ name, type, labels }));
    expect(found.toSorted(byName)).toEqual(told.toSorted(byName));
  });

  test('says of each what it is', async () => {
    for (const { help } of await scraped()) expect(help).toMatch(/^[A-Z1-9].*\.$/);
  });

  test('says of what format it is, and is not to be stored on its way', async () => {
    const { status, headers } = await scraper.ask();
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(headers['cache-control']).toBe('no-store');
  });

  test('is for those who may read, and nobody else', async () => {
    const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
    const { password } = await makeService(hub, 'mute', {});
    expect((await ask(hub, 'GET', '/metrics')).status).toBe(401);
    expect((await ask(hub, 'GET', '/metrics', bearer(String(password)))).status).toBe(403);
    expect((await ask(hub, 'GET', '/metrics', bearer(await hub.token()))).status).toBe(200);
  });
});

describe('the guide', () => {
  test('tells every cause for which links end, with its close code', async () => {
    const told = rowsOf('Why links end').map(([cause, code]) => [cause, code]);
    const known = Object.entries(ENDS).map(([cause, code]) => [cause, String(code)]);
    expect(told.toSorted()).toEqual([...known, ['peer', ''], ['broken', '']].toSorted());
    const figures = await scraper.figures();
    for (const [cause] of told)
      expect(figures.has(`switchyard_link_ends_total{cause="${cause}"}`)).toBe(true);
  });

  test('tells every cause for which connections are refused, which are counted', async () => {
    expect(rowsOf('Why connections are refused').map(([cause]) => cause)).toEqual(Object.keys(REFUSALS));
    const refused = () => scraper.figure('switchyard_refusals_total{cause="wrong-path"}');
    const before = await refused();
    await expect(RawClient.open({ ...hub, wss: `${hub.wss}/elsewhere` })).rejects.toThrow('404');
    expect(await refused()).toBe(before + 1);
  });

  test('tells every cause for which messages are dropped', () => {
    expect(rowsOf('Why messages are dropped').map(([cause]) => cause)).toEqual(DROP_CAUSES);
  });
});

/** By how much figures grow while something is done. */
async function growth(names: readonly string[], deed: () => Promise<void>): Promise<Record<string, number>> {
  const before = await scraper.figures();
  await deed();
  const after = await scraper.figures();
  return Object.fromEntries(
    names.map((name) => [name, (after.get(name) ?? NaN) - (before.get(name) ?? NaN)]),
  );
}

const publish = (qos: 0 | 1 | 2, messageId: number) =>
  ({
    cmd: 'publish',
    topic: 'plant/a',
    payload: 'ten bytes!',
    qos,
    dup: false,
    retain: qos === 1,
    messageId,
  }) as const;

test('links, packets, messages and bytes are counted as they are', async () => {
  const reader = await RawClient.connect(hub, plant);
  reader.send({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic: 'plant/#', qos: 1 }] });
  await reader.next('suback');
  const sent = { ...plant, clientId: 'sender' };
  // A topic, ten bytes and, where there is one, an identifier.
  const published = 6 * 21 + 3 * 2;
  const [ACK, PING] = [4, 2];
  const expected = {
    switchyard_links_accepted_total: 1,
    'switchyard_links{of="service"}': 1,
    'switchyard_packets_received_total{type="CONNECT"}': 1,
    'switchyard_packets_received_total{type="PUBLISH"}': 6,
    'switchyard_packets_received_total{type="PUBREL"}': 1,
    'switchyard_packets_received_total{type="PINGREQ"}': 2,
    'switchyard_packets_sent_total{type="CONNACK"}': 1,
    'switchyard_packets_sent_total{type="PUBLISH"}': 6,
    'switchyard_packets_sent_total{type="PUBACK"}': 2,
    'switchyard_packets_sent_total{type="PUBREC"}': 1,
    'switchyard_packets_sent_total{type="PUBCOMP"}': 1,
    'switchyard_packets_sent_total{type="PINGRESP"}': 2,
    'switchyard_messages_received_total{qos="0"}': 3,
    'switchyard_messages_received_total{qos="1"}': 2,
    'switchyard_messages_received_total{qos="2"}': 1,
    'switchyard_messages_sent_total{qos="0"}': 3,
    'switchyard_messages_sent_total{qos="1"}': 3,
    'switchyard_messages_sent_total{qos="2"}': 0,
    switchyard_retained_messages: 1,
    switchyard_retained_service_messages: 1,
    switchyard_retained_service_bytes: 577,
    switchyard_received_bytes_total: bytesOf(connectPacket(sent)).length + published + ACK + 2 * PING,
    switchyard_sent_bytes_total: ACK + published + 4 * ACK + 2 * PING,
  };
  const senders: RawClient[] = [];
  const grown = await growth(Object.keys(expected), async () => {
    const sender = await RawClient.connect(hub, sent);
    senders.push(sender);
    sender.send([0, 0, 0, 1, 1, 2].map((qos, at) => publish(qos as 0 | 1 | 2, at + 1)));
    await sender.next('pubrec');
    sender.send({ cmd: 'pubrel', messageId: 6 });
    await sender.settled();
    await reader.settled();
  });
  for (const client of [reader, ...senders]) await client.drop();
  expect(grown).toEqual(expected);
});

test('ends of links are counted by their causes', async () => {
  const ended = (cause: string) => `switchyard_link_ends_total{cause="${cause}"}`;
  const causes = ['peer', 'broken', 'malformed-packet', 'connect-refused', 'taken-over', 'shutting-down'];
  const grown = await growth(causes.map(ended), async () => {
    const client = await RawClient.connect(hub, plant);
    await client.disconnect();
    const dropped = await RawClient.connect(hub, plant);
    await dropped.drop();
    const malformed = await RawClient.open(hub);
    malformed.send(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff]));
    await malformed.closed;
    const refused = await RawClient.connect(hub, { username: '@plant', password: Buffer.from('wrong') });
    await refused.closed;
    const [first, second] = [
      await RawClient.connect(hub, { ...plant, clientId: 'one' }),
      await RawClient.connect(hub, { ...plant, clientId: 'one' }),
    ];
    await first.closed;
    await second.disconnect();
    await scraper.until('switchyard_links{of="service"}', (links) => links === 0);
    await scraper.until('switchyard_links{of="nobody"}', (links) => links === 0);
  });
  expect(grown).toEqual(
    Object.fromEntries([2, 1, 1, 1, 1, 0].map((count, at) => [ended(causes[at] as string), count])),
  );
});

test('the process is told by what others call it', async () => {
  const figures = await scraper.figures();
  const figure = (name: string): number => figures.get(name) ?? NaN;
  expect(figure('process_cpu_seconds_total')).toBeCloseTo(
    figure('process_cpu_user_seconds_total') + figure('process_cpu_system_seconds_total'),
  );
  expect(figure('process_resident_memory_bytes')).toBeGreaterThan(figure('nodejs_heap_size_used_bytes'));
  expect(figure('process_start_time_seconds')).toBeLessThan(Date.now() / 1_000);
  expect(figure('nodejs_eventloop_lag_max_seconds')).toBeGreaterThanOrEqual(
    figure('nodejs_eventloop_lag_p50_seconds'),
  );
  expect(figures.get(`nodejs_version_info{version="${process.version}"}`)).toBe(1);
});
