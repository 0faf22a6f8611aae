import type { Log } from '../../log/log.ts';
import type { KeptChanges, KeptSessionStore } from '../../store/kept-sessions.ts';
import { Journal } from './journal.ts';

/** How long after a failure the store is tried again, in ms. */
const TRY_AGAIN_AFTER = 1_000;

interface Waiting {
  stored(): void;
  failed(error: unknown): void;
}

/** What is written at once, and what is done then. */
interface Batch {
  readonly changes: KeptChanges | undefined;
  readonly waiting: readonly Waiting[];
  readonly then: readonly (() => void)[];
}

/**
 * Brings to the disk what is in the journal, one batch after the other: while one is on its way, what happens gathers
 * for the next. One that failed is tried again as it was, before any that came after it.
 */
export class JournalWriter {
  readonly journal: Journal;
  readonly #store: Pick<KeptSessionStore, 'saveKept'>;
  readonly #log: Log;
  #waiting: Waiting[] = [];
  #then: (() => void)[] = [];
  #failed: Batch | undefined;
  #gathering = 1;
  #isWriting = false;
  #isClosed = false;
  #under: Promise<void> | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Pick<KeptSessionStore, 'saveKept'>, log: Log) {
    this.#store = store;
    this.#log = log;
    this.journal = new Journal(() => this.#wake());
  }

  /** Whether the store failed when it was last asked. */
  get failing(): boolean {
    return this.#failed !== undefined;
  }

  /** The number of the batch with which what happens now comes to the disk, or a later one where nothing does. */
  get gathering(): number {
    return this.#gathering;
  }

  /**
   * Resolves when all that has happened so far is on the disk. Rejects with a StoreError where the store fails; what
   * happened is stored later then, once it works.
   */
  stored(): Promise<void> {
    return new Promise((stored, failed) => {
      this.#waiting.push({ stored, failed });
      this.#wake();
    });
  }

  /** Does something when all that has happened so far is on the disk, however often the store fails before. */
  onceStored(then: () => void): void {
    this.#then.push(then);
    this.#wake();
  }

  /** Writes what is left, as far as the store can. What happens afterwards is of no concern. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearImmediate(this.#immediate);
    await this.#under;
    clearTimeout(this.#timer);
    await this.#write();
    clearTimeout(this.#timer);
  }

  /** What happens in one turn of the event loop is written together. */
  #wake(): void {
    if (this.#isWriting || this.#isClosed || this.failing) return;
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined;
      this.#under = this.#write();
    });
  }

  async #write(): Promise<void> {
    this.#isWriting = true;
    for (let batch = this.#failed ?? this.#next(); batch; batch = this.#next()) {
      try {
        if (batch.changes) await this.#store.saveKept(batch.changes);
      } catch (error) {
        this.#fails(batch, error);
        break;
      }
      this.#succeeds(batch);
    }
    this.#isWriting = false;
  }

  #next(): Batch | undefined {
    const changes = this.journal.take();
    const [waiting, then] = [this.#waiting, this.#then];
    if (!changes && waiting.length === 0 && then.length === 0) return undefined;
    [this.#waiting, this.#then] = [[], []];
    this.#gathering += 1;
    return { changes, waiting, then };
  }

  #succeeds({ waiting, then }: Batch): void {
    if (this.failing) this.#log.info('sessions that are kept can be stored again');
    this.#failed = undefined;
    for (const { stored } of waiting) stored();
    for (const each of then) each();
  }

  /** Nobody waits for a store that fails: what was to be acknowledged is not, and who sent it is told why. */
  #fails({ changes, waiting, then }: Batch, error: unknown): void {
    const all = [...waiting, ...this.#waiting];
    this.#waiting = [];
    this.#failed = { changes, waiting: [], then };
    this.#log.warnLimited(
      'kept-sessions',
      `sessions that are kept could not be stored: ${(error as Error).message}; nothing that is for them is ` +
        'acknowledged until they can be',
    );
    this.#timer = setTimeout(() => (this.#under = this.#write()), TRY_AGAIN_AFTER);
    for (const { failed } of all) failed(error);
  }
}
