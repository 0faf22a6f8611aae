import { randomBytes } from 'node:crypto';
import { COMMAND, isOver, rqCmd, STATUS } from '../firmware-protocol/index.ts';
import { Watcher } from '../test/faults/watcher.ts';
import { percentile, startFleet } from './running-fleet.ts';

/**
 * How long a command takes as an operator feels it: from the request over wss until the feed says that the device has
 * done it, while a thousand devices report once a second and the same operator watches all of them.
 */

const DEVICES = 1_000;
const COMMANDS = 2_000;
const TARGET_MS = 15;
const ON = 1;

const { hub, devices, close } = await startFleet(DEVICES, 1);
const watcher = new Watcher();
const times: number[] = [];
const lost: string[] = [];
try {
  await watcher.connect(hub);
  await watcher.until(
    () => devices.every(({ id }) => watcher.devices.get(id)?.st === STATUS.online) || undefined,
  );
  for (let at = 0; at < COMMANDS; at++) {
    const device = devices[(at * 7) % DEVICES]?.id ?? '';
    const id = new Uint8Array(randomBytes(8));
    const vals = new Map([[ON, watcher.devices.get(device)?.vals?.get(ON) !== true]]);
    const payload = rqCmd.encode({ id, vals, ttl: 5_000 });
    const askedAt = performance.now();
    watcher.ask(device, 'cmd', payload);
    const { st, msg } = await watcher.untilCommand(device, id, ...Object.values(COMMAND).filter(isOver));
    times.push(performance.now() - askedAt);
    if (st !== COMMAND.done) lost.push(`${device}: state ${st} (${msg ?? 'no reason'})`);
  }
} finally {
  await watcher.leave();
  await close();
}

const sorted = times.toSorted((a, b) => a - b);
const p99 = percentile(sorted, 0.99);
const line = (what: string, value: string): void =>
  void process.stdout.write(`${what.padEnd(44)} ${value}\n`);
line('devices, each reporting once a second', String(DEVICES));
line('commands, one after another', String(COMMANDS));
line('request → done in the feed, p50', `${percentile(sorted, 0.5).toFixed(1)} ms`);
line(`request → done in the feed, p99 (target ${TARGET_MS} ms)`, `${p99.toFixed(1)} ms`);
line('the slowest', `${(sorted.at(-1) ?? NaN).toFixed(1)} ms`);
for (const what of lost.slice(0, 10)) process.stderr.write(`not done: ${what}\n`);
if (lost.length > 0) process.stderr.write(`${lost.length} of ${COMMANDS} commands were not done\n`);
if (p99 >= TARGET_MS) process.stderr.write(`p99 misses its target of ${TARGET_MS} ms\n`);
process.exitCode = lost.length > 0 || p99 >= TARGET_MS ? 1 : 0;
