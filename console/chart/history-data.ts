import { FLAG, hasFlag, type Property } from '#firmware-protocol';
import type { History } from '#broker/contract/history.ts';
import type { PlotData } from './plot-data.ts';

type HistorySeries = History['series'][number];

/** Buckets, or reporting intervals, of silence after which readings are not joined. */
const SILENT = 2.5;

/** Half of the times between readings are not longer than this, in ms. */
function usualInterval(times: readonly number[]): number {
  const intervals = times.slice(1).map((time, at) => time - (times[at] as number));
  return intervals.sort((a, b) => a - b)[intervals.length >> 1] ?? 0;
}

/**
 * A sampled property is reported at least so often as its description says, or else about as often as it was;
 * others are reported when they change, however late.
 */
function gapAfterMs(property: Property, { t }: HistorySeries, bucket: number): number {
  if (!hasFlag(property, FLAG.sampled)) return Infinity;
  const longest = (property.rpt?.[1] ?? 0) * 1_000 || usualInterval(t);
  return Math.max(bucket, longest) * SILENT;
}

/**
 * Puts buckets of several properties on one time axis: a column of means for each, then one of the least for each,
 * then one of the greatest. What a property has no readings of is a gap.
 */
export function alignHistory({ bucket, series }: History, properties: readonly Property[]): PlotData {
  const lines = properties.length;
  const rows = new Map<number, (number | null | undefined)[]>();
  const put = (time: number, column: number, values: readonly (number | null | undefined)[]): void => {
    let row = rows.get(time);
    if (!row) rows.set(time, (row = new Array<number | null | undefined>(lines * 3).fill(undefined)));
    values.forEach((value, part) => ((row as (number | null | undefined)[])[column + part * lines] = value));
  };
  properties.forEach((property, column) => {
    const its = series.find(({ pid }) => pid === property.pid);
    if (!its) return;
    const gapAfter = gapAfterMs(property, its, bucket);
    its.t.forEach((time, at) => {
      const before = its.t[at - 1];
      if (before !== undefined && time - before > gapAfter) put(before + 1, column, [null, null, null]);
      put(time, column, [its.mean[at], its.min[at], its.max[at]]);
    });
  });
  const times = [...rows.keys()].sort((a, b) => a - b);
  const columns = Array.from({ length: lines * 3 }, (_, column) =>
    times.map((time) => rows.get(time)?.[column]),
  );
  return [times.map((time) => time / 1_000), ...columns];
}
