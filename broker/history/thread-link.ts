import { Worker } from 'node:worker_threads';
import type { NamedSeries } from './keeper.ts';
import type { Answers, FromThread, Question, ThreadData, ThreadState, ToThread } from './thread-messages.ts';

/** Why the history cannot answer. */
export class HistoryError extends Error {
  override readonly name = 'HistoryError';
}

export interface ThreadListener {
  opened(
    generation: number,
    series: readonly NamedSeries[],
    moved: { readonly to: string; readonly reason: string } | undefined,
  ): void;
  state(state: ThreadState): void;
  returned(buffer: ArrayBuffer): void;
  /** The thread has ended without being asked to. */
  gone(reason: string): void;
}

interface Asked {
  readonly resolve: (value: never) => void;
  readonly reject: (error: HistoryError) => void;
}

/** The hub's end of a history thread. */
export class ThreadLink {
  readonly #worker: Worker;
  readonly #listener: ThreadListener;
  readonly #asked = new Map<number, Asked>();
  readonly #exited: Promise<void>;
  #lastId = 0;
  #reason = 'it ended by itself';
  #closing = false;

  constructor(module: URL, data: ThreadData, listener: ThreadListener) {
    this.#listener = listener;
    this.#worker = new Worker(module, { workerData: data, name: 'history' });
    this.#worker.on('message', (message: FromThread) => this.#heard(message));
    this.#worker.on('error', (error) => {
      this.#reason = error instanceof Error ? error.message : String(error);
    });
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#ended();
        resolve();
      });
    });
  }

  post(message: ToThread, transfer: ArrayBuffer[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** @throws HistoryError where the thread cannot do it, or ends before */
  ask<K extends Question['kind']>(question: Extract<Question, { kind: K }>): Promise<Answers[K]> {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise<Answers[K]>((resolve, reject) => {
      this.#asked.set(id, { resolve: resolve as Asked['resolve'], reject });
      this.post({ kind: 'ask', id, question });
    });
  }

  /** Resolves when the thread has closed its file and ended. */
  async close(): Promise<void> {
    this.#closing = true;
    // Where the thread is gone already there is nothing to close.
    await this.ask({ kind: 'close' }).catch(() => undefined);
    await this.#exited;
  }

  #heard(message: FromThread): void {
    switch (message.kind) {
      case 'opened':
        return this.#listener.opened(message.generation, message.series, message.moved);
      case 'buffer':
        return this.#listener.returned(message.buffer);
      case 'state':
        return this.#listener.state(message.state);
      case 'answer':
        this.#asked.get(message.id)?.resolve(message.value as never);
        this.#asked.delete(message.id);
        return;
      case 'refused':
        this.#asked.get(message.id)?.reject(new HistoryError(message.reason));
        this.#asked.delete(message.id);
    }
  }

  #ended(): void {
    for (const { reject } of this.#asked.values()) reject(new HistoryError(this.#reason));
    this.#asked.clear();
    if (!this.#closing) this.#listener.gone(this.#reason);
  }
}
