import type { SignInCodeRecord } from '../people.ts';
import type { Database } from './database.ts';
import { Table } from './table.ts';

/** The table of one-time codes: each person has one at most, and it is good no longer than its maker may make some. */
export function signInCodeTable(db: Database) {
  const table = new Table<SignInCodeRecord>(
    db,
    'signInCode',
    { hash: true, person: true, expiresAt: true, createdBy: true },
    ['hash'],
  );
  const withdraw = (person: string): void => void db.run('DELETE FROM signInCode WHERE person = ?', person);
  return {
    of: (hash: Uint8Array): SignInCodeRecord | undefined =>
      db.one<SignInCodeRecord>(`SELECT ${table.columns} FROM signInCode WHERE hash = ?`, hash),
    save(code: SignInCodeRecord): void {
      withdraw(code.person);
      table.save(code);
    },
    withdraw,
    /** Withdraws what a person or a service has made for others. */
    withdrawMadeBy: (id: string): void => void db.run('DELETE FROM signInCode WHERE createdBy = ?', `@${id}`),
  };
}
