import { BucketGrid, type Buckets } from './buckets.ts';
import { decodeBuckets, encodeBuckets } from './codec/bucket-row.ts';
import { encodeChunk } from './codec/chunk.ts';
import { readChunk } from './fold.ts';
import type { HistoryFile, Row } from './history-file.ts';
import { HOURS, MINUTES, startOf, type Level } from './levels.ts';
import type { Horizons } from './retention.ts';
import { firstAt, part } from './samples.ts';

/** Chunks that one step takes at most. */
const CHUNKS_AT_ONCE = 64;

/** The buckets of a row; undefined where it cannot be read. */
export function readBuckets({ width }: Level, { start, data }: Row): Buckets | undefined {
  try {
    return decodeBuckets(start, width, data);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** Takes one step of what is due for a series; to be called within a transaction. False where nothing is due. */
export function rollUp(file: HistoryFile, series: number, { raw, minute, hour }: Horizons): boolean {
  const chunk = file.startAfter('chunk', series, 0, 0);
  if (chunk !== undefined && chunk < raw) {
    samplesToMinutes(file, series, chunk, raw);
    return true;
  }
  const minutes = file.startAfter('minute', series, 0, 0);
  if (minutes !== undefined && minutes < minute) {
    minutesToHours(file, series, minutes);
    return true;
  }
  const hours = file.startAfter('hour', series, 0, 0);
  if (hours === undefined || hours >= hour) return false;
  file.remove('hour', series, hours);
  return true;
}

/** Samples from one time on, of one day at most, become minutes. */
function samplesToMinutes(file: HistoryFile, series: number, from: number, horizon: number): void {
  const day = startOf(from, MINUTES.span);
  const until = Math.min(horizon, day + MINUTES.span);
  change(file, series, MINUTES, day, (grid) => {
    for (const row of file.firstRows('chunk', series, from, until, CHUNKS_AT_ONCE)) {
      const samples = readChunk(row);
      const old = firstAt(samples, until);
      grid.addSamples(part(samples, 0, old));
      file.remove('chunk', series, row.start);
      file.samples -= old;
      if (old === samples.length) continue;
      const rest = part(samples, old, samples.length);
      file.put('chunk', series, { start: rest.t[0] as number, data: encodeChunk(rest) });
    }
  });
}

function minutesToHours(file: HistoryFile, series: number, start: number): void {
  change(file, series, HOURS, startOf(start, HOURS.span), (grid) => {
    const row = file.row('minute', series, start);
    const minutes = row && readBuckets(MINUTES, row);
    if (minutes) grid.addBuckets(minutes);
    file.remove('minute', series, start);
  });
}

/** Fills the row of a level that begins at `start`, beside what it has. */
function change(
  file: HistoryFile,
  series: number,
  level: Level,
  start: number,
  fill: (grid: BucketGrid) => void,
): void {
  const grid = new BucketGrid(start, level.width, level.span / level.width);
  const row = file.row(level.table, series, start);
  const before = row && readBuckets(level, row);
  if (before) grid.addBuckets(before);
  fill(grid);
  const data = encodeBuckets(start, level.width, grid.filled());
  file.put(level.table, series, { start, data });
}
