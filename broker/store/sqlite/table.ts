import type { SQLInputValue } from 'node:sqlite';
import type { Database } from './database.ts';

/** Every column of a table is a field of its record, of the same name. */
export type Columns<T> = Readonly<Record<keyof T & string, true>>;

/** A table whose rows are saved whole: a row with a key that is there takes the new values. */
export class Table<T extends object> {
  readonly #db: Database;
  readonly #columns: readonly (keyof T & string)[];
  readonly #insert: string;
  readonly #update: string;

  /** What is selected where a record is wanted. */
  readonly columns: string;

  /**
   * @param key the columns of its primary key
   * @param fixed others that never change, so that their indices need not be written again
   */
  constructor(
    db: Database,
    name: string,
    columns: Columns<T>,
    key: readonly (keyof T & string)[],
    fixed: readonly (keyof T & string)[] = [],
  ) {
    this.#db = db;
    this.#columns = Object.keys(columns) as (keyof T & string)[];
    this.columns = this.#columns.join(', ');
    const marks = this.#columns.map(() => '?').join(', ');
    this.#insert = `INSERT INTO ${name} (${this.columns}) SELECT ${marks} WHERE`;
    const changing = this.#columns.filter((column) => !key.includes(column) && !fixed.includes(column));
    const changes = changing.map((column) => `${column} = excluded.${column}`).join(', ');
    this.#update = key.length > 0 ? `ON CONFLICT (${key.join(', ')}) DO UPDATE SET ${changes}` : '';
  }

  save(record: T): void {
    this.#db.run(`${this.#insert} true ${this.#update}`, ...this.#values(record));
  }

  /** Leaves out what belongs to a row of another table that was removed meanwhile. */
  saveWhere(owners: 'device' | 'schedule', owner: string, record: T): void {
    const condition = `EXISTS (SELECT 1 FROM ${owners} WHERE id = ?)`;
    this.#db.run(`${this.#insert} ${condition} ${this.#update}`, ...this.#values(record), owner);
  }

  /** @returns false where the key is taken */
  create(record: T, key: keyof T & string): boolean {
    const sql = `${this.#insert} true ON CONFLICT (${key}) DO NOTHING`;
    return this.#db.run(sql, ...this.#values(record)) > 0;
  }

  #values(record: T): SQLInputValue[] {
    return this.#columns.map((column) => record[column] as SQLInputValue);
  }
}
