import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { HubProcess } from '../test/support/processes.ts';
import { cpuSeconds } from './load/cpu-seconds.ts';
import type { Order, Report } from './reconnect/fleet.ts';
import { RoundTrips } from './reconnect/round-trips.ts';
import { percentile } from './running-fleet.ts';

/**
 * How long a whole fleet takes to come back: ten thousand links are cut at once and made anew at once, by devices with
 * credentials of their own, first with full TLS handshakes and then with the sessions that they had.
 */

/** As many as one likes, for a look: `npm run bench:reconnect -- 1000`. The target is for all of them. */
const DEVICES = Number(process.argv[2] ?? 10_000);
const TARGET_MS = 20_000;
const SERVICE = 'live';

const line = (what: string, value: string): void =>
  void process.stdout.write(`${what.padEnd(44)} ${value}\n`);
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

class Fleet {
  readonly #process: ChildProcess = fork(new URL('reconnect/fleet.ts', import.meta.url));

  async order(order: Order): Promise<Report> {
    this.#process.send(order);
    const [report] = (await once(this.#process, 'message')) as [Report];
    return report;
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  async stop(): Promise<void> {
    this.#process.kill();
    await once(this.#process, 'exit');
  }
}

/** How late the hub's event loop was at most since the last call, in ms. */
async function lateness(hub: HubProcess): Promise<number> {
  const told = /event loop late by ([\d.]+) ms/g;
  const before = [...hub.output.matchAll(told)].length;
  process.kill(hub.pid, 'SIGUSR2');
  for (;;) {
    const latest = [...hub.output.matchAll(told)].at(before);
    if (latest) return Number(latest[1]);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

interface Round extends Report {
  /** Processor time, in seconds. */
  readonly hubsTime: number;
  readonly fleetsTime: number;
  readonly late: number;
  readonly trips: readonly number[];
}

async function reconnect(hub: HubProcess, fleet: Fleet, live: RoundTrips, resume: boolean): Promise<Round> {
  await lateness(hub);
  live.take();
  const [hubBefore, fleetBefore] = [cpuSeconds(hub.pid), cpuSeconds(fleet.pid)];
  const report = await fleet.order({ do: 'reconnect', resume });
  return {
    ...report,
    hubsTime: cpuSeconds(hub.pid) - hubBefore,
    fleetsTime: cpuSeconds(fleet.pid) - fleetBefore,
    late: await lateness(hub),
    trips: live.take(),
  };
}

function print(what: string, round: Round, target: string): void {
  const { ms, up, resumed, busy, broken, hubsTime, fleetsTime, late, trips } = round;
  const [p50, p99] = [0.5, 0.99].map((share) => percentile(trips, share).toFixed(1));
  process.stdout.write(`\n${what}\n`);
  line(`  cut → last CONNACK${target}`, seconds(ms));
  line('  back', `${up} of ${DEVICES}`);
  line('  with the TLS session of before', String(resumed));
  line('  attempts answered with 503', String(busy));
  for (const [why, count] of Object.entries(broken)) line(`  attempts that failed: ${why}`, String(count));
  line('  processor time of the hub, of the devices', `${hubsTime.toFixed(1)} s, ${fleetsTime.toFixed(1)} s`);
  line("  the hub's event loop late by, at most", `${late.toFixed(0)} ms`);
  line('  round trip of a client that was up, p50', `${p50} ms`);
  line('  round trip of a client that was up, p99', `${p99} ms`);
  line('  the slowest', `${(trips.at(-1) ?? NaN).toFixed(1)} ms`);
}

const hub = await HubProcess.start({
  env: {
    SWITCHYARD_LOG: 'warn',
    NODE_OPTIONS: `--import=${new URL('reconnect/loop-delay.ts', import.meta.url).href}`,
  },
});
const fleet = new Fleet();
let live: RoundTrips | undefined;
try {
  const devices = await hub.addDevices(
    ...Array.from({ length: DEVICES }, (_, at) => ({ id: `device-${at}` })),
  );
  const { body } = await hub.api<{ token: string }>('POST', '/services', {
    ...{ id: SERVICE, publish: ['plant/#'], subscribe: ['plant/#'] },
  });
  const { ca, httpsPort: port } = hub;
  live = await RoundTrips.start({ port, ca, username: `@${SERVICE}`, password: body.token });
  const first = await fleet.order({ do: 'connect', port, ca, devices: [...devices] });
  line('devices online', `${first.up} after ${seconds(first.ms)}`);
  print('cut, and reconnected cold', await reconnect(hub, fleet, live, false), '');
  const resumed = await reconnect(hub, fleet, live, true);
  print('cut, and reconnected with their TLS sessions', resumed, ` (target ${seconds(TARGET_MS)})`);
  const faults = [
    resumed.ms < TARGET_MS ? undefined : `the last CONNACK misses its target of ${seconds(TARGET_MS)}`,
    resumed.resumed === DEVICES ? undefined : `${DEVICES - resumed.resumed} links began a new TLS session`,
  ].filter((fault) => fault !== undefined);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.exitCode = faults.length > 0 ? 1 : 0;
} finally {
  live?.stop();
  await fleet.stop();
  await hub.stop();
  hub.remove();
}
