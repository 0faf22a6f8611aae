import type { Labels } from '../contract/labels.ts';
import type { AuditRecord } from '../store/journal.ts';
import type { CommandStore } from '../store/commands.ts';
import type { JournalStore } from '../store/journal.ts';
import type { Batches } from '../fleet/batches/batches.ts';
import type { Schedules } from '../fleet/schedules/schedules.ts';
import type { Devices } from '../fleet/selection/device-view.ts';
import type { History } from '../history/history.ts';
import type { Groups } from '../fleet/selection/groups.ts';

/** What the HTTP API needs of the hub. */
export interface Api {
  readonly devices: Devices & {
    /** Returns false where there is no such device. @throws StoreError where it could not be stored */
    label(id: string, change: Labels): Promise<boolean>;
  };
  readonly history: Pick<History, 'query' | 'export' | 'devices'>;
  readonly groups: Groups;
  readonly batches: Batches;
  readonly schedules: Schedules;
  readonly records: Pick<CommandStore, 'batch' | 'commands'> &
    Pick<JournalStore, 'happenings' | 'audit'> & {
      saveAudit(entries: readonly AuditRecord[]): Promise<void>;
    };
}
