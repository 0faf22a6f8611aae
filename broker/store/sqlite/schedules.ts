import type { JournalStore } from '../journal.ts';
import type { RunRecord, ScheduleRecord, ScheduleStore } from '../schedules.ts';
import type { Database } from './database.ts';
import type { InSync } from './operations.ts';
import { Table, type Columns } from './table.ts';

const SCHEDULE: Columns<ScheduleRecord> = {
  id: true,
  name: true,
  who: true,
  enabled: true,
  plan: true,
  createdAt: true,
  doneUntil: true,
};

const RUN: Columns<RunRecord> = { schedule: true, due: true, outcome: true, batch: true, msg: true };

export function scheduleTables(db: Database, journal: InSync<JournalStore>): InSync<ScheduleStore> {
  const schedule = new Table<ScheduleRecord>(db, 'schedule', SCHEDULE, ['id']);
  const run = new Table<RunRecord>(db, 'run', RUN, []);
  return {
    schedules: () =>
      db.all<ScheduleRecord>(`SELECT ${schedule.columns} FROM schedule ORDER BY createdAt, id`),
    saveSchedule: (record) => schedule.save(record),
    removeSchedule: (id) => db.run('DELETE FROM schedule WHERE id = ?', id) > 0,
    saveRuns(record, runs, audit) {
      schedule.saveWhere('schedule', record.id, record);
      for (const each of runs) run.saveWhere('schedule', each.schedule, each);
      journal.saveAudit(audit);
    },
    runs: (id, limit) =>
      db.all<RunRecord>(
        `SELECT ${run.columns} FROM run WHERE schedule = ? ORDER BY due DESC, rowid DESC LIMIT ?`,
        id,
        limit,
      ),
  };
}
