/** What happened to devices, and what people did. */

export interface HappeningRecord {
  readonly device: string;
  readonly t: number;
  /** `presence` with a state and a reason, or `event` with what the device told. */
  readonly kind: 'presence' | 'event';
  /** JSON. */
  readonly data: string;
}

export interface AuditRecord {
  readonly t: number;
  /** `@person`, or `@hub` for what the command line did. */
  readonly who: string;
  /** Such as `command`, `device.create`, `schedule.save`. */
  readonly action: string;
  /** What it was done to. */
  readonly subject: string;
  /** JSON, or an empty text. */
  readonly detail: string;
}

/** Before which times what is kept no longer, in Unix ms. */
export interface Bygone {
  /** Sign-in codes and sessions that expired before then. */
  readonly access: number;
  /** Commands that were over, batches and runs from before then. */
  readonly commands: number;
  readonly happenings: number;
  readonly audit: number;
}

export interface JournalStore {
  saveHappenings(happenings: readonly HappeningRecord[]): Promise<void>;
  /** The latest ones first. */
  happenings(
    device: string,
    query: { readonly before?: number; readonly limit: number },
  ): Promise<HappeningRecord[]>;
  saveAudit(entries: readonly AuditRecord[]): Promise<void>;
  /** The latest ones first. */
  audit(query: { readonly before?: number; readonly limit: number }): Promise<AuditRecord[]>;
  /** Removes what is bygone. `over` are the states of commands that are over. @returns how many rows went */
  prune(bygone: Bygone, over: readonly number[]): Promise<number>;
}
