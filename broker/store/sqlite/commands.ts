import type { BatchRecord, CommandRecord, CommandStore } from '../commands.ts';
import type { JournalStore } from '../journal.ts';
import type { TwinStore } from '../twins.ts';
import type { Database } from './database.ts';
import type { InSync } from './operations.ts';
import { Table, type Columns } from './table.ts';

const COMMAND: Columns<CommandRecord> = {
  device: true,
  id: true,
  who: true,
  batch: true,
  request: true,
  wish: true,
  st: true,
  t: true,
  createdAt: true,
  exp: true,
  sentAt: true,
  boot: true,
  wver: true,
  code: true,
  msg: true,
  pct: true,
  reported: true,
  ver: true,
  steps: true,
};

/** What a command is from its beginning. */
const FIXED = ['who', 'batch', 'request', 'wish', 'createdAt'] as const;

const BATCH: Columns<BatchRecord> = {
  id: true,
  who: true,
  name: true,
  request: true,
  st: true,
  t: true,
  createdAt: true,
  msg: true,
};

/** States that some command is in, found by jumping through the index instead of reading all of it. */
const STATES = `WITH RECURSIVE state (st) AS (
    SELECT min(st) FROM command
    UNION ALL
    SELECT (SELECT min(st) FROM command WHERE st > state.st) FROM state WHERE st IS NOT NULL
  )`;

/** What comes after one command where the latest are first. Where it is gone, others of its moment are passed over. */
const AFTER = '(createdAt, rowid) < (?, (SELECT rowid FROM command WHERE device = ? AND id = ?))';

/** A request with the number of its ids in their place. */
const IN_SHORT = `CASE WHEN json_valid(request) AND json_type(request, '$.selection.ids') = 'array'
    THEN json_set(request, '$.selection.ids', json_array_length(request, '$.selection.ids')) ELSE request END`;

interface BatchQuery {
  readonly before?: number;
  readonly limit: number;
}

export function commandTables(
  db: Database,
  twins: InSync<TwinStore>,
  journal: InSync<JournalStore>,
): InSync<CommandStore> {
  const command = new Table<CommandRecord>(db, 'command', COMMAND, ['device', 'id'], FIXED);
  const batch = new Table<BatchRecord>(db, 'batch', BATCH, ['id']);
  const latestBatches = (columns: string, { before = Number.MAX_SAFE_INTEGER, limit }: BatchQuery) =>
    db.all<BatchRecord>(
      `SELECT ${columns} FROM batch WHERE createdAt < ? ORDER BY createdAt DESC, rowid DESC LIMIT ?`,
      before,
      limit,
    );
  return {
    commandsNotIn: (states) =>
      db.all<CommandRecord>(
        `${STATES} SELECT ${command.columns} FROM command
          WHERE st IN (SELECT st FROM state WHERE st NOT IN (SELECT value FROM json_each(?)))
          ORDER BY rowid`,
        JSON.stringify(states),
      ),
    wishesIn: (state) =>
      db.all<CommandRecord>(
        `SELECT ${command.columns} FROM command
          WHERE st = ? AND wish = 1 AND wver IS NOT NULL ORDER BY rowid`,
        state,
      ),
    command: (device, id) =>
      db.one<CommandRecord>(`SELECT ${command.columns} FROM command WHERE device = ? AND id = ?`, device, id),
    commands({ device, before = Number.MAX_SAFE_INTEGER, after, limit }) {
      const [place, ...at] = after
        ? [AFTER, after.createdAt, after.device, after.id]
        : ['createdAt < ?', before];
      const [whose, ...who] = device === undefined ? ['true'] : ['device = ?', device];
      return db.all<CommandRecord>(
        `SELECT ${command.columns} FROM command WHERE ${place} AND ${whose}
          ORDER BY createdAt DESC, rowid DESC LIMIT ?`,
        ...at,
        ...who,
        limit,
      );
    },
    batchCommands({ batch: of, after = '', st, limit }) {
      const [which, ...state] = st === undefined ? ['true'] : ['st = ?', st];
      return db.all<CommandRecord>(
        `SELECT ${command.columns} FROM command WHERE batch = ? AND device > ? AND ${which}
          ORDER BY device LIMIT ?`,
        of,
        after,
        ...state,
        limit,
      );
    },
    saveProgress(progress) {
      for (const each of progress.batches ?? []) batch.save(each);
      for (const each of progress.commands) command.saveWhere('device', each.device, each);
      twins.saveTwins(progress.twins ?? []);
      journal.saveAudit(progress.audit ?? []);
    },

    batch: (id) => db.one<BatchRecord>(`SELECT ${batch.columns} FROM batch WHERE id = ?`, id),
    batches: (query) => latestBatches(batch.columns, query),
    batchesInShort: (query) =>
      latestBatches(batch.columns.replace(/\brequest\b/, `${IN_SHORT} AS request`), query),
    tally: (id) => db.all('SELECT st, count(*) AS n FROM command WHERE batch = ? GROUP BY st', id),
  };
}
