import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { StartError } from '../../config/start-error.ts';
import { storeError } from './sqlite-fault.ts';

/** How long a statement waits while another process writes, in ms. */
const BUSY_TIMEOUT = 5_000;

/** To how much the write-ahead log is cut back once its content is in the file, in bytes. */
const LOG_KEPT = 64 * 2 ** 20;

/** Pages kept in memory, in KiB: what millions of commands' indices are changed in. */
const CACHE = 16_384;

/** One SQLite file with a write-ahead log, its statements prepared once. */
export class Database {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * Opens or creates the file and takes the steps of its schema that are missing.
   * @throws StartError where the file is not a store of this version, or cannot be used
   */
  constructor(file: string, migrations: readonly string[]) {
    let db: DatabaseSync | undefined;
    try {
      this.#db = db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT });
      // FULL: a commit is on the disk when it returns, even where the power goes (https://sqlite.org/pragma.html).
      db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;
        PRAGMA journal_size_limit = ${LOG_KEPT}; PRAGMA cache_size = -${CACHE}`);
      this.#migrate(file, migrations);
    } catch (error) {
      db?.close();
      if (error instanceof StartError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      const { kind, remedy } = storeError(error);
      throw new StartError(
        `cannot use the store ${file} (${reason})`,
        kind === 'full' || kind === 'readonly' || kind === 'busy'
          ? remedy
          : 'restore it from a backup, or move it away to start with an empty one; it was left as it is',
      );
    }
  }

  /** Runs one statement. @returns how many rows it changed */
  run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  one<T>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return this.#prepare(sql).get(...values) as T | undefined;
  }

  all<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#prepare(sql).all(...values) as T[];
  }

  /** Does all of the work or, where it throws, nothing of it: a transaction, or a savepoint within one. */
  together<T>(work: () => T): T {
    const nested = this.#db.isTransaction;
    this.#db.exec(nested ? 'SAVEPOINT inner' : 'BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#db.exec(nested ? 'RELEASE inner' : 'COMMIT');
      return result;
    } catch (error) {
      // A full disk ends the whole transaction by itself (https://sqlite.org/lang_transaction.html, section 3).
      if (this.#db.isTransaction) this.#db.exec(nested ? 'ROLLBACK TO inner; RELEASE inner' : 'ROLLBACK');
      throw error;
    }
  }

  get inTransaction(): boolean {
    return this.#db.isTransaction;
  }

  /** Safe to call twice. */
  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #migrate(file: string, migrations: readonly string[]): void {
    const { user_version: version } = this.#db.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version > migrations.length) {
      throw new StartError(
        `the store ${file} was written by a newer version of Switchyard`,
        'start that version, or name another data folder with --data',
      );
    }
    migrations.slice(version).forEach((step, done) => {
      this.together(() => this.#db.exec(`${step}; PRAGMA user_version = ${version + done + 1};`));
    });
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}
