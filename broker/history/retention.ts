import { DAY, HOUR, HOURS, startOf } from './levels.ts';

/** How long what is kept. */
export interface Keep {
  /** Every sample, in hours. */
  readonly rawHours: number;
  /** One bucket a minute, in days. */
  readonly minuteDays: number;
  /** One bucket an hour, in days. */
  readonly hourDays: number;
}

/** What is older than these times is due for the next level; of hours, it goes. Unix time in ms. */
export interface Horizons {
  readonly raw: number;
  readonly minute: number;
  readonly hour: number;
}

/**
 * They move by an hour, a day and a whole row of hours, so that nothing is rewritten for less, and no bucket is made
 * of half of its samples. A little more is kept than was asked for, never less.
 */
export function horizonsAt(now: number, { rawHours, minuteDays, hourDays }: Keep): Horizons {
  return {
    raw: startOf(now - rawHours * HOUR, HOUR),
    minute: startOf(now - minuteDays * DAY, DAY),
    hour: startOf(now - hourDays * DAY, HOURS.span),
  };
}
