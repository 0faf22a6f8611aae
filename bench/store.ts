import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import type { CommandRecord } from '../broker/store/commands.ts';
import type { Store } from '../broker/store/store.ts';
import { SqliteStore } from '../broker/store/sqlite/sqlite-store.ts';
import { ThreadedStore } from '../broker/store/threaded/threaded-store.ts';

/**
 * What the store costs: the wait for the disk as a command feels it, and how long the hub's event loop stands still
 * meanwhile. The same is done on the thread of the caller, to show what the thread is for.
 */

const DEVICES = 10_000;
const SINGLE = 1_000;
const TOGETHER = 5_000;
const LANES = 50;
const HELD = '  event loop stood still meanwhile, at most';

/** Bytes of a request, as a command that sets two properties has. */
const REQUEST = 40;

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

function commandOf(at: number): CommandRecord {
  const now = 1_800_000_000_000 + at;
  return {
    device: `lamp-${at % DEVICES}`,
    id: at.toString(16).padStart(16, '0'),
    who: '@owner',
    batch: null,
    request: new Uint8Array(REQUEST).fill(at),
    wish: 0,
    st: 0,
    t: now,
    createdAt: now,
    exp: now + 10_000,
    sentAt: null,
    boot: null,
    wver: null,
    code: null,
    msg: null,
    pct: null,
    reported: null,
    ver: null,
    steps: `[[0,${now}]]`,
  };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}

/** Does the work and tells for how long at most the event loop stood still meanwhile, in ms. */
async function watched(work: () => Promise<number>): Promise<{ ms: number; held: number }> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await setTimeout(10);
  const ms = await work();
  await setTimeout(10);
  delay.disable();
  return { ms, held: delay.max / 1e6 };
}

const figure = (value: number): string => value.toFixed(value < 10 ? 2 : 0).padStart(8);

async function measure(name: string, open: (file: string) => Promise<Store>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const file = join(folder, 'switchyard.db');
  try {
    await (await open(file)).close();
    let store: Store | undefined;
    const opening = await timed(async () => (store = await open(file)));
    if (!store) throw new Error('the store did not open');
    const { saveProgress } = store;
    await store.createDevices(
      Array.from({ length: DEVICES }, (_, at) => ({
        id: `lamp-${at}`,
        name: '',
        place: '',
        tags: [],
        secretMac: new Uint8Array(32),
        createdAt: 0,
      })),
    );

    const waits: number[] = [];
    const singly = await watched(() =>
      timed(async () => {
        for (let at = 0; at < SINGLE; at++) {
          const commands = [commandOf(at)];
          waits.push(await timed(() => saveProgress({ commands })));
        }
      }),
    );
    const together = await watched(() =>
      timed(() =>
        Promise.all(
          Array.from({ length: LANES }, async (_, lane) => {
            for (let at = lane; at < TOGETHER; at += LANES) {
              await saveProgress({ commands: [commandOf(SINGLE + at)] });
            }
          }),
        ),
      ),
    );
    const many = Array.from({ length: DEVICES }, (_, at) => commandOf(SINGLE + TOGETHER + at));
    const batch = await watched(() => timed(() => saveProgress({ commands: many })));

    const lines: [what: string, value: number, unit: string][] = [
      ['open a store that is there', opening, 'ms'],
      ['one command, then the next: median', percentile(waits, 0.5), 'ms'],
      ['one command, then the next: p99', percentile(waits, 0.99), 'ms'],
      [HELD, singly.held, 'ms'],
      [`${LANES} commands under way at once`, (TOGETHER / together.ms) * 1_000, 'commands/s'],
      [HELD, together.held, 'ms'],
      [`${DEVICES} commands in one call`, batch.ms, 'ms'],
      [HELD, batch.held, 'ms'],
    ];
    process.stdout.write(`\n${name}\n`);
    for (const [what, value, unit] of lines) {
      process.stdout.write(`  ${what.padEnd(44)}${figure(value)} ${unit}\n`);
    }

    const stored = await store.commandsNotIn([]);
    await store.close();
    if (stored.length !== SINGLE + TOGETHER + DEVICES) throw new Error('commands were lost');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

await measure('The store on its thread, as the hub has it', (file) =>
  ThreadedStore.open(file, (cause) => {
    throw new Error(cause);
  }),
);
await measure('The same on the thread of its caller', async (file) => new SqliteStore(file));
