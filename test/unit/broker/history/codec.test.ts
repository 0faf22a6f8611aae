import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { batchBytes, batchOver } from '#broker/history/batch.ts';
import { BucketGrid } from '#broker/history/buckets.ts';
import { decodeBuckets, encodeBuckets } from '#broker/history/codec/bucket-row.ts';
import { ByteReader, ByteWriter } from '#broker/history/codec/bytes.ts';
import { ChunkReader, cutIntoChunks, encodeChunk } from '#broker/history/codec/chunk.ts';
import { readColumn, writeColumn } from '#broker/history/codec/column.ts';
import { decodeJournalRow, encodeJournalRow } from '#broker/history/codec/journal-row.ts';
import { readXor, writeXor } from '#broker/history/codec/xor.ts';
import type { Samples } from '#broker/history/samples.ts';

const double = fc.double({ noNaN: true });
const single = fc.float({ noNaN: true });
const bound = 2 ** 53 - 1;
const integer = fc.oneof(
  fc.maxSafeInteger(),
  fc.constantFrom(0, 1, -1, bound, -bound, 2 ** 50, 2 ** 50 + 1, -(2 ** 50), 2 ** 32, 2 ** 31),
);
const decimal = fc
  .tuple(fc.integer({ min: -1e7, max: 1e7 }), fc.integer({ min: 0, max: 9 }))
  .map(([i, d]) => i / 10 ** d);
const bool = fc.constantFrom(0, 1);
/** Columns of one kind each, and of all kinds mixed. */
const columns = fc.oneof(
  ...[double, single, integer, decimal, bool, fc.oneof(double, integer, decimal, bool)].map((value) =>
    fc.array(value, { maxLength: 200 }),
  ),
);
const times = fc.array(
  fc.oneof(fc.integer({ min: 0, max: 2 ** 42 }), fc.integer({ min: 1e12, max: 1e12 + 50 })),
  {
    maxLength: 200,
  },
);

function roundTrip(values: number[]): { back: number[]; bytes: number } {
  const writer = new ByteWriter();
  writeColumn(writer, Float64Array.from(values), values.length);
  const bytes = writer.take();
  const into = new Float64Array(values.length);
  readColumn(new ByteReader(bytes), into, values.length);
  return { back: Array.from(into), bytes: bytes.length };
}

describe('a column', () => {
  test('gives back any numbers, to the bit', () => {
    fc.assert(
      fc.property(columns, (values) => {
        expect(roundTrip(values).back).toEqual(values);
      }),
    );
  });

  test('gives back times in any order, also the same ones', () => {
    fc.assert(
      fc.property(times, (values) => {
        expect(roundTrip(values).back).toEqual(values);
      }),
    );
  });

  test.each([
    ['−0', [0, -0, 0]],
    ['what is not finite', [Infinity, 1, -Infinity]],
    ['the smallest and the largest', [5e-324, Number.MAX_VALUE, -5e-324, 2 ** -1022]],
    ['differences beyond 2^53', [bound, -bound, bound]],
  ])('gives back %s', (_name, values) => {
    expect(roundTrip(values).back).toEqual(values);
  });

  test('keeps what is regular in next to nothing', () => {
    const length = 320;
    const seconds = Array.from({ length }, (_, index) => index * 1_000);
    expect(roundTrip(seconds).bytes).toBeLessThan(20);
    expect(roundTrip(Array<number>(length).fill(21.37)).bytes).toBeLessThan(20);
    const toggles = Array.from({ length }, (_, index) => Number(index % 7 < 3));
    expect(roundTrip(toggles).bytes).toBeLessThan(length / 3);
  });

  test('never takes much more than the doubles themselves', () => {
    fc.assert(
      fc.property(columns, (values) => {
        expect(roundTrip(values).bytes).toBeLessThanOrEqual(10 + values.length * 10);
      }),
    );
  });
});

test('doubles as bits give back any but NaN', () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(double, single, integer), { maxLength: 100 }), (values) => {
      const writer = new ByteWriter();
      writeXor(writer, Float64Array.from(values), values.length);
      const into = new Float64Array(values.length);
      readXor(new ByteReader(writer.take()), into, values.length);
      expect(Array.from(into)).toEqual(values);
    }),
  );
});

const ascending = (values: readonly number[], start: number): Samples => ({
  t: Float64Array.from(values, (_, index) => start + index * 900),
  v: Float64Array.from(values),
  length: values.length,
});

test('a chunk gives back its samples, and long runs are cut into chunks that hold all of them', () => {
  const reader = new ChunkReader();
  fc.assert(
    fc.property(fc.array(decimal, { minLength: 1, maxLength: 1_500 }), (values) => {
      const samples = ascending(values, 1_790_000_000_000);
      const back = cutIntoChunks(samples).flatMap((chunk) => {
        const { t, v, length } = reader.read(chunk.t[0] as number, encodeChunk(chunk));
        expect(length).toBeLessThanOrEqual(512);
        return Array.from(t.subarray(0, length), (time, index) => [time, v[index]]);
      });
      expect(back).toEqual(values.map((value, index) => [samples.t[index], value]));
    }),
    { numRuns: 30 },
  );
});

test('a row that was cut off or scrambled is refused or read, never endless', () => {
  const row = encodeChunk(ascending([1, 2, 3.5], 0));
  expect(() => new ChunkReader().read(0, row.subarray(0, row.length - 1))).toThrow(RangeError);
  expect(() => new ChunkReader().read(0, Uint8Array.of(0xff, 0xff, 0xff, 0x7f))).toThrow(RangeError);
  expect(() => decodeJournalRow(Uint8Array.of(0xff, 0xff, 0xff, 0x7f))).toThrow(RangeError);
});

test('a journal row gives back all samples, those of one series in their order', () => {
  const sample = fc.record({
    series: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 2 ** 21 - 1 })),
    t: fc.integer({ min: 0, max: 2 ** 42 - 1 }),
    v: fc.oneof(double, single, integer, decimal, bool, fc.constant(-0)),
  });
  fc.assert(
    fc.property(fc.array(sample, { maxLength: 200 }), (samples) => {
      const batch = batchOver(new ArrayBuffer(batchBytes(256)), samples.length);
      samples.forEach(({ series, t, v }, index) => {
        batch.series[index] = series;
        batch.t[index] = t;
        batch.v[index] = v;
      });
      const { series, t, v, length } = decodeJournalRow(encodeJournalRow(batch));
      const back = Array.from({ length }, (_, index) => ({
        series: series[index],
        t: t[index],
        v: v[index],
      }));
      expect(back).toEqual(samples.toSorted((a, b) => a.series - b.series));
    }),
  );
});

test('a row of buckets gives them back, with sums as exact as the values', () => {
  fc.assert(
    fc.property(fc.array(decimal, { minLength: 1, maxLength: 300 }), (values) => {
      const grid = new BucketGrid(60_000, 60_000, 1_440);
      grid.addSamples(ascending(values, 60_000));
      const buckets = grid.filled();
      const back = decodeBuckets(60_000, 60_000, encodeBuckets(60_000, 60_000, buckets));
      expect({ ...back, sum: [] }).toEqual({ ...buckets, sum: [] });
      back.sum.forEach((sum, index) => expect(sum).toBeCloseTo(buckets.sum[index] as number, 5));
    }),
    { numRuns: 50 },
  );
});
