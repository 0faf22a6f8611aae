import { FLAG, hasFlag, type Description, type Property, type Values } from '#firmware-protocol';
import { isCharted } from '../fleet/highlights.ts';
import { Series } from './series.ts';

/** Reporting intervals of silence after which readings are not joined. */
const SILENT_INTERVALS = 2.5;

/** Points kept of each reading of a device that somebody looks at; at one per second, an hour. */
export const WATCHED_POINTS = 3_600;

const FEWEST_POINTS = 60;
const POINTS_OF_ALL_DEVICES = 600_000;

/** Points kept of each reading when nobody looks: many in a small fleet, a sparkline's worth in a large one. */
export const unwatchedPoints = (devices: number): number =>
  Math.max(FEWEST_POINTS, Math.min(WATCHED_POINTS, Math.floor(POINTS_OF_ALL_DEVICES / Math.max(1, devices))));

/** The least silence that counts where a device does not say how often it reports, in ms. */
const LEAST_SILENCE_MS = 5_000;

/**
 * A sampled property is reported at least so often as its description says, or else about as often as it was;
 * others are reported when they change, however late.
 */
function gapAfterMs(property: Property, { interval }: Series): number {
  if (!hasFlag(property, FLAG.sampled)) return Infinity;
  const longest = (property.rpt?.[1] ?? 0) * 1_000;
  if (longest > 0) return longest * SILENT_INTERVALS;
  return interval === undefined ? Infinity : Math.max(LEAST_SILENCE_MS, interval * SILENT_INTERVALS);
}

/**
 * Adds what a device reported at `time` (hub time, ms) to the series of its readings, by property.
 * @param limit points kept of a series that begins now
 * @returns whether there was anything new
 */
export function record(
  series: Map<number, Series>,
  description: Description,
  values: Values,
  time: number,
  limit: number,
): boolean {
  let grew = false;
  for (const property of description.props) {
    const value = values.get(property.pid);
    if (typeof value !== 'number' || !isCharted(property)) continue;
    let readings = series.get(property.pid);
    if (!readings) series.set(property.pid, (readings = new Series(limit)));
    grew = readings.add(time, value, gapAfterMs(property, readings)) || grew;
  }
  return grew;
}
