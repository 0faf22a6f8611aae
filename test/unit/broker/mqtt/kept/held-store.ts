import type { KeptChanges, KeptSessionStore } from '#broker/store/kept-sessions.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { StoreError } from '#broker/store/store-error.ts';

interface Asked {
  readonly changes: KeptChanges;
  resolve(): void;
  reject(error: unknown): void;
}

/** A store in memory that stores what it was asked to when it is told to, or fails. */
export class HeldStore implements KeptSessionStore {
  /** What is on the disk. */
  readonly disk: SqliteStore;
  /** What it was asked to store, and has not answered yet. */
  readonly asked: Asked[] = [];

  /** @param disk what is there already */
  constructor(disk = new SqliteStore(':memory:')) {
    this.disk = disk;
  }

  keptSessions = () => this.disk.keptSessions();
  keptDeliveries = (...args: Parameters<KeptSessionStore['keptDeliveries']>) =>
    this.disk.keptDeliveries(...args);

  removeKept = () => this.disk.removeKept();

  saveKept(changes: KeptChanges): Promise<void> {
    return new Promise((resolve, reject) => this.asked.push({ changes, resolve, reject }));
  }

  /** Stores the next of what it was asked to, if there is any. */
  async commit(): Promise<void> {
    const next = this.asked.shift();
    if (!next) return;
    await this.disk.saveKept(next.changes);
    next.resolve();
  }

  /** Stores it, and tells nobody. */
  async commitUntold(): Promise<void> {
    const [next] = this.asked;
    if (next) await this.disk.saveKept(next.changes);
  }

  fail(): void {
    this.asked.shift()?.reject(new StoreError('full', 'the disk that holds the store is full'));
  }
}

/** Lets the event loop turn, so that whoever writes at the end of a turn has. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
