import type { Log } from '../log/log.ts';
import type { Buckets } from './buckets.ts';
import { TIME_LIMIT } from './history-file.ts';
import { Recorder } from './recorder.ts';
import type { Keep } from './retention.ts';
import type { Samples } from './samples.ts';
import { Supervisor, type ReadyThread } from './supervisor.ts';
import type { Page, Resolution } from './export-page.ts';

export { HistoryError } from './thread-link.ts';
export type { Resolution } from './export-page.ts';
export type { Keep } from './retention.ts';

/** The history's name in the data folder. */
export const HISTORY_FILE = 'history.db';

/** How often samples go to the thread, in ms: what a crash of the hub can lose. */
const HAND_OVER_MS = 800;

/** Samples that may wait for a disk that cannot take them; those that come then are dropped. */
const MOST_WAITING = 1_000_000;

export interface HistoryOptions {
  /** Unix time in ms. */
  readonly clock?: () => number;
  /** The module that the thread runs. */
  readonly thread?: URL;
}

export interface HistoryQuery {
  readonly device: string;
  /** All that there are where it is left out. */
  readonly pids?: readonly number[] | undefined;
  /** Unix time in ms; `to` is not within. */
  readonly from: number;
  readonly to: number;
  /** Most buckets wanted of each series. */
  readonly points: number;
}

/** Lists of one length, oldest first; values are as they were recorded. */
export interface SeriesHistory {
  readonly pid: number;
  /** Begin of each bucket, Unix time in ms. */
  readonly t: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly mean: Float64Array;
  readonly last: Float64Array;
}

export interface HistoryExport {
  readonly devices: readonly string[];
  /** Whether a property is wanted. */
  readonly wanted: (device: string, pid: number) => boolean;
  readonly from: number;
  readonly to: number;
  readonly resolution: Resolution;
}

/** A page of one series: its samples, or its buckets. */
export interface ExportedPage {
  readonly device: string;
  readonly pid: number;
  readonly samples?: Samples;
  readonly buckets?: Buckets;
}

export interface HistoryState {
  /** Samples on the disk one by one. */
  readonly samples: number;
  /** Length of the file. */
  readonly bytes: number;
  /** Samples that could not be kept since the start. */
  readonly dropped: number;
  /** Share of its time, from 0 to 1, that the thread is busy. */
  readonly load: number;
  /** Why nothing can be stored right now. */
  readonly problem: string | undefined;
}

/**
 * Telemetry history: what devices report, kept in a file by a thread of its own. Nothing that happens to the file or
 * to the thread stops the hub: samples are dropped then, counted, and spoken of in the log.
 */
export class History {
  readonly #log: Log;
  readonly #clock: () => number;
  readonly #supervisor: Supervisor;
  readonly #recorder = new Recorder((buffer, length) => this.#send(buffer, length));
  #timer: NodeJS.Timeout | undefined;
  /** Samples that were never sent to the thread. */
  #refused = 0;
  #droppedTold = 0;
  #closing: Promise<void> | undefined;

  private constructor(file: string, keep: Keep, log: Log, options: HistoryOptions) {
    this.#log = log;
    this.#clock = options.clock ?? Date.now;
    this.#supervisor = new Supervisor(
      options.thread ?? new URL('./thread.ts', import.meta.url),
      { file, keep },
      log,
      () => (this.#refused += this.#recorder.discard()),
      (buffer) => this.#recorder.recycle(buffer),
    );
  }

  /** Resolves when the file can be used, or when it is known that it cannot: it is tried again from then on. */
  static async open(file: string, keep: Keep, log: Log, options: HistoryOptions = {}): Promise<History> {
    const history = new History(file, keep, log, options);
    await history.#supervisor.start();
    history.#timer = setInterval(() => history.#tick(), HAND_OVER_MS);
    return history;
  }

  /**
   * Takes a sample; cheap. Times may come in any order; of several samples of one millisecond the last one stays.
   *
   * @param t Unix time in ms
   */
  record(device: string, pid: number, t: number, value: number | boolean): void {
    const number = Number(value);
    const series =
      this.#supervisor.waiting < MOST_WAITING
        ? this.#supervisor.ready?.catalogue.series(device, pid)
        : undefined;
    if (series === undefined || !Number.isFinite(number) || !(t >= 0 && t < TIME_LIMIT)) {
      this.#refused += 1;
      return;
    }
    this.#recorder.add(series, Math.trunc(t), number);
  }

  /**
   * Minimum, maximum, mean and last value of each bucket that has samples, those included that came just now. The
   * buckets are as fine as `points` and what is kept allow; the first and the last are whole.
   *
   * @returns also the width of a bucket, in ms
   * @throws HistoryError where the file cannot be read right now
   */
  async query(query: HistoryQuery): Promise<{ bucket: number; series: SeriesHistory[] }> {
    const { device, pids } = query;
    const from = bounded(query.from);
    const to = Math.max(from + 1, bounded(query.to));
    const { link, catalogue } = this.#handOver();
    const wanted = catalogue.seriesOf(device).filter(([pid]) => pids?.includes(pid) ?? true);
    const { grid, buckets } = await link.ask({
      kind: 'query',
      series: wanted.map(([, series]) => series),
      from,
      to,
      points: query.points,
      now: this.#clock(),
    });
    const series = buckets.map(({ t, min, max, sum, count, last }, index) => ({
      pid: wanted[index]?.[0] as number,
      t,
      min,
      max,
      mean: sum.map((value, at) => value / (count[at] as number)),
      last,
    }));
    return { bucket: grid.width, series: series.filter(({ t }) => t.length > 0) };
  }

  /**
   * Everything of a range by device, property and time, a page at a time: the next is read when it is asked for.
   *
   * @throws HistoryError where the file cannot be read right now
   */
  async *export({ devices, wanted, from, to, resolution }: HistoryExport): AsyncGenerator<ExportedPage> {
    for (const device of devices) {
      for (const [pid, series] of this.#supervisor.use.catalogue.seriesOf(device)) {
        if (!wanted(device, pid)) continue;
        for (let next: number | undefined = bounded(from); next !== undefined;) {
          const { link } = this.#handOver();
          const page: Page = await link.ask({
            kind: 'page',
            series,
            from: next,
            to: bounded(to),
            resolution,
          });
          next = page.next;
          const { samples, buckets } = page;
          if (samples) yield { device, pid, samples };
          if (buckets) yield { device, pid, buckets };
        }
      }
    }
  }

  /** Devices that have a history. */
  devices(): string[] {
    return this.#supervisor.ready?.catalogue.devices() ?? [];
  }

  /** Removes all that is kept of a device. @throws HistoryError where that cannot be done right now */
  async removeDevice(device: string): Promise<void> {
    const { link, catalogue } = this.#handOver();
    const series = catalogue.seriesOf(device).map(([, number]) => number);
    catalogue.remove(device);
    if (series.length > 0) await link.ask({ kind: 'remove', series });
  }

  /** Resolves when what was recorded is on the disk. @throws HistoryError where it cannot be stored */
  async flush(): Promise<void> {
    await this.#handOver().link.ask({ kind: 'flush' });
  }

  /** The same, and what has become old has been rolled up or removed: what otherwise happens bit by bit. */
  async settle(): Promise<void> {
    await this.#handOver().link.ask({ kind: 'settle', now: this.#clock() });
  }

  state(): HistoryState {
    const { state, problem, lost } = this.#supervisor;
    const { samples = 0, bytes = 0, load = 0 } = state ?? {};
    return { samples, bytes, load, dropped: this.#refused + lost, problem };
  }

  /** Stores what was recorded and closes the file. Safe to call twice. */
  async close(): Promise<void> {
    await (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer);
    if (this.#supervisor.ready) {
      await this.flush().catch((error: unknown) =>
        this.#log.error('the last samples of telemetry could not be stored', error),
      );
    }
    await this.#supervisor.close();
  }

  /** The thread, once it has all that was recorded so far. */
  #handOver(): ReadyThread {
    this.#recorder.handOver();
    return this.#supervisor.use;
  }

  #send(buffer: ArrayBuffer, length: number): void {
    const { ready } = this.#supervisor;
    if (ready) this.#supervisor.send(ready, buffer, length);
    else this.#refused += length;
  }

  #tick(): void {
    this.#recorder.handOver();
    this.#supervisor.ready?.link.post({ kind: 'tick', now: this.#clock() });
    const { dropped } = this.state();
    if (dropped <= this.#droppedTold) return;
    const more = dropped - this.#droppedTold;
    this.#log.warnLimited('history dropped', `${more} samples of telemetry were dropped, ${dropped} in all`);
    this.#droppedTold = dropped;
  }
}

const bounded = (time: number): number => Math.min(Math.max(0, Math.floor(time)), TIME_LIMIT - 1);
