import type { Log } from '../log/log.ts';
import { Catalogue } from './catalogue.ts';
import type { NamedSeries } from './keeper.ts';
import { HistoryError, ThreadLink } from './thread-link.ts';
import type { ThreadData, ThreadState } from './thread-messages.ts';

/** How soon a thread that ended is started again, in ms: doubled each time up to the longest. */
const RESTART_MS = 1_000;
const RESTART_LONGEST_MS = 60_000;

/** A thread that has its file, and the numbers of the series in it. */
export interface ReadyThread {
  readonly link: ThreadLink;
  readonly catalogue: Catalogue;
  /** Which file of this thread the numbers belong to. */
  readonly generation: number;
}

/** Starts the thread again when it ends, counts what is lost with it, and says so in the log. */
export class Supervisor {
  readonly #module: URL;
  readonly #data: ThreadData;
  readonly #log: Log;
  /** Called when numbers of series lost their meaning. */
  readonly #renumbered: () => void;
  readonly #returned: (buffer: ArrayBuffer) => void;
  #link: ThreadLink | undefined;
  #ready: ReadyThread | undefined;
  #state: ThreadState | undefined;
  #problem: string | undefined;
  #sent = 0;
  #lostBefore = 0;
  #restart: NodeJS.Timeout | undefined;
  #restartIn = RESTART_MS;

  constructor(
    module: URL,
    data: ThreadData,
    log: Log,
    renumbered: () => void,
    returned: (buffer: ArrayBuffer) => void,
  ) {
    this.#module = module;
    this.#data = data;
    this.#log = log;
    this.#renumbered = renumbered;
    this.#returned = returned;
  }

  /** Undefined while there is none. */
  get ready(): ReadyThread | undefined {
    return this.#ready;
  }

  /** @throws HistoryError while there is no thread with a file */
  get use(): ReadyThread {
    if (this.#ready) return this.#ready;
    throw new HistoryError(`the history cannot be used right now: ${this.#problem ?? 'it is not open'}`);
  }

  get state(): ThreadState | undefined {
    return this.#state;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** Samples that were sent and are not on the disk. */
  get waiting(): number {
    return this.#sent - (this.#state?.taken ?? 0);
  }

  /** Samples that were sent and are lost. */
  get lost(): number {
    return this.#lostBefore + (this.#state?.lost ?? 0);
  }

  /** Resolves when the thread has its file, or has ended because it cannot have it. */
  start(): Promise<void> {
    return new Promise((resolve) => {
      const link = new ThreadLink(this.#module, this.#data, {
        opened: (generation, series, moved) => {
          this.#opened(link, generation, series, moved);
          resolve();
        },
        state: (state) => this.#heard(state),
        returned: this.#returned,
        gone: (reason) => {
          this.#gone(reason);
          resolve();
        },
      });
      this.#link = link;
    });
  }

  send(thread: ReadyThread, buffer: ArrayBuffer, length: number): void {
    const { link, catalogue, generation } = thread;
    this.#sent += length;
    link.post({ kind: 'batch', generation, series: catalogue.takeBegun(), buffer, length }, [buffer]);
  }

  /** Ends the thread, which closes its file; what it has not stored is lost. */
  async close(): Promise<void> {
    clearTimeout(this.#restart);
    this.#ready = undefined;
    await this.#link?.close();
    this.#lose();
  }

  #opened(
    link: ThreadLink,
    generation: number,
    series: readonly NamedSeries[],
    moved: { readonly to: string; readonly reason: string } | undefined,
  ): void {
    if (moved) {
      this.#log.error(
        `the telemetry history ${this.#data.file} is damaged (${moved.reason}): it is now ${moved.to}, and a new one has begun`,
      );
    }
    this.#renumbered();
    this.#ready = { link, catalogue: new Catalogue(series), generation };
    this.#say(undefined);
  }

  #heard(state: ThreadState): void {
    this.#state = state;
    this.#restartIn = RESTART_MS;
    this.#say(state.problem);
  }

  #say(problem: string | undefined): void {
    if (problem === this.#problem) return;
    this.#problem = problem;
    const { file } = this.#data;
    if (problem === undefined) this.#log.info(`telemetry history is stored again in ${file}`);
    else
      this.#log.error(`telemetry history cannot be stored in ${file} (${problem}): samples wait in memory`);
  }

  #gone(reason: string): void {
    this.#lose();
    this.#link = undefined;
    this.#ready = undefined;
    this.#problem = reason;
    this.#renumbered();
    this.#log.error(
      `the telemetry history ${this.#data.file} has stopped (${reason}): it is started again in ${this.#restartIn / 1_000} s, and samples are dropped until then`,
    );
    this.#restart = setTimeout(() => void this.start(), this.#restartIn);
    this.#restartIn = Math.min(this.#restartIn * 2, RESTART_LONGEST_MS);
  }

  #lose(): void {
    this.#lostBefore = this.lost + this.waiting;
    this.#sent = 0;
    this.#state = undefined;
  }
}
