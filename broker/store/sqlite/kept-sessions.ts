import type {
  KeptDeliveryRecord,
  KeptFilterRecord,
  KeptIdRecord,
  KeptMessageRecord,
  KeptSessionRecord,
  KeptSessionStore,
} from '../kept-sessions.ts';
import type { Database } from './database.ts';
import type { InSync } from './operations.ts';
import { Table, type Columns } from './table.ts';

const SESSION: Columns<KeptSessionRecord> = {
  number: true,
  clientId: true,
  owner: true,
  ownerCreatedAt: true,
  awaySince: true,
  dropped: true,
};

const FILTER: Columns<KeptFilterRecord> = { session: true, filter: true, qos: true };

const MESSAGE: Columns<KeptMessageRecord> = { number: true, topic: true, payload: true };

const DELIVERY: Columns<KeptDeliveryRecord> = {
  message: true,
  session: true,
  qos: true,
  retain: true,
  packetId: true,
};

const ID: Columns<KeptIdRecord> = { session: true, kind: true, packetId: true, place: true };

export function keptSessionTables(db: Database): InSync<KeptSessionStore> {
  const session = new Table<KeptSessionRecord>(db, 'keptSession', SESSION, ['number']);
  const filter = new Table<KeptFilterRecord>(db, 'keptFilter', FILTER, ['session', 'filter']);
  const message = new Table<KeptMessageRecord>(db, 'keptMessage', MESSAGE, ['number']);
  const delivery = new Table<KeptDeliveryRecord>(db, 'keptDelivery', DELIVERY, ['message', 'session']);
  const id = new Table<KeptIdRecord>(db, 'keptId', ID, ['session', 'kind', 'packetId']);
  return {
    keptSessions: () => ({
      sessions: db.all<KeptSessionRecord>(`SELECT ${session.columns} FROM keptSession ORDER BY number`),
      filters: db.all<KeptFilterRecord>(`SELECT ${filter.columns} FROM keptFilter`),
      ids: db.all<KeptIdRecord>(`SELECT ${id.columns} FROM keptId ORDER BY place`),
    }),
    keptDeliveries: ({ after, limit }) =>
      db.all(
        `SELECT ${delivery.columns}, topic, payload FROM keptDelivery JOIN keptMessage ON number = message
          WHERE (message, session) > (?, ?) ORDER BY message, session LIMIT ?`,
        after.message,
        after.session,
        limit,
      ),
    saveKept(changes) {
      for (const number of changes.ended) db.run('DELETE FROM keptSession WHERE number = ?', number);
      for (const each of changes.sessions) session.save(each);
      for (const each of changes.filters) filter.save(each);
      for (const each of changes.messages) message.save(each);
      for (const each of changes.deliveries) delivery.save(each);
      for (const each of changes.ids) id.save(each);
      for (const gone of changes.filtersGone) {
        db.run('DELETE FROM keptFilter WHERE session = ? AND filter = ?', gone.session, gone.filter);
      }
      for (const gone of changes.deliveriesGone) {
        db.run('DELETE FROM keptDelivery WHERE message = ? AND session = ?', gone.message, gone.session);
      }
      for (const { session, kind, packetId } of changes.idsGone) {
        const condition = 'session = ? AND kind = ? AND packetId = ?';
        db.run(`DELETE FROM keptId WHERE ${condition}`, session, kind, packetId);
      }
    },
    removeKept: () => void db.run('DELETE FROM keptSession'),
  };
}
