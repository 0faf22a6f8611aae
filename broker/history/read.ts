import { BucketGrid, type Buckets } from './buckets.ts';
import { readChunk } from './fold.ts';
import type { HistoryFile } from './history-file.ts';
import { HOURS, MINUTES, startOf, type Level } from './levels.ts';
import type { Grid } from './resolution.ts';
import { readBuckets } from './roll-up.ts';
import { firstAt, merge, part, type Samples } from './samples.ts';

/**
 * Visits the samples of a series from `from` up to `to`, in order of time, those of chunks and those that are not in
 * one yet. What is visited may be overwritten afterwards.
 */
export function visitSamples(
  file: HistoryFile,
  series: number,
  pending: Samples,
  from: number,
  to: number,
  visit: (samples: Samples) => void,
): void {
  let at = firstAt(pending, from);
  const stop = firstAt(pending, to);
  const begin = file.rowBefore('chunk', series, from)?.start ?? from;
  for (const row of file.rows('chunk', series, begin, to)) {
    const chunk = readChunk(row);
    const held = part(chunk, firstAt(chunk, from), firstAt(chunk, to));
    if (held.length === 0) continue;
    const upTo = Math.min(stop, firstAt(pending, (held.t[held.length - 1] as number) + 1));
    visit(at < upTo ? merge(held, part(pending, at, upTo)) : held);
    at = Math.max(at, upTo);
  }
  if (at < stop) visit(part(pending, at, stop));
}

/** Fills a grid with a series, from the given levels and from its samples. */
export function readGrid(
  file: HistoryFile,
  series: number,
  pending: Samples,
  { from, width, size }: Grid,
  levels: readonly Level[] = [HOURS, MINUTES],
): Buckets {
  const grid = new BucketGrid(from, width, size);
  const to = from + width * size;
  for (const level of levels) {
    for (const row of file.rows(level.table, series, startOf(from, level.span), to)) {
      const buckets = readBuckets(level, row);
      if (buckets) grid.addBuckets(buckets);
    }
  }
  visitSamples(file, series, pending, from, to, (samples) => grid.addSamples(samples));
  return grid.filled();
}
