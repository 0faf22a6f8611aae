export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** What samples become once they are old: buckets of one width, in rows that span much more. All in ms. */
export interface Level {
  readonly table: 'minute' | 'hour';
  /** Of one bucket. */
  readonly width: number;
  /** Of one row, which begins at a multiple of it. */
  readonly span: number;
}

export const MINUTES: Level = { table: 'minute', width: MINUTE, span: DAY };
export const HOURS: Level = { table: 'hour', width: HOUR, span: 32 * DAY };

export const startOf = (time: number, span: number): number => Math.floor(time / span) * span;
