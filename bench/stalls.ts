import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generate } from 'mqtt-packet';
import { RATES as RATE_NAMES } from '../broker/links/rates/meter.ts';
import { MEASURABLE, measure } from '../test/fuzz/measuring.ts';
import { HubProcess } from '../test/support/processes.ts';
import { clientFrame } from './load/frames.ts';
import { RawLink } from './load/raw-link.ts';

/**
 * For how long input from outside can hold up a hub: the longest turn of its event loop while many clients do the same
 * at once, or one client does what reaches many.
 */

/** As many as one likes: `npm run bench:stalls -- 5000`. The target is for a thousand. */
const LINKS = Number(process.argv[2] ?? 1_000);
const TARGET = 50;
const TIMES = 5;
const SERVICE = 'load';
/** What a load must not run into, since holding it up is not what is measured. */
const LIMITS = ['[limits]', 'congestedBytes = 67_108_864', 'outboundBytes = 134_217_728']
  .concat(RATE_NAMES.map((rate) => `${rate} = 1_000_000_000`))
  .join('\n');

const data = mkdtempSync(join(tmpdir(), 'switchyard-stalls-'));
writeFileSync(join(data, 'switchyard.toml'), LIMITS);
const hub = await HubProcess.start({ data, flags: MEASURABLE, env: { SWITCHYARD_LOG: 'error' } });
const grants = { publish: ['#'], subscribe: ['#'] };
const { body } = await hub.api<{ token: string }>('POST', '/services', {
  id: SERVICE,
  role: 'operator',
  ...grants,
});
const plain = new URL(hub.ws.replace(/^ws/, 'http'));

async function open(clientId: string): Promise<RawLink> {
  const socket = connect(Number(plain.port), plain.hostname);
  socket.setNoDelay(true);
  await once(socket, 'connect');
  return RawLink.open(socket, plain.host, {
    ...{ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clean: true, keepalive: 0, clientId },
    ...{ username: `@${SERVICE}`, password: Buffer.from(body.token) },
  });
}

const openAll = (name: string): Promise<RawLink[]> =>
  Promise.all(Array.from({ length: LINKS }, (_, at) => open(`${name}-${at}`)));

async function subscribe(link: RawLink, topic: string): Promise<void> {
  await link.ask(generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] }));
}

const publishes = (topic: string, count: number): Buffer =>
  Buffer.concat(
    Array<Buffer>(count).fill(
      clientFrame(generate({ cmd: 'publish', topic, payload: 'x', qos: 0, retain: false, dup: false })),
    ),
  );

/** Resolves when so many messages have come over these links together. */
const come = (links: readonly RawLink[], count: number): Promise<void> =>
  new Promise((resolve) => {
    let left = count;
    for (const link of links) {
      link.onPublishes = (more) => {
        left -= more;
        if (left <= 0) resolve();
      };
    }
  });

/** Resolves when the hub has so many links. */
async function untilThere(links: number): Promise<void> {
  const headers = { Authorization: `Bearer ${body.token}` };
  for (;;) {
    const text = await (await fetch(new URL('/metrics', plain), { headers })).text();
    if (Number(/^switchyard_links\{of="service"\} (\d+)/m.exec(text)?.[1]) === links) return;
  }
}

let missed = false;

/** Does something some times, and prints the longest turn of each of them. */
async function watch(what: string, act: () => Promise<void>): Promise<void> {
  const turns: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    await measure(hub);
    await act();
    turns.push((await measure(hub)).longestTurn);
  }
  const sorted = turns.toSorted((a, b) => a - b);
  const [median, longest] = [sorted[TIMES >> 1] as number, sorted.at(-1) as number];
  missed ||= median > TARGET;
  process.stdout.write(
    `${what.padEnd(58)}${median.toFixed(0).padStart(6)} ms${longest.toFixed(0).padStart(6)} ms\n`,
  );
}

try {
  process.stdout.write(
    `${'longest turn, in time of the processor'.padEnd(58)}${'median'.padStart(9)}${'most'.padStart(9)}\n`,
  );
  const publisher = await open('publisher');
  const sink = await open('sink');
  await subscribe(sink, 'sink');
  let links = await openAll('link');

  await watch(`${LINKS} links with 32 messages each, at once`, async () => {
    const all = come([sink], LINKS * 32);
    const burst = publishes('sink', 32);
    for (const link of links) link.write(burst);
    await all;
  });
  await watch(`${LINKS} links that end and come again, at once`, async () => {
    for (const link of links) link.cut();
    await untilThere(2);
    links = await openAll('link');
  });
  for (const link of links) await subscribe(link, 'all');
  await watch(`64 messages for ${LINKS} links, in one write`, async () => {
    const all = come(links, LINKS * 64);
    publisher.write(publishes('all', 64));
    await all;
  });
  await watch('a request of the API, as long and as deep as may be', async () => {
    const headers = { Authorization: `Bearer ${body.token}`, 'Content-Type': 'application/json' };
    const answer = await fetch(new URL('/api/batches', plain), {
      ...{ method: 'POST', headers, body: '['.repeat(524_288) },
    });
    if (answer.status !== 400) throw new Error(`answered ${answer.status}`);
  });
} finally {
  await hub.stop();
  hub.remove();
}
if (missed) process.stderr.write(`the median of one of them misses its target of ${TARGET} ms\n`);
process.exit(missed ? 1 : 0);
