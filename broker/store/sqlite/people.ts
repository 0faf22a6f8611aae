import type { PeopleStore, PersonRecord, SessionRecord, SignInCodeRecord } from '../people.ts';
import type { Database } from './database.ts';
import type { InSync } from './operations.ts';
import { Table } from './table.ts';

export function peopleTables(db: Database): InSync<PeopleStore> {
  const person = new Table<PersonRecord>(
    db,
    'person',
    { id: true, name: true, role: true, createdAt: true },
    ['id'],
  );
  const signInCode = new Table<SignInCodeRecord>(
    db,
    'signInCode',
    { hash: true, person: true, expiresAt: true },
    ['hash'],
  );
  const session = new Table<SessionRecord>(
    db,
    'session',
    { hash: true, sid: true, person: true, createdAt: true, expiresAt: true },
    ['hash'],
  );
  return {
    people: () => db.all<PersonRecord>(`SELECT ${person.columns} FROM person ORDER BY id`),
    person: (id) => db.one<PersonRecord>(`SELECT ${person.columns} FROM person WHERE id = ?`, id),
    createPerson: (record) => person.create(record, 'id'),

    saveSignInCode: (code) => signInCode.save(code),
    takeSignInCode: (hash) =>
      db.one<SignInCodeRecord>(`DELETE FROM signInCode WHERE hash = ? RETURNING ${signInCode.columns}`, hash),
    saveSession: (record) => session.save(record),
    session: (hash) => db.one<SessionRecord>(`SELECT ${session.columns} FROM session WHERE hash = ?`, hash),
    sessionById: (sid) => db.one<SessionRecord>(`SELECT ${session.columns} FROM session WHERE sid = ?`, sid),
    removeSession: (hash) => void db.run('DELETE FROM session WHERE hash = ?', hash),
  };
}
