import type { TwinRecord, TwinStore } from '../twins.ts';
import type { Database } from './database.ts';
import type { InSync } from './operations.ts';
import { Table, type Columns } from './table.ts';

const COLUMNS: Columns<TwinRecord> = {
  device: true,
  desc: true,
  reported: true,
  statusPayload: true,
  statePayload: true,
  desired: true,
  who: true,
  st: true,
  since: true,
  seenAt: true,
};

export function twinTable(db: Database): InSync<TwinStore> {
  const twin = new Table<TwinRecord>(db, 'twin', COLUMNS, ['device']);
  return {
    twins: () => db.all<TwinRecord>(`SELECT ${twin.columns} FROM twin`),
    saveTwins(twins) {
      for (const each of twins) twin.saveWhere('device', each.device, each);
    },
  };
}
