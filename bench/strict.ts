import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RATES as RATE_NAMES } from '../broker/links/rates/meter.ts';
import { HubProcess } from '../test/support/processes.ts';
import { cpuSeconds } from './load/cpu-seconds.ts';
import type { Order, Report, Target, WorkloadName } from './strict/generator.ts';

/**
 * What the strict reader and the bounds cost: messages per second of the hub's processor time, of the hub as it is and of
 * one that only cuts what comes into packets, in turn. A generator in a process of its own counts every message.
 */

/** Two processes of the same program differ a little all their lives: hence several of each. */
const LIVES = 3;
const ROUNDS = 4;
const TARGET = 0.95;
const DEVICES = 1_000;
const SERVICE = 'load';

const MESSAGES: Readonly<Record<WorkloadName, number>> = {
  'fan-in': 150_000,
  'fleet of services': 50_000,
  'fleet of devices': 90_000,
};
const WORKLOADS = Object.keys(MESSAGES) as WorkloadName[];

/** What a load must not run into, since holding it up is not what is measured. */
const RATES = RATE_NAMES.map((rate) => `${rate} = 1_000_000_000`);
const LIMITS = ['[limits]', 'congestedBytes = 67_108_864', 'outboundBytes = 134_217_728', ...RATES].join(
  '\n',
);

interface Contestant {
  readonly name: 'as it is' | 'only cut';
  readonly hub: HubProcess;
  readonly target: Target;
}

async function start(name: Contestant['name']): Promise<Contestant> {
  const data = mkdtempSync(join(tmpdir(), 'switchyard-strict-'));
  writeFileSync(join(data, 'switchyard.toml'), LIMITS);
  const without = `--import=${new URL('strict/without-checks.ts', import.meta.url).href}`;
  const hub = await HubProcess.start({
    data,
    env: { SWITCHYARD_LOG: 'warn', ...(name === 'only cut' && { NODE_OPTIONS: without }) },
  });
  const { body } = await hub.api<{ token: string }>('POST', '/services', {
    ...{ id: SERVICE, publish: ['#'], subscribe: ['#'] },
  });
  const secrets = await hub.addDevices(
    ...Array.from({ length: DEVICES }, (_, at) => ({ id: `thermometer-${at}` })),
  );
  const target: Target = {
    port: Number(new URL(hub.ws).port),
    service: { username: `@${SERVICE}`, password: body.token },
    devices: [...secrets],
  };
  return { name, hub, target };
}

async function stop({ name, hub }: Contestant): Promise<void> {
  const code = await hub.stop();
  hub.remove();
  if (code !== 0) throw new Error(`the hub that is "${name}" ended with ${code}:\n${hub.output}`);
}

class Generator {
  readonly #process: ChildProcess = fork(new URL('strict/generator.ts', import.meta.url));

  async order(order: Order): Promise<void> {
    this.#process.send(order);
    const [report] = (await once(this.#process, 'message')) as [Report];
    if (!report.ok) throw new Error(`${order.do} ${order.at}: ${report.why}`);
  }

  stop(): void {
    this.#process.kill();
  }
}

/** Messages per second of the hub's processor time. */
async function rate(generator: Generator, { name, hub }: Contestant, messages: number): Promise<number> {
  const before = cpuSeconds(hub.pid);
  await generator.order({ do: 'run', at: name, messages });
  return messages / (cpuSeconds(hub.pid) - before);
}

type Rates = readonly [asItIs: number, onlyCut: number];

async function compare(
  generator: Generator,
  [asItIs, onlyCut]: readonly [Contestant, Contestant],
  workload: WorkloadName,
): Promise<Rates[]> {
  const both = [asItIs, onlyCut];
  const messages = MESSAGES[workload];
  for (const { name, target } of both) await generator.order({ do: 'open', at: name, workload, target });
  for (const { name } of both) await generator.order({ do: 'run', at: name, messages });
  const rounds: Rates[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    // Whoever goes second finds the machine warmer.
    if (round % 2 === 0) {
      const first = await rate(generator, asItIs, messages);
      rounds.push([first, await rate(generator, onlyCut, messages)]);
    } else {
      const first = await rate(generator, onlyCut, messages);
      rounds.push([await rate(generator, asItIs, messages), first]);
    }
  }
  for (const { name } of both) await generator.order({ do: 'close', at: name });
  return rounds;
}

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  return ((low ?? NaN) + (high ?? NaN)) / 2;
};

const results = new Map<WorkloadName, Rates[]>(WORKLOADS.map((workload) => [workload, []]));
const generator = new Generator();
try {
  for (let life = 0; life < LIVES; life += 1) {
    const asItIs = await start('as it is');
    const onlyCut = await start('only cut');
    try {
      for (const workload of WORKLOADS) {
        process.stderr.write(`pair ${life + 1} of ${LIVES}: ${workload}, ${ROUNDS} rounds …\n`);
        results.get(workload)?.push(...(await compare(generator, [asItIs, onlyCut], workload)));
      }
    } finally {
      await stop(asItIs);
      await stop(onlyCut);
    }
  }
} finally {
  generator.stop();
}

const thousands = (value: number): string => `${(value / 1_000).toFixed(1)} k`;
const columns = ['thousand messages per CPU second', 'as it is', 'only cut', 'ratio', 'of the rounds'];
const print = ([first = '', ...rest]: readonly string[]): void =>
  void process.stdout.write(`${first.padEnd(34)}${rest.map((cell) => cell.padStart(14)).join('')}\n`);
print(columns);
let missed = false;
for (const [workload, rounds] of results) {
  const ratios = rounds.map(([asItIs, onlyCut]) => asItIs / onlyCut);
  const ratio = median(ratios);
  print([
    workload,
    thousands(median(rounds.map(([asItIs]) => asItIs))),
    thousands(median(rounds.map(([, onlyCut]) => onlyCut))),
    ratio.toFixed(3),
    `${Math.min(...ratios).toFixed(2)} – ${Math.max(...ratios).toFixed(2)}`,
  ]);
  missed ||= !(ratio >= TARGET);
}
if (missed) process.stderr.write(`a ratio misses its target of ${TARGET}\n`);
process.exitCode = missed ? 1 : 0;
