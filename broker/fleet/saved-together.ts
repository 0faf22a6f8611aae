import type { Log } from '../log/log.ts';

/** What comes in is saved together, this often, in ms; */
const SAVE_INTERVAL = 1_000;
/** and at once where so much waits: what comes in a flood does not pile up. */
const MUCH = 1_000;
/** How much waits at most while the store fails; then the oldest goes. */
const MOST_WAITING = 10_000;

/** Entries that are added one by one and saved together, in their order. While the store works, none is lost. */
export class SavedTogether<T> {
  readonly #what: string;
  readonly #save: (entries: readonly T[]) => Promise<void>;
  readonly #log: Log;
  readonly #wake: () => void;
  readonly #lossOf: ((count: number, now: number) => T) | undefined;
  #waiting: T[] = [];
  #savedAt = 0;
  #saving: Promise<void> | undefined;
  /** How many have been dropped since it was last told. */
  #dropped = 0;
  #failing = false;

  /**
   * @param what the entries are, in words for the log
   * @param lossOf an entry that tells how many were dropped
   */
  constructor(
    what: string,
    save: (entries: readonly T[]) => Promise<void>,
    { log, wake }: { readonly log: Log; wake(): void },
    lossOf?: (count: number, now: number) => T,
  ) {
    this.#what = what;
    this.#save = save;
    this.#log = log;
    this.#wake = wake;
    this.#lossOf = lossOf;
  }

  /** Whether the store failed when it was last asked. */
  get failing(): boolean {
    return this.#failing;
  }

  add(entry: T): void {
    this.#waiting.push(entry);
    if (this.#failing) this.#bound();
    this.#wake();
  }

  /** The hub's clock was set by so many ms. */
  clockJumped(by: number): void {
    this.#savedAt += by;
  }

  dueAt(): number | undefined {
    if (this.#waiting.length === 0 || this.#saving) return undefined;
    return this.#waiting.length >= MUCH && !this.#failing ? 0 : this.#savedAt + SAVE_INTERVAL;
  }

  /** Saves what waits, where that is due. */
  run(now: number): void {
    if (now >= (this.dueAt() ?? Infinity)) this.#saving = this.#saveAll(now);
  }

  /** Waits for what is under way, and saves what is left, once. */
  async settle(now: number): Promise<void> {
    await this.#saving;
    if (this.#waiting.length > 0) await this.#saveAll(now);
  }

  async #saveAll(now: number): Promise<void> {
    const entries = this.#waiting;
    const dropped = this.#dropped;
    this.#waiting = [];
    this.#savedAt = now;
    try {
      const loss = dropped > 0 ? this.#lossOf?.(dropped, now) : undefined;
      await this.#save(loss ? [loss, ...entries] : entries);
      this.#failing = false;
      this.#dropped -= dropped;
      if (dropped > 0) this.#log.warn(`${this.#what}: ${dropped} entries were lost while the store failed`);
    } catch (error) {
      this.#failing = true;
      this.#waiting = [...entries, ...this.#waiting];
      this.#bound();
      const lost = this.#dropped > 0 ? `, and ${this.#dropped} of the oldest were dropped` : '';
      this.#log.warnLimited(
        this.#what,
        `${this.#what} could not be stored: ${this.#waiting.length} entries wait${lost}; ${String(error)}`,
      );
    } finally {
      this.#saving = undefined;
      this.#wake();
    }
  }

  #bound(): void {
    const excess = this.#waiting.length - MOST_WAITING;
    if (excess <= 0) return;
    this.#waiting.splice(0, excess);
    this.#dropped += excess;
  }
}
