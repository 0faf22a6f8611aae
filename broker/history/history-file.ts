import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { SCHEMA } from './schema.ts';

/** A table of rows by series and begin. */
export type Table = 'chunk' | 'minute' | 'hour';

export interface Row {
  /** Begin of what the row holds, Unix time in ms. */
  readonly start: number;
  readonly data: Uint8Array;
}

export interface StoredSeries {
  readonly id: number;
  readonly device: string;
  readonly pid: number;
  /** The last row of the journal whose samples are in chunks. */
  readonly folded: number;
}

/** Begins are below 2^42 ms (the year 2109), series below 2^21: together a key of SQLite. */
export const TIME_LIMIT = 2 ** 42;
export const SERIES_LIMIT = 2 ** 21;

const keyOf = (series: number, start: number): bigint => (BigInt(series) << 42n) | BigInt(start);
const ROW = `SELECT key & ${TIME_LIMIT - 1} AS start, data`;

/** Pages that are given back to the file system in one go. */
const PAGES_AT_ONCE = 512;

/** The history's SQLite file, whose statements know nothing of what the rows hold. */
export class HistoryFile {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  /** Samples in chunks. Counted within transactions. */
  samples: number;

  /** Opens or creates the file. @throws the errors of SQLite, or Error where a newer version wrote it */
  constructor(file: string) {
    this.#db = new DatabaseSync(file, { timeout: 5_000 });
    try {
      this.#db.exec(`PRAGMA auto_vacuum = INCREMENTAL; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
        PRAGMA journal_size_limit = 16777216;`);
      this.#migrate();
      this.samples = this.#get<{ samples: number }>('SELECT samples FROM kept')?.samples ?? 0;
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  series(): StoredSeries[] {
    return this.#prepare('SELECT * FROM series').all() as unknown as StoredSeries[];
  }

  addSeries({ id, device, pid, folded }: StoredSeries): void {
    this.#run('INSERT INTO series (id, device, pid, folded) VALUES (?, ?, ?, ?)', id, device, pid, folded);
  }

  setFolded(series: number, seq: number): void {
    this.#run('UPDATE series SET folded = ? WHERE id = ?', seq, series);
  }

  removeSeries(series: number): void {
    for (const table of ['chunk', 'minute', 'hour']) {
      this.#run(`DELETE FROM ${table} WHERE key >= ? AND key < ?`, keyOf(series, 0), keyOf(series + 1, 0));
    }
    this.#run('DELETE FROM series WHERE id = ?', series);
  }

  journal(): IterableIterator<{ seq: number; data: Uint8Array }> {
    return this.#prepare(
      'SELECT seq, data FROM journal ORDER BY seq',
    ).iterate() as unknown as IterableIterator<{
      seq: number;
      data: Uint8Array;
    }>;
  }

  addToJournal(seq: number, data: Uint8Array): void {
    this.#run('INSERT INTO journal (seq, data) VALUES (?, ?)', seq, data);
  }

  dropJournalBefore(seq: number): void {
    this.#run('DELETE FROM journal WHERE seq < ?', seq);
  }

  /** The row that begins exactly there. */
  row(table: Table, series: number, start: number): Row | undefined {
    return this.#get(`${ROW} FROM ${table} WHERE key = ?`, keyOf(series, start));
  }

  /** The last row that begins at `time` or before. */
  rowBefore(table: Table, series: number, time: number): Row | undefined {
    return this.#get(
      `${ROW} FROM ${table} WHERE key <= ? AND key >= ? ORDER BY key DESC LIMIT 1`,
      keyOf(series, Math.min(time, TIME_LIMIT - 1)),
      keyOf(series, 0),
    );
  }

  /** Rows that begin from `from` up to, but not at, `to`. The file may not be written to while they are read. */
  rows(table: Table, series: number, from: number, to: number): IterableIterator<Row> {
    const range = [keyOf(series, Math.max(0, from)), keyOf(series, Math.min(to, TIME_LIMIT - 1))];
    return this.#prepare(`${ROW} FROM ${table} WHERE key >= ? AND key < ? ORDER BY key`).iterate(
      ...range,
    ) as unknown as IterableIterator<Row>;
  }

  /** The same, but at most `most` of them, which are read at once: the file may be written to meanwhile. */
  firstRows(table: Table, series: number, from: number, to: number, most: number): Row[] {
    return this.#prepare(`${ROW} FROM ${table} WHERE key >= ? AND key < ? ORDER BY key LIMIT ?`).all(
      keyOf(series, from),
      keyOf(series, to),
      most,
    ) as unknown as Row[];
  }

  /** When the row begins that comes `skipped` rows after the first that begins at `from` or later. */
  startAfter(table: Table, series: number, from: number, skipped: number): number | undefined {
    return this.#get<{ start: number }>(
      `SELECT key & ${TIME_LIMIT - 1} AS start FROM ${table} WHERE key >= ? AND key < ? ORDER BY key LIMIT 1 OFFSET ?`,
      keyOf(series, from),
      keyOf(series + 1, 0),
      skipped,
    )?.start;
  }

  put(table: Table, series: number, { start, data }: Row): void {
    this.#run(`INSERT OR REPLACE INTO ${table} (key, data) VALUES (?, ?)`, keyOf(series, start), data);
  }

  remove(table: Table, series: number, start: number): void {
    this.#run(`DELETE FROM ${table} WHERE key = ?`, keyOf(series, start));
  }

  /** Does all of it or nothing. @throws what `work` or the commit threw */
  together<T>(work: () => T): T {
    const samples = this.samples;
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      if (this.samples !== samples) this.#run('UPDATE kept SET samples = ?', this.samples);
      this.#db.exec('COMMIT');
      return result;
    } catch (error) {
      this.samples = samples;
      // A full disk may have rolled it back already.
      if (this.#db.isTransaction) this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Gives pages back to the file system where more than a quarter of the file is free. */
  shrink(): void {
    const free = this.#pragma('freelist_count');
    if (free > PAGES_AT_ONCE && free > this.#pragma('page_count') / 4) {
      this.#db.exec(`PRAGMA incremental_vacuum(${PAGES_AT_ONCE})`);
    }
  }

  /** Length of the file, without its write-ahead log. */
  get bytes(): number {
    return this.#pragma('page_count') * this.#pragma('page_size');
  }

  close(): void {
    if (this.#db.isOpen) this.#db.close();
  }

  #migrate(): void {
    const version = this.#pragma('user_version');
    if (version > SCHEMA.length) throw new Error('it was written by a newer version of Switchyard');
    SCHEMA.slice(version).forEach((step, done) => {
      this.#db.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${version + done + 1}; COMMIT;`);
    });
  }

  #pragma(name: string): number {
    return Object.values(this.#prepare(`PRAGMA ${name}`).get() ?? {})[0] as number;
  }

  #get<T>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return this.#prepare(sql).get(...values) as T | undefined;
  }

  #run(sql: string, ...values: SQLInputValue[]): void {
    this.#prepare(sql).run(...values);
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}
