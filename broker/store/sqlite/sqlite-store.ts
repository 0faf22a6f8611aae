import { CalledStore, isWrite, type Answer, type Asked, type Operation } from '../calls.ts';
import { Database } from './database.ts';
import { MIGRATIONS } from './migrations.ts';
import { operations, type InSync } from './operations.ts';
import { storeError } from './sqlite-fault.ts';
import type { Operations } from '../calls.ts';

/** The store's name in the data folder. */
export const STORE_FILE = 'switchyard.db';

/** The store in one SQLite file, on the thread of its caller. Every write is a transaction. */
export class SqliteStore extends CalledStore {
  readonly #db: Database;
  readonly #operations: InSync<Operations>;

  /**
   * Opens or creates the file, or a store in memory where it is `:memory:`.
   * @throws StartError where the file is not a store of this version, or cannot be used
   */
  constructor(file: string) {
    super();
    this.#db = new Database(file, MIGRATIONS);
    this.#operations = operations(this.#db);
  }

  async close(): Promise<void> {
    this.#db.close();
  }

  protected override async call<K extends Operation>(operation: K, ...args: Asked<K>): Promise<Answer<K>> {
    const perform = this.#operations[operation] as (...args: Asked<K>) => Answer<K>;
    try {
      return isWrite(operation) ? this.#db.together(() => perform(...args)) : perform(...args);
    } catch (error) {
      throw storeError(error);
    }
  }
}
