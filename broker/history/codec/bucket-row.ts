import type { Buckets } from '../buckets.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { readColumn, writeColumn } from './column.ts';

/** Digits beyond this many are noise or a measurement's own. */
const MOST = 1e9;

const writer = new ByteWriter();

/**
 * Buckets as one row.
 *
 * @param start the row's key: times count from it
 * @param width of each bucket, in ms
 */
export function encodeBuckets(start: number, width: number, buckets: Buckets): Uint8Array {
  const { t, count, min, max, last, length } = buckets;
  writer.varint(length);
  writeColumn(
    writer,
    t.map((time) => (time - start) / width),
    length,
  );
  for (const column of [count, min, max, withoutNoise(buckets), last]) writeColumn(writer, column, length);
  return writer.take();
}

/** @throws RangeError where the row has no buckets */
export function decodeBuckets(start: number, width: number, row: Uint8Array): Buckets {
  const reader = new ByteReader(row);
  const length = reader.varint();
  if (length > row.length * 32) throw new RangeError(`a row of ${row.length} bytes says ${length} buckets`);
  const column = (): Float64Array => {
    const values = new Float64Array(length);
    readColumn(reader, values, length);
    return values;
  };
  const t = column().map((index) => start + index * width);
  return { t, count: column(), min: column(), max: column(), sum: column(), last: column(), length };
}

/** Sums with as few digits as lie within the error that adding so many doubles makes anyway. */
function withoutNoise({ sum, count, min, max }: Buckets): Float64Array {
  return sum.map((value, index) => {
    const largest = Math.max(Math.abs(min[index] as number), Math.abs(max[index] as number));
    const error = (count[index] as number) * largest * Number.EPSILON;
    for (let power = 1; power <= MOST; power *= 10) {
      const shorter = Math.round(value * power) / power;
      if (Math.abs(shorter - value) <= error) return shorter;
    }
    return value;
  });
}
