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
  /** `@person` or `@service`, `@hub` for what the command line did, or a device. */
  readonly who: string;
  /** From where; empty for the command line, and for what the hub did by itself. */
  readonly address: string;
  /** Such as `command`, `device.create`, `schedule.save`. */
  readonly action: string;
  /** What it was done to. */
  readonly subject: string;
  /** JSON, or an empty text. */
  readonly detail: string;
}

/** Which entries: those of before a time, and only of whoever, of what was done, to what. */
export interface AuditQuery {
  readonly before?: number;
  readonly who?: string | undefined;
  readonly action?: string | undefined;
  readonly subject?: string | undefined;
  readonly limit: number;
}

export interface AuditPageQuery {
  readonly from: number;
  readonly to: number;
  /** The row after which to go on. */
  readonly after: number;
  readonly limit: number;
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
  audit(query: AuditQuery): Promise<AuditRecord[]>;
  /** A page of all of them, the first ones first: those from a time on that come after one of them. */
  auditPage(query: AuditPageQuery): Promise<(AuditRecord & { readonly row: number })[]>;
  /** Removes what is bygone. `over` are the states of commands that are over. @returns how many rows went */
  prune(bygone: Bygone, over: readonly number[]): Promise<number>;
}
