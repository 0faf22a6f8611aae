import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { History } from '../broker/history/history.ts';

/**
 * What telemetry history costs: the hub's event loop, the disk, the time until a chart is there. See README.md for
 * the data and for how to read the figures.
 */

const DEVICES = 5_000;
const FILLED_MINUTES = 20;
const SUSTAINED_SECONDS = 30;
const DAY_SECONDS = 86_400;
const POINTS = 1_000;

const TARGETS = { perSecond: 20_000, delayMs: 20, chartMs: 50, bytes: 6 } as const;

/** Samples that are recorded before the disk is waited for. */
const AHEAD = 400_000;

const percentile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;

/** One device a second: temperature ×10⁻², power as a float, humidity ×10⁻¹, a switch. */
class Meter {
  readonly id: string;
  #temperature = 2_100;
  #humidity = 450;
  #power = 60;
  #on = true;

  constructor(id: string) {
    this.id = id;
  }

  /** Reports at `second` of Unix time, some ms late, as devices do. Returns how many samples that is. */
  report(history: History, second: number): number {
    const t = second * 1_000 + Math.floor(Math.random() * 8);
    this.#temperature += Math.round((Math.random() - 0.5) * 6);
    this.#humidity += Math.round((Math.random() - 0.5) * 2);
    this.#power += (Math.random() - 0.5) * 2;
    if (Math.random() < 0.005) this.#on = !this.#on;
    history.record(this.id, 1, t, this.#temperature);
    // A device has single precision.
    history.record(this.id, 2, t, Math.fround(this.#on ? this.#power : 0));
    history.record(this.id, 3, t, this.#humidity);
    history.record(this.id, 4, t, this.#on);
    return 4;
  }
}

/** Bytes that this process has written to disks, or NaN where the system does not tell. */
function bytesWritten(): number {
  try {
    return Number(/^write_bytes: (\d+)/m.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
  } catch {
    return NaN;
  }
}

async function eventLoopDelay(seconds: number, work: () => Promise<void>): Promise<number> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  await Promise.all([work(), setTimeout(seconds * 1_000)]);
  delay.disable();
  return delay.percentile(99) / 1e6 - 1;
}

const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
const file = join(folder, 'history.db');
const begun = Date.now();
let now = begun;
const log = {
  debug: () => undefined,
  info: () => undefined,
  warn: (line: string) => process.stderr.write(`${line}\n`),
  warnLimited: (_kind: string, line: string) => process.stderr.write(`${line}\n`),
  error: (line: string) => process.stderr.write(`${line}\n`),
};
const history = await History.open(file, { rawHours: 24, minuteDays: 31, hourDays: 366 }, log, {
  clock: () => now,
});
const meters = Array.from({ length: DEVICES }, (_, index) => new Meter(`meter-${index}`));
const charted = new Meter('charted');
const second = Math.floor(begun / 1_000);
let samples = 0;
let ahead = 0;

async function keepUp(recorded: number): Promise<void> {
  samples += recorded;
  ahead += recorded;
  if (ahead < AHEAD) return;
  ahead = 0;
  await history.flush();
}

async function fill(): Promise<number> {
  const from = performance.now();
  for (let at = second - DAY_SECONDS; at < second; at += 1) await keepUp(charted.report(history, at));
  for (let at = second - FILLED_MINUTES * 60; at < second; at += 1) {
    for (const meter of meters) await keepUp(meter.report(history, at));
  }
  await history.flush();
  return samples / ((performance.now() - from) / 1_000);
}

/** All devices within each second, in steps of a twentieth; charts are asked for meanwhile. */
async function sustain(charts: number[]): Promise<number> {
  let recorded = 0;
  const each = DEVICES / 20;
  const from = performance.now();
  for (let step = 0; step < SUSTAINED_SECONDS * 20; step += 1) {
    const at = second + Math.floor(step / 20);
    for (const meter of meters.slice((step % 20) * each, ((step % 20) + 1) * each)) {
      recorded += meter.report(history, at);
    }
    if (step % 20 === 7) void chart().then((ms) => charts.push(ms));
    now = begun + step * 50;
    await setTimeout(Math.max(0, from + (step + 1) * 50 - performance.now()));
  }
  samples += recorded;
  return recorded / ((performance.now() - from) / 1_000);
}

async function chart(): Promise<number> {
  const from = performance.now();
  const { series } = await history.query({
    device: 'charted',
    from: begun - DAY_SECONDS * 1_000,
    to: begun,
    points: POINTS,
  });
  if (series.length !== 4 || (series[0]?.t.length ?? 0) < POINTS * 0.9)
    throw new Error('the chart is not whole');
  return performance.now() - from;
}

const lines: [what: string, figure: string, missed?: boolean][] = [];
try {
  const idle = await eventLoopDelay(5, () => Promise.resolve());
  const fillRate = await fill();
  // What was recorded far too fast is put into chunks at the next ticks.
  await setTimeout(2_000);
  const quiet: number[] = [];
  for (let index = 0; index < 30; index += 1) quiet.push(await chart());

  const charts: number[] = [];
  let rate = 0;
  const loads: number[] = [];
  const timer = setInterval(() => loads.push(history.state().load), 1_000);
  const written = bytesWritten();
  const cpu = process.cpuUsage();
  const delay = await eventLoopDelay(SUSTAINED_SECONDS, async () => {
    rate = await sustain(charts);
  });
  clearInterval(timer);
  await history.flush();
  const { user, system } = process.cpuUsage(cpu);
  const perSample = (bytesWritten() - written) / (rate * SUSTAINED_SECONDS);
  const { dropped } = history.state();
  await history.close();
  const bytes = statSync(file).size / samples;

  now = begun + 26 * 3_600_000;
  const again = await History.open(file, { rawHours: 24, minuteDays: 31, hourDays: 366 }, log, {
    clock: () => now,
  });
  const rolling = performance.now();
  await again.settle();
  const rolledPerSecond = samples / ((performance.now() - rolling) / 1_000);
  await again.close();

  const figure = (value: number, unit: string): string => `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`;
  lines.push(
    ['sustained', figure(rate, 'samples/s'), rate < TARGETS.perSecond * 0.98 || dropped > 0],
    ['  dropped', figure(dropped, 'samples')],
    ['  event loop delayed, p99', figure(delay, 'ms'), delay > TARGETS.delayMs],
    ['  the same with nothing to do', figure(idle, 'ms')],
    [
      '  history thread busy',
      figure((100 * loads.reduce((a, b) => a + b, 0)) / loads.length, '% of its time'),
    ],
    ['  processor, both threads', figure((user + system) / 1e4 / SUSTAINED_SECONDS, '% of one')],
    ['  written to the disk', figure(perSample, 'bytes/sample')],
    ['  write amplification', figure(perSample / bytes, 'times')],
    ['chart of 24 h, 4 × 86,400 samples, median', figure(percentile(quiet, 0.5), 'ms')],
    ['  slowest of 30', figure(Math.max(...quiet), 'ms'), Math.max(...quiet) > TARGETS.chartMs],
    ['  under the load above, median', figure(percentile(charts, 0.5), 'ms')],
    ['  slowest of 30', figure(Math.max(...charts), 'ms'), Math.max(...charts) > TARGETS.chartMs],
    ['on the disk, all of the file', figure(bytes, 'bytes/sample'), bytes > TARGETS.bytes],
    ['  samples', figure(samples / 1e6, 'million')],
    ['as fast as it can', figure(fillRate, 'samples/s')],
    ['rolled up', figure(rolledPerSecond, 'samples/s')],
  );
} finally {
  await history.close();
  rmSync(folder, { recursive: true });
}

if (process.argv.includes('--json')) {
  process.stdout.write(
    `${JSON.stringify(Object.fromEntries(lines.map(([what, told]) => [what.trim(), told])))}\n`,
  );
} else {
  for (const [what, told, missed] of lines) {
    process.stdout.write(`${what.padEnd(44)}${told.padStart(22)}${missed ? '  missed' : ''}\n`);
  }
}
process.exitCode = lines.some(([, , missed]) => missed) ? 1 : 0;
