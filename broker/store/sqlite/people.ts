import type { PeopleStore, PersonRecord, SessionRecord } from '../people.ts';
import type { Database } from './database.ts';
import type { InSync } from './operations.ts';
import { signInCodeTable } from './sign-in-codes.ts';
import { Table, type Columns } from './table.ts';

const PERSON: Columns<PersonRecord> = { id: true, name: true, role: true, password: true, createdAt: true };

const SESSION: Columns<SessionRecord> = {
  hash: true,
  sid: true,
  person: true,
  createdAt: true,
  expiresAt: true,
  renewedAt: true,
  address: true,
  agent: true,
};

/** That a person may be none or no administrator: somebody must be left to let others in. */
const NOT_THE_LAST = `(role <> 'admin'
  OR EXISTS (SELECT 1 FROM person AS other WHERE other.role = 'admin' AND other.id <> person.id))`;

export function peopleTables(db: Database): InSync<PeopleStore> {
  const person = new Table<PersonRecord>(db, 'person', PERSON, ['id']);
  const codes = signInCodeTable(db);
  const session = new Table<SessionRecord>(db, 'session', SESSION, ['hash']);

  const personOf = (id: string): PersonRecord | undefined =>
    db.one<PersonRecord>(`SELECT ${person.columns} FROM person WHERE id = ?`, id);
  const sessionById = (sid: string): SessionRecord | undefined =>
    db.one<SessionRecord>(`SELECT ${session.columns} FROM session WHERE sid = ?`, sid);
  function removeSessionsOf(id: string, except = ''): number {
    codes.withdraw(id);
    return db.run('DELETE FROM session WHERE person = ? AND sid <> ?', id, except);
  }

  return {
    people: () => db.all<PersonRecord>(`SELECT ${person.columns} FROM person ORDER BY id`),
    person: personOf,
    createPerson: (record) =>
      !db.one('SELECT 1 FROM service WHERE id = ?', record.id) && person.create(record, 'id'),
    changePerson(id, { name = null, role = null }) {
      const changed = db.run(
        `UPDATE person SET name = coalesce(?1, name), role = coalesce(?2, role)
          WHERE id = ?3 AND (coalesce(?2, role) = 'admin' OR ${NOT_THE_LAST})`,
        name,
        role,
        id,
      );
      if (changed > 0 && role !== null && role !== 'admin') codes.withdrawMadeBy(id);
      return changed > 0;
    },
    removePerson(id) {
      const removed = db.run(`DELETE FROM person WHERE id = ? AND ${NOT_THE_LAST}`, id);
      if (removed > 0) codes.withdrawMadeBy(id);
      return removed > 0;
    },

    saveSignInCode: (code) => codes.save(code),
    signInCode: (hash) => codes.of(hash),
    useSignInCode(hash, password, now) {
      const code = codes.of(hash);
      if (!code || code.expiresAt <= now) return false;
      removeSessionsOf(code.person);
      return db.run('UPDATE person SET password = ? WHERE id = ?', password, code.person) > 0;
    },
    changePassword(sid, shown, password) {
      const open = sessionById(sid);
      if (!open || personOf(open.person)?.password !== shown) return false;
      db.run('UPDATE person SET password = ? WHERE id = ?', password, open.person);
      removeSessionsOf(open.person, sid);
      return true;
    },

    sessions: () => db.all<SessionRecord>(`SELECT ${session.columns} FROM session`),
    sessionsOf: (id) =>
      db.all<SessionRecord>(
        `SELECT ${session.columns} FROM session WHERE person = ? ORDER BY renewedAt DESC`,
        id,
      ),
    createSession(record, shown) {
      const owner = personOf(record.person);
      if (!owner || (shown !== undefined && owner.password !== shown)) return false;
      session.save(record);
      return true;
    },
    session: (hash) => db.one<SessionRecord>(`SELECT ${session.columns} FROM session WHERE hash = ?`, hash),
    sessionById,
    renewSession: (sid, { renewedAt, address, agent }) =>
      db.run(
        'UPDATE session SET renewedAt = ?, address = ?, agent = ? WHERE sid = ?',
        renewedAt,
        address,
        agent,
        sid,
      ) > 0,
    removeSession: (id, sid) => db.run('DELETE FROM session WHERE person = ? AND sid = ?', id, sid) > 0,
    removeSessionsOf,
  };
}
