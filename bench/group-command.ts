import { randomBytes } from 'node:crypto';
import type { ToldBatch, ToldCommand } from '../broker/contract/batch.ts';
import { BATCH, evBatch, feedTopic } from '../firmware-protocol/index.ts';
import { watchFeed } from './feed.ts';
import { percentile, startFleet, type RunningFleet } from './running-fleet.ts';

/**
 * How long one request for a whole fleet takes: from POST /api/batches until the last device has said that it is done.
 * Every command is looked at afterwards, so that a batch that loses some is not taken for a fast one.
 */

const DEVICES = 10_000;
const ROUNDS = 3;
const TARGET_MS = 3_000;

interface Round {
  /** Times after the request, in ms. */
  readonly accepted: number;
  readonly acks: readonly number[];
  readonly told: number;
  /** Commands that did not end in done, in words. */
  readonly lost: readonly string[];
}

async function commandsOf({ hub }: RunningFleet, id: string): Promise<ToldCommand[]> {
  const path = `/batches/${id}/commands?limit=${2 * DEVICES}`;
  const { body } = await hub.api<{ commands: ToldCommand[] }>('GET', path);
  return body.commands;
}

async function round(fleet: RunningFleet, on: boolean): Promise<Round> {
  const id = randomBytes(8).toString('hex');
  const feed = await watchFeed(fleet.hub, feedTopic('home', 'batch'));
  const askedAt = Date.now();
  const { status, body } = await fleet.hub.api<ToldBatch>('POST', '/batches', {
    id,
    selection: { all: true },
    set: { on },
    concurrency: DEVICES,
    ttl: 30_000,
  });
  if (status !== 201) throw new Error(`POST /api/batches answered ${status}: ${JSON.stringify(body)}`);
  const accepted = Date.now() - askedAt;
  await feed.until((payload) =>
    evBatch
      .decode(payload)
      .batches.some((batch) => Buffer.from(batch.id).toString('hex') === id && batch.st !== BATCH.running),
  );
  const told = Date.now() - askedAt;
  await feed.close();

  const commands = await commandsOf(fleet, id);
  const lost = commands
    .filter(({ state }) => state !== 'done')
    .map(({ device, state, msg }) => `${device} is ${state}: ${msg ?? 'no reason'}`);
  if (commands.length !== DEVICES) lost.push(`${commands.length} commands, not ${DEVICES}`);
  const acks = commands.map(({ t }) => t - askedAt).toSorted((a, b) => a - b);
  return { accepted, acks, told, lost };
}

const fleet = await startFleet(DEVICES, 60);
const line = (what: string, value: string): void =>
  void process.stdout.write(`${what.padEnd(44)} ${value}\n`);
let missed = false;
try {
  line('devices online', `${DEVICES} after ${fleet.connected.toFixed(1)} s`);
  for (let at = 1; at <= ROUNDS; at++) {
    const { accepted, acks, told, lost } = await round(fleet, at % 2 === 1);
    const last = acks.at(-1) ?? NaN;
    process.stdout.write(`\nbatch ${at} of ${ROUNDS}\n`);
    line('  request → stored and answered', `${accepted} ms`);
    line('  request → half of the acks', `${percentile(acks, 0.5)} ms`);
    line(`  request → last ack (target ${TARGET_MS} ms)`, `${last} ms`);
    line('  request → told as ended', `${told} ms`);
    line('  done', `${DEVICES - lost.length} of ${DEVICES}`);
    for (const what of lost.slice(0, 10)) process.stderr.write(`  not done: ${what}\n`);
    if (lost.length > 0) process.stderr.write(`  ${lost.length} commands were not done\n`);
    if (!(last < TARGET_MS)) process.stderr.write(`  the last ack misses its target of ${TARGET_MS} ms\n`);
    missed ||= lost.length > 0 || !(last < TARGET_MS);
  }
} finally {
  await fleet.close();
}
process.exitCode = missed ? 1 : 0;
