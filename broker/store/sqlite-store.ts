import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { StartError } from '../config/start-error.ts';
import { MIGRATIONS } from './migrations.ts';
import type {
  CommandRecord,
  DeviceRecord,
  PersonRecord,
  SessionRecord,
  SignInCodeRecord,
  Store,
  TwinRecord,
} from './store.ts';

/** The store's name in the data folder. */
export const STORE_FILE = 'switchyard.db';

/** How long a statement waits while another process writes, in ms. */
const BUSY_TIMEOUT = 5_000;

type Row = Record<string, SQLInputValue>;

/** The store in one SQLite file with a write-ahead log. */
export class SqliteStore implements Store {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /**
   * Opens or creates the file and brings its schema up to date.
   * @throws StartError where the file is not a store of this version, or cannot be used
   */
  constructor(file: string) {
    try {
      this.#db = new DatabaseSync(file, { timeout: BUSY_TIMEOUT });
      this.#db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;');
      this.#migrate(file);
    } catch (error) {
      if (error instanceof StartError) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      throw new StartError(
        `cannot use the store ${file} (${reason})`,
        'restore it from a backup, or move it away to start with an empty one; it was left as it is',
      );
    }
  }

  async devices(): Promise<DeviceRecord[]> {
    return this.#all<DeviceRecord>('SELECT * FROM device ORDER BY id');
  }

  async device(id: string): Promise<DeviceRecord | undefined> {
    return this.#one<DeviceRecord>('SELECT * FROM device WHERE id = ?', id);
  }

  async createDevice(device: DeviceRecord): Promise<boolean> {
    return this.#insert('device', device, 'OR IGNORE') > 0;
  }

  async removeDevice(id: string): Promise<boolean> {
    return this.#run('DELETE FROM device WHERE id = ?', id) > 0;
  }

  async twins(): Promise<TwinRecord[]> {
    return this.#all<TwinRecord>('SELECT * FROM twin');
  }

  async saveTwins(twins: readonly TwinRecord[]): Promise<void> {
    this.#together(() => {
      for (const twin of twins) this.#replaceOfDevice('twin', twin);
    });
  }

  async commandsNotIn(states: readonly number[]): Promise<CommandRecord[]> {
    const marks = states.map(() => '?').join(', ');
    return this.#all<CommandRecord>(`SELECT * FROM command WHERE st NOT IN (${marks})`, ...states);
  }

  async command(device: string, id: string): Promise<CommandRecord | undefined> {
    return this.#one<CommandRecord>('SELECT * FROM command WHERE device = ? AND id = ?', device, id);
  }

  async saveCommands(commands: readonly CommandRecord[]): Promise<void> {
    this.#together(() => {
      for (const command of commands) this.#replaceOfDevice('command', command);
    });
  }

  async people(): Promise<PersonRecord[]> {
    return this.#all<PersonRecord>('SELECT * FROM person ORDER BY id');
  }

  async person(id: string): Promise<PersonRecord | undefined> {
    return this.#one<PersonRecord>('SELECT * FROM person WHERE id = ?', id);
  }

  async createPerson(person: PersonRecord): Promise<boolean> {
    return this.#insert('person', person, 'OR IGNORE') > 0;
  }

  async saveSignInCode(code: SignInCodeRecord): Promise<void> {
    this.#insert('signInCode', code);
  }

  async takeSignInCode(hash: Uint8Array): Promise<SignInCodeRecord | undefined> {
    return this.#one<SignInCodeRecord>('DELETE FROM signInCode WHERE hash = ? RETURNING *', hash);
  }

  async saveSession(session: SessionRecord): Promise<void> {
    this.#insert('session', session, 'OR REPLACE');
  }

  async session(hash: Uint8Array): Promise<SessionRecord | undefined> {
    return this.#one<SessionRecord>('SELECT * FROM session WHERE hash = ?', hash);
  }

  async sessionById(sid: string): Promise<SessionRecord | undefined> {
    return this.#one<SessionRecord>('SELECT * FROM session WHERE sid = ?', sid);
  }

  async removeSession(hash: Uint8Array): Promise<void> {
    this.#run('DELETE FROM session WHERE hash = ?', hash);
  }

  async foreignVersion(): Promise<number> {
    return this.#one<{ data_version: number }>('PRAGMA data_version')?.data_version ?? 0;
  }

  async close(): Promise<void> {
    if (this.#db.isOpen) this.#db.close();
  }

  #migrate(file: string): void {
    const { user_version: version } = this.#db.prepare('PRAGMA user_version').get() as {
      user_version: number;
    };
    if (version > MIGRATIONS.length) {
      throw new StartError(
        `the store ${file} was written by a newer version of Switchyard`,
        'start that version, or name another data folder with --data',
      );
    }
    MIGRATIONS.slice(version).forEach((step, done) => {
      this.#together(() => this.#db.exec(`${step}; PRAGMA user_version = ${version + done + 1};`));
    });
  }

  #together(work: () => void): void {
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      work();
      this.#db.exec('COMMIT');
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  /** Every column of a table is a field of its record, of the same name. */
  #insert(table: string, record: object, conflict = ''): number {
    const row = record as Row;
    const columns = Object.keys(row);
    const marks = columns.map(() => '?').join(', ');
    const sql = `INSERT ${conflict} INTO ${table} (${columns.join(', ')}) VALUES (${marks})`;
    return this.#run(sql, ...Object.values(row));
  }

  /** Leaves out what belongs to a device that another process has removed meanwhile. */
  #replaceOfDevice(table: string, record: { readonly device: string }): void {
    const row = record as unknown as Row;
    const columns = Object.keys(row);
    const marks = columns.map(() => '?').join(', ');
    const sql = `INSERT OR REPLACE INTO ${table} (${columns.join(', ')})
      SELECT ${marks} WHERE EXISTS (SELECT 1 FROM device WHERE id = ?)`;
    this.#run(sql, ...Object.values(row), record.device);
  }

  #run(sql: string, ...values: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...values).changes);
  }

  #one<T>(sql: string, ...values: SQLInputValue[]): T | undefined {
    return this.#prepare(sql).get(...values) as T | undefined;
  }

  #all<T>(sql: string, ...values: SQLInputValue[]): T[] {
    return this.#prepare(sql).all(...values) as T[];
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}
