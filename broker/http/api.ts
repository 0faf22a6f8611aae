import type { Labels } from '../contract/labels.ts';
import type { DeviceAccess } from '../auth/devices.ts';
import type { Principal } from '../auth/principal.ts';
import type { Sessions } from '../auth/sessions.ts';
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
    Pick<JournalStore, 'happenings' | 'audit' | 'auditPage'> & {
      saveAudit(entries: readonly AuditRecord[]): Promise<void>;
    };
  readonly sessions: Sessions;
  /** Where people, services, claims and credentials are kept. */
  readonly access: DeviceAccess;
  /** To be told whose access was changed. */
  accessChanged(whom: Pick<Principal, 'kind' | 'id'>): void;
  /** To be told that devices were registered or removed. */
  registryChanged(): Promise<void>;
}
