import type { AuditRecord, HappeningRecord, JournalStore } from '../journal.ts';
import type { Database } from './database.ts';
import type { InSync } from './operations.ts';
import { Table } from './table.ts';

/** Most rows that one step removes: it takes a few milliseconds, so that commands do not wait for it. */
const PRUNED_AT_ONCE = 200;

export function journalTables(db: Database): InSync<JournalStore> {
  const happening = new Table<HappeningRecord>(
    db,
    'happening',
    { device: true, t: true, kind: true, data: true },
    [],
  );
  const audit = new Table<AuditRecord>(
    db,
    'audit',
    { t: true, who: true, address: true, action: true, subject: true, detail: true },
    [],
  );
  return {
    saveHappenings(happenings) {
      for (const each of happenings) happening.saveWhere('device', each.device, each);
    },
    happenings: (device, { before = Number.MAX_SAFE_INTEGER, limit }) =>
      db.all<HappeningRecord>(
        `SELECT ${happening.columns} FROM happening WHERE device = ? AND t < ?
          ORDER BY t DESC, rowid DESC LIMIT ?`,
        device,
        before,
        limit,
      ),
    saveAudit(entries) {
      for (const each of entries) audit.save(each);
    },
    audit: ({ before = Number.MAX_SAFE_INTEGER, who = null, action = null, subject = null, limit }) =>
      db.all<AuditRecord>(
        `SELECT ${audit.columns} FROM audit
          WHERE t < ?1 AND (?2 IS NULL OR who = ?2) AND (?3 IS NULL OR action = ?3) AND (?4 IS NULL OR subject = ?4)
          ORDER BY t DESC, rowid DESC LIMIT ?5`,
        before,
        who,
        action,
        subject,
        limit,
      ),
    auditPage: ({ from, to, after, limit }) =>
      db.all(
        `SELECT rowid AS row, ${audit.columns} FROM audit
          WHERE rowid > ? AND t >= ? AND t < ? ORDER BY rowid LIMIT ?`,
        after,
        from,
        to,
        limit,
      ),
    prune(bygone, over) {
      const steps: readonly (readonly [table: string, condition: string, before: number, key?: string])[] = [
        ['signInCode', 'expiresAt < ?', bygone.access, 'hash'],
        ['session', 'expiresAt < ?', bygone.access, 'hash'],
        ['claim', 'expiresAt < ?', bygone.access, 'id'],
        ['command', 't < ? AND st IN (SELECT value FROM json_each(?))', bygone.commands],
        [
          'batch',
          't < ? AND NOT EXISTS (SELECT 1 FROM command WHERE command.batch = batch.id)',
          bygone.commands,
        ],
        ['run', 'due < ?', bygone.commands],
        ['happening', 't < ?', bygone.happenings],
        // What a trigger keeps would undo all of this, where the clock was set back.
        ['audit', 't < ? AND t <= (unixepoch() - 86400) * 1000', bygone.audit],
      ];
      let gone = 0;
      for (const [table, condition, before, key = 'rowid'] of steps) {
        const values = table === 'command' ? [before, JSON.stringify(over)] : [before];
        gone += db.run(
          `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} WHERE ${condition} LIMIT ?)`,
          ...values,
          PRUNED_AT_ONCE - gone,
        );
      }
      return gone;
    },
  };
}
