import type { CommandRecord } from '#broker/store/commands.ts';
import { CalledStore, type Answer, type Asked, type Operation } from '#broker/store/calls.ts';
import { StoreError } from '#broker/store/store-error.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';

type Held = { readonly perform: () => Promise<unknown>; readonly answer: () => void };

/** A real store in memory, which can be told to fail, to keep its callers waiting, or to be gone in mid-sentence. */
export class BenchStore extends CalledStore {
  /** What was asked of it and done, in order. */
  readonly done: Operation[] = [];
  /** Says which calls fail. */
  fails: (operation: Operation, args: readonly unknown[]) => boolean = () => false;
  /** Says which calls are done and never answered: the store is gone by then. */
  losesAnswer: (operation: Operation) => boolean = () => false;
  readonly #disk: SqliteStore;
  readonly #commands: Map<string, CommandRecord>;
  #held: Held[] | undefined;
  #killed = false;

  constructor(disk = new SqliteStore(':memory:'), commands = new Map<string, CommandRecord>()) {
    super();
    this.#disk = disk;
    this.#commands = commands;
  }

  /** What is stored of a command now. */
  stored(device: string, id: string): CommandRecord | undefined {
    return this.#commands.get(`${device}/${id}`);
  }

  /** All commands that are stored. */
  all(): CommandRecord[] {
    return [...this.#commands.values()];
  }

  /** Every call fails from now on, or only those of the operations that are named. */
  breakDown(...operations: readonly Operation[]): void {
    this.fails = (operation) => operations.length === 0 || operations.includes(operation);
  }

  mend(): void {
    this.fails = () => false;
  }

  /** Lets callers wait from now on. */
  hold(): void {
    this.#held ??= [];
  }

  /** Does what callers wait for, in order, and lets nobody wait any more. */
  letGo(): void {
    const held = this.#held?.splice(0) ?? [];
    this.#held = undefined;
    for (const { answer } of held) answer();
  }

  /** The process of the hub ends: of the calls that wait, the first few are still done, and nobody is answered. */
  async kill(stillDone = 0): Promise<BenchStore> {
    this.#killed = true;
    for (const { perform } of this.#held?.slice(0, stillDone) ?? []) await perform().catch(() => undefined);
    return new BenchStore(this.#disk, this.#commands);
  }

  async close(): Promise<void> {
    await this.#disk.close();
  }

  protected override async call<K extends Operation>(operation: K, ...args: Asked<K>): Promise<Answer<K>> {
    if (this.#killed) return new Promise(() => undefined);
    const perform = () => this.#perform(operation, args);
    const held = this.#held;
    if (held) await new Promise<void>((answer) => held.push({ perform, answer }));
    return perform();
  }

  async #perform<K extends Operation>(operation: K, args: Asked<K>): Promise<Answer<K>> {
    if (this.fails(operation, args)) throw new StoreError('full', 'database or disk is full');
    const perform = this.#disk[operation] as (...args: Asked<K>) => Promise<Answer<K>>;
    const answer = await perform(...args);
    this.done.push(operation);
    if (operation === 'saveProgress') {
      const [{ commands }] = args as Asked<'saveProgress'>;
      for (const command of commands) this.#commands.set(`${command.device}/${command.id}`, command);
    }
    if (this.losesAnswer(operation)) throw new StoreError('gone', 'the thread of the store has ended');
    return answer;
  }
}
