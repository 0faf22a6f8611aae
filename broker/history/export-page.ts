import type { Buckets } from './buckets.ts';
import type { HistoryFile } from './history-file.ts';
import { DAY, HOUR, HOURS, MINUTE, MINUTES, startOf, type Level } from './levels.ts';
import { readGrid, visitSamples } from './read.ts';
import type { Samples } from './samples.ts';

export type Resolution = 'raw' | 'minute' | 'hour';

/** A part of what a series has, small enough to hold: samples, or buckets. */
export interface Page {
  readonly samples?: Samples;
  readonly buckets?: Buckets;
  /** Where the next page begins, Unix time in ms; undefined where this was the last. */
  readonly next: number | undefined;
}

const CHUNKS_OF_A_PAGE = 8;

/** What makes up buckets of a width: everything that is not coarser. */
const MADE_OF = {
  minute: { width: MINUTE, span: DAY, levels: [MINUTES] },
  hour: { width: HOUR, span: HOURS.span, levels: [HOURS, MINUTES] },
} as const;

/** What a series has from `from` up to `to`, page by page. Buckets are whole, also at both ends. */
export function exportPage(
  file: HistoryFile,
  series: number,
  pending: Samples,
  from: number,
  to: number,
  resolution: Resolution,
): Page {
  if (resolution === 'raw') return samplesPage(file, series, pending, from, to);
  const { width, span, levels } = MADE_OF[resolution];
  const begin = firstTime(file, series, pending, from, levels);
  if (begin === undefined || begin >= to) return { next: undefined };
  const end = Math.min(to, startOf(begin, span) + span);
  const first = startOf(begin, width);
  const grid = { from: first, width, size: Math.ceil((end - first) / width) };
  return {
    buckets: readGrid(file, series, pending, grid, levels),
    next: end < to ? end : undefined,
  };
}

function samplesPage(file: HistoryFile, series: number, pending: Samples, from: number, to: number): Page {
  const end = Math.min(to, file.startAfter('chunk', series, from, CHUNKS_OF_A_PAGE) ?? to);
  const runs: Samples[] = [];
  visitSamples(file, series, pending, from, end, ({ t, v, length }) => {
    runs.push({ t: t.slice(0, length), v: v.slice(0, length), length });
  });
  return { samples: joined(runs), next: end < to ? end : undefined };
}

function joined(runs: readonly Samples[]): Samples {
  const length = runs.reduce((sum, run) => sum + run.length, 0);
  const t = new Float64Array(length);
  const v = new Float64Array(length);
  let at = 0;
  for (const run of runs) {
    t.set(run.t, at);
    v.set(run.v, at);
    at += run.length;
  }
  return { t, v, length };
}

/** The first time from `from` on at which there may be something: an export from 1970 on does not visit every day. */
function firstTime(
  file: HistoryFile,
  series: number,
  pending: Samples,
  from: number,
  levels: readonly Level[],
): number | undefined {
  const starts = levels.map(({ table, span }) => file.startAfter(table, series, startOf(from, span), 0));
  const chunk = file.rowBefore('chunk', series, from)?.start ?? file.startAfter('chunk', series, from, 0);
  const waiting = pending.length > 0 ? pending.t[0] : undefined;
  const known = [...starts, chunk, waiting].filter((start) => start !== undefined);
  return known.length === 0 ? undefined : Math.max(from, Math.min(...known));
}
