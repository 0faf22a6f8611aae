import { CalledStore, type Answer, type Asked, type Operation } from '../calls.ts';
import { StoreError } from '../store-error.ts';
import { StoreThread } from './store-thread.ts';

/**
 * The store in one SQLite file, on a thread of its own: writes that come while the disk is busy share its next commit.
 * A thread that ended is started again by the next call.
 */
export class ThreadedStore extends CalledStore {
  readonly #file: string;
  readonly #onGone: (cause: string) => void;
  /** Every call waits for the same promise, which keeps their order. */
  #thread: Promise<StoreThread> | undefined;
  #closed = false;

  /**
   * Opens or creates the file.
   * @param onGone hears why, where the thread ended by itself
   * @throws StartError where the file is not a store of this version, or cannot be used
   */
  static async open(file: string, onGone: (cause: string) => void): Promise<ThreadedStore> {
    const store = new ThreadedStore(file, onGone);
    await (store.#thread = store.#start());
    return store;
  }

  private constructor(file: string, onGone: (cause: string) => void) {
    super();
    this.#file = file;
    this.#onGone = onGone;
  }

  /** Ends the thread once all that was asked is done. Safe to call twice. */
  async close(): Promise<void> {
    this.#closed = true;
    const thread = await this.#thread?.catch(() => undefined);
    this.#thread = undefined;
    await thread?.close();
  }

  protected override async call<K extends Operation>(operation: K, ...args: Asked<K>): Promise<Answer<K>> {
    const thread = await (this.#thread ??= this.#startAgain());
    return (await thread.ask(operation, args)) as Answer<K>;
  }

  async #startAgain(): Promise<StoreThread> {
    try {
      if (this.#closed) throw new StoreError('gone', 'the store is closed');
      return await this.#start();
    } catch (error) {
      this.#thread = undefined;
      if (error instanceof StoreError) throw error;
      throw new StoreError('gone', `the store cannot be opened again (${(error as Error).message})`);
    }
  }

  #start(): Promise<StoreThread> {
    return StoreThread.start(this.#file, (cause) => {
      this.#thread = undefined;
      this.#onGone(cause);
    });
  }
}
