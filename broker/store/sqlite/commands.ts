import type { BatchRecord, CommandRecord, CommandStore } from '../commands.ts';
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

export function commandTables(db: Database, twins: InSync<TwinStore>): InSync<CommandStore> {
  const command = new Table<CommandRecord>(db, 'command', COMMAND, ['device', 'id'], FIXED);
  const batch = new Table<BatchRecord>(db, 'batch', BATCH, ['id']);
  return {
    commandsNotIn: (states) =>
      db.all<CommandRecord>(
        `${STATES} SELECT ${command.columns} FROM command
          WHERE st IN (SELECT st FROM state WHERE st NOT IN (SELECT value FROM json_each(?)))
          ORDER BY createdAt, rowid`,
        JSON.stringify(states),
      ),
    wishesIn: (state) =>
      db.all<CommandRecord>(
        `SELECT ${command.columns} FROM command
          WHERE st = ? AND wish = 1 AND wver IS NOT NULL ORDER BY createdAt, rowid`,
        state,
      ),
    command: (device, id) =>
      db.one<CommandRecord>(`SELECT ${command.columns} FROM command WHERE device = ? AND id = ?`, device, id),
    commands({ device, batch: of, before = Number.MAX_SAFE_INTEGER, limit }) {
      const filters = Object.entries({ device, batch: of }).filter(([, value]) => value !== undefined);
      const where = ['createdAt < ?', ...filters.map(([column]) => `${column} = ?`)];
      const values = [before, ...filters.map(([, value]) => value as string)];
      return db.all<CommandRecord>(
        `SELECT ${command.columns} FROM command WHERE ${where.join(' AND ')}
          ORDER BY createdAt DESC, rowid DESC LIMIT ?`,
        ...values,
        limit,
      );
    },
    saveProgress(progress) {
      for (const each of progress.batches ?? []) batch.save(each);
      for (const each of progress.commands) command.saveWhere('device', each.device, each);
      twins.saveTwins(progress.twins ?? []);
    },

    batch: (id) => db.one<BatchRecord>(`SELECT ${batch.columns} FROM batch WHERE id = ?`, id),
    batches: ({ before = Number.MAX_SAFE_INTEGER, limit }) =>
      db.all<BatchRecord>(
        `SELECT ${batch.columns} FROM batch WHERE createdAt < ? ORDER BY createdAt DESC, rowid DESC LIMIT ?`,
        before,
        limit,
      ),
    tally: (id) => db.all('SELECT st, count(*) AS n FROM command WHERE batch = ? GROUP BY st', id),
  };
}
