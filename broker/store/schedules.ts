import type { AuditRecord } from './journal.ts';

export interface ScheduleRecord {
  readonly id: string;
  readonly name: string;
  readonly who: string;
  readonly enabled: 0 | 1;
  /** When and what, as the JSON of a `schedulePlan` of the contract. */
  readonly plan: string;
  readonly createdAt: number;
  /** Up to when runs have been made or reported as missed. */
  readonly doneUntil: number;
}

export interface RunRecord {
  readonly schedule: string;
  /** When it was due. */
  readonly due: number;
  /** `started` with a batch, `missed` or `failed` with a reason. */
  readonly outcome: 'started' | 'missed' | 'failed';
  readonly batch: string | null;
  readonly msg: string | null;
}

export interface ScheduleStore {
  schedules(): Promise<ScheduleRecord[]>;
  saveSchedule(schedule: ScheduleRecord): Promise<void>;
  /** @returns false where there was none */
  removeSchedule(id: string): Promise<boolean>;
  /** Notes runs, up to when a schedule is done, and what the audit says of it, at once. Of one that was removed, that alone. */
  saveRuns(
    schedule: ScheduleRecord,
    runs: readonly RunRecord[],
    audit: readonly AuditRecord[],
  ): Promise<void>;
  /** The latest ones first. */
  runs(schedule: string, limit: number): Promise<RunRecord[]>;
}
