import { HOUR, MINUTE, startOf } from './levels.ts';
import type { Horizons } from './retention.ts';

/** Which buckets answer a question: they begin at multiples of their width, so that a moving chart stands still. */
export interface Grid {
  /** Begin of the first bucket, Unix time in ms. */
  readonly from: number;
  /** Of each bucket, in ms. */
  readonly width: number;
  readonly size: number;
}

/**
 * The finest buckets that are at most `points` and for which there is data over the whole range: where it begins
 * before samples or minutes are kept, they are whole minutes or hours.
 *
 * @param from Unix time in ms, before `to`
 */
export function gridFor(from: number, to: number, points: number, horizons: Horizons): Grid {
  const wanted = (to - from) / points;
  const whole = wanted >= 1_000 ? 1_000 : 1;
  const unit = from >= horizons.raw ? whole : from >= horizons.minute ? MINUTE : HOUR;
  const width = Math.max(unit, Math.ceil(wanted / unit) * unit);
  const begin = startOf(from, width);
  return { from: begin, width, size: Math.max(1, Math.ceil((to - begin) / width)) };
}
