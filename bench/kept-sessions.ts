import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RATES } from '../broker/links/rates/meter.ts';
import { HubProcess } from '../test/support/processes.ts';
import { Client } from './kept/client.ts';
import { cpuSeconds } from './load/cpu-seconds.ts';

/**
 * What it costs to keep messages for clients: QoS 1 into a clean session, of which nothing is stored, and into kept ones
 * whose client is there, and away; how soon a client has all that it missed; how long a PUBACK takes by itself.
 */

const ROUNDS = 5;
const MESSAGES = 30_000;
const PUBLISHERS = 10;
const AT_ONCE = 100;
const SINGLE = 300;
const PAYLOAD = Buffer.alloc(64, 'x');

/** Nothing is to hold the load up, and nothing that waits is to go. */
const LIMITS = [
  '[limits]',
  'sessionMessages = 1_000_000',
  'sessionBytes = 1_073_741_824',
  ...RATES.map((rate) => `${rate} = 1_000_000_000`),
].join('\n');

const data = mkdtempSync(join(tmpdir(), 'switchyard-kept-'));
writeFileSync(join(data, 'switchyard.toml'), LIMITS);
const hub = await HubProcess.start({ data, env: { SWITCHYARD_LOG: 'warn' } });
const service = { id: 'load', publish: ['#'], subscribe: ['#'] };
const { body } = await hub.api<{ token: string }>('POST', '/services', service);
const credentials = { username: '@load', password: Buffer.from(body.token) };

const connect = (clientId: string, clean: boolean): Promise<Client> =>
  Client.connect(hub.ws, { clientId, clean, ...credentials });

const subscribe = (client: Client, topic: string): Promise<void> =>
  client.ask({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 1 }] });

interface Figures {
  readonly perSecond: number;
  readonly perCpuSecond: number;
}

async function measured(messages: number, work: () => Promise<unknown>): Promise<Figures> {
  const [before, cpu] = [performance.now(), cpuSeconds(hub.pid)];
  await work();
  const seconds = (performance.now() - before) / 1_000;
  return { perSecond: messages / seconds, perCpuSecond: messages / (cpuSeconds(hub.pid) - cpu) };
}

const publishers = await Promise.all(
  Array.from({ length: PUBLISHERS }, (_, at) => connect(`publisher-${at}`, true)),
);
const publish = (topic: string): Promise<unknown> =>
  Promise.all(publishers.map((each) => each.publish(topic, PAYLOAD, MESSAGES / PUBLISHERS, AT_ONCE)));

/** Resolves when a client has all of the messages. Rejects where it has more, or not all. */
async function has(client: Client): Promise<void> {
  await client.until(() => client.arrived >= MESSAGES);
  if (client.arrived !== MESSAGES) throw new Error(`${client.arrived} of ${MESSAGES} messages arrived`);
}

/** Publishes to a client that is there, until it has all. */
async function toClient(topic: string, clean: boolean): Promise<Figures> {
  const client = await connect(topic, clean);
  await subscribe(client, topic);
  const figures = await measured(MESSAGES, () => Promise.all([publish(topic), has(client)]));
  await client.close();
  return figures;
}

/** Publishes to a client that is away, and has it come. */
async function toNobody(topic: string): Promise<readonly [Figures, Figures]> {
  const gone = await connect(topic, false);
  await subscribe(gone, topic);
  await gone.close();
  const away = await measured(MESSAGES, () => publish(topic));
  const back = await measured(MESSAGES, async () => {
    const client = await connect(topic, false);
    await has(client);
    await client.close();
  });
  await (await connect(topic, true)).close();
  return [away, back];
}

/** How long a PUBACK takes where nothing else is under way, in ms. */
async function alone(topic: string, clean: boolean): Promise<number[]> {
  const client = await connect(topic, clean);
  await subscribe(client, topic);
  const [publisher] = publishers as [Client];
  const times: number[] = [];
  for (let at = 0; at < SINGLE; at += 1) {
    const before = performance.now();
    await publisher.publish(topic, PAYLOAD, 1, 1);
    times.push(performance.now() - before);
  }
  await client.close();
  return times;
}

/** How long the disk of the data folder takes to keep a page, in ms. */
function syncs(): number[] {
  const file = openSync(join(data, 'probe'), 'w');
  const times = Array.from({ length: 100 }, () => {
    const before = performance.now();
    writeSync(file, Buffer.alloc(4_096));
    fdatasyncSync(file);
    return performance.now() - before;
  });
  closeSync(file);
  return times;
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;

const rounds: Figures[][] = [];
for (let round = 0; round <= ROUNDS; round += 1) {
  const figures = [
    await toClient('clean', true),
    await toClient('there', false),
    ...(await toNobody('away')),
  ];
  // The first one warms up.
  if (round > 0) rounds.push(figures);
}
const [quick, slow] = [median(await alone('alone clean', true)), median(await alone('alone kept', false))];
const sync = median(syncs());
for (const publisher of publishers) await publisher.close();
await hub.stop();
rmSync(data, { recursive: true });

const print = ([first = '', ...rest]: readonly string[]): void =>
  void process.stdout.write(`${first.padEnd(44)}${rest.map((cell) => cell.padStart(16)).join('')}\n`);
const thousands = (value: number): string => `${(value / 1_000).toFixed(1)} k`;

print(['QoS 1, 64 bytes', 'per second', 'per CPU second', 'ratio']);
const NAMES = [
  'to a clean session',
  'to a kept one, its client there',
  'its client away',
  'sent when it is back',
];
for (const [at, name] of NAMES.entries()) {
  const of = (figure: keyof Figures): number => median(rounds.map((each) => each[at]?.[figure] ?? NaN));
  const ratio = median(
    rounds.map((each) => (each[at]?.perCpuSecond ?? NaN) / (each[0]?.perCpuSecond ?? NaN)),
  );
  print([name, thousands(of('perSecond')), thousands(of('perCpuSecond')), ratio.toFixed(2)]);
}
print(['a PUBACK alone, to a clean session', `${quick.toFixed(2)} ms`]);
print(['a PUBACK alone, to a kept one', `${slow.toFixed(2)} ms`]);
print(['the disk keeps a page', `${sync.toFixed(2)} ms`]);
