import type { Series } from './series.ts';

/** What uPlot draws: times in seconds, and a column per line. `null` is a gap, `undefined` no point of that line. */
export type PlotData = [number[], ...(number | null | undefined)[][]];

/** The first index whose time is not before `from`, by halving. */
function firstFrom(times: readonly number[], from: number): number {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((times[middle] as number) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Ms that a chart spans at least. */
const LEAST_SPAN = 30_000;

/** Where a chart of the last `range` ms begins: not before there is anything to see. */
export function chartStart(series: readonly Series[], until: number, range: number): number {
  const first = Math.min(...series.map(({ times }) => times[0] ?? Infinity));
  const start = Number.isFinite(first) ? Math.min(first, until - LEAST_SPAN) : until - range;
  return Math.max(until - range, start);
}

/**
 * Puts series with times of their own on one time axis, from `from` (ms) on. Each begins one point earlier, so
 * that its line enters the chart from the left edge.
 * @param scale what makes the values of each series physical
 */
export function alignSeries(
  series: readonly Series[],
  scale: readonly ((value: number) => number)[],
  from: number,
): PlotData {
  const rows = new Map<number, (number | null | undefined)[]>();
  series.forEach(({ times, values }, column) => {
    for (let at = Math.max(0, firstFrom(times, from) - 1); at < times.length; at++) {
      const time = times[at] as number;
      let row = rows.get(time);
      if (!row) rows.set(time, (row = new Array<number | null | undefined>(series.length).fill(undefined)));
      const value = values[at];
      row[column] = typeof value === 'number' ? (scale[column]?.(value) ?? value) : value;
    }
  });
  const times = [...rows.keys()].sort((a, b) => a - b);
  const columns = series.map((_, column) => times.map((time) => rows.get(time)?.[column]));
  return [times.map((time) => time / 1_000), ...columns];
}

/**
 * The value of a line at a point of the time axis: its own there, or the last one before that it is joined to.
 * @param line counts from 0; -1 where nothing is drawn
 * @returns undefined where there is none
 */
export function valueAt(data: PlotData, line: number, point: number): number | undefined {
  if (line < 0) return undefined;
  const column = data[line + 1] ?? [];
  for (let at = point; at >= 0; at--) {
    const value = column[at];
    if (value !== undefined) return value ?? undefined;
  }
  return undefined;
}
