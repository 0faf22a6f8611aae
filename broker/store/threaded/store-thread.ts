import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { StartError } from '../../config/start-error.ts';
import type { Operation } from '../calls.ts';
import { StoreError } from '../store-error.ts';
import { CLOSE, type Opening, type Outcome, type Request, type ThreadData } from './messages.ts';

interface Waiting {
  resolve(value: unknown): void;
  reject(error: StoreError): void;
}

/** One life of the store's thread, as seen from the thread of the hub. */
export class StoreThread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  readonly #ended: Promise<unknown>;
  #calls = 0;
  #cause = 'it ended by itself';
  #isOver = false;

  /**
   * Starts the thread and has it open the file.
   * @param onEnd hears why, when it ends other than by `close`
   * @throws StartError where the file is not a store of this version, or cannot be used
   */
  static async start(file: string, onEnd: (cause: string) => void): Promise<StoreThread> {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      name: 'store',
      workerData: { file } satisfies ThreadData,
      // Where Node watches the hub's files, the thread would name what it imports among its answers.
      env: { ...process.env, WATCH_REPORT_DEPENDENCIES: '' },
    });
    const [opening] = (await once(worker, 'message')) as [Opening];
    if (!opening.opened) throw new StartError(opening.problem, opening.remedy);
    return new StoreThread(worker, onEnd);
  }

  private constructor(worker: Worker, onEnd: (cause: string) => void) {
    this.#worker = worker;
    worker.on('message', (outcomes: readonly Outcome[]) => {
      for (const outcome of outcomes) this.#settle(outcome);
    });
    worker.on('error', (error) => (this.#cause = error instanceof Error ? error.message : String(error)));
    this.#ended = once(worker, 'exit').then(([code]) => {
      this.#isOver = true;
      if (code !== 0) onEnd(this.#cause);
      this.#giveUp();
    });
  }

  /** Asks at once: calls are done in the order in which this is called. */
  ask(operation: Operation, args: readonly unknown[]): Promise<unknown> {
    if (this.#isOver) return Promise.reject(this.#gone());
    return new Promise((resolve, reject) => {
      const number = this.#calls++;
      this.#worker.postMessage({ number, operation, args } satisfies Request);
      this.#waiting.set(number, { resolve, reject });
    });
  }

  /** Ends it once all that was asked is done. */
  async close(): Promise<void> {
    this.#worker.postMessage(CLOSE satisfies Request);
    await this.#ended;
  }

  #settle(outcome: Outcome): void {
    const waiting = this.#waiting.get(outcome.number);
    this.#waiting.delete(outcome.number);
    if ('fault' in outcome) waiting?.reject(new StoreError(outcome.fault, outcome.problem));
    else waiting?.resolve(outcome.value);
  }

  #giveUp(): void {
    for (const { reject } of this.#waiting.values()) reject(this.#gone());
    this.#waiting.clear();
  }

  #gone(): StoreError {
    return new StoreError('gone', `the thread of the store is gone (${this.#cause})`);
  }
}
