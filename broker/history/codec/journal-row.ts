import { batchBytes, batchOver, type Batch } from '../batch.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { digitsOf, fromInteger, toInteger } from './decimals.ts';

/**
 * A row of the journal: one batch, every sample on its own, so that a row can be read without those before it.
 * Sorted by series: a head with the distance to the series before and the kind of the value, then the time since
 * the sample before, then the value.
 */
const KINDS = 16;
/** Kinds 0 to 9: an integer with so many digits behind the point. */
const FLOAT32 = 14;
const FLOAT64 = 15;
/** A distance between series that has no room in the head and follows it. */
const FAR = 15;

const writer = new ByteWriter();

/** The batch as one row of about four bytes a sample. Samples of one series keep their order. */
export function encodeJournalRow(batch: Batch): Uint8Array {
  const { series, t, v, length } = batch;
  writer.varint(length);
  let lastSeries = 0;
  let lastTime = 0;
  for (const index of bySeries(batch)) {
    const value = v[index] as number;
    const kind = kindOf(value);
    const distance = (series[index] as number) - lastSeries;
    writer.u8(Math.min(distance, FAR) * KINDS + kind);
    if (distance >= FAR) writer.varint(distance - FAR);
    writer.signed((t[index] as number) - lastTime);
    if (kind === FLOAT64) writer.float64(value);
    else if (kind === FLOAT32) writer.float32(value);
    else writer.signed(toInteger(value, { digits: kind, single: false }));
    lastSeries = series[index] as number;
    lastTime = t[index] as number;
  }
  return writer.take();
}

/** @throws RangeError where the row is not one of the journal */
export function decodeJournalRow(row: Uint8Array): Batch {
  const reader = new ByteReader(row);
  const length = reader.varint();
  if (length > row.length)
    throw new RangeError(`a journal row of ${row.length} bytes says ${length} samples`);
  const batch = batchOver(new ArrayBuffer(batchBytes(length)), length);
  let series = 0;
  let time = 0;
  for (let index = 0; index < length; index += 1) {
    const head = reader.u8();
    const near = Math.floor(head / KINDS);
    series += near === FAR ? FAR + reader.varint() : near;
    time += reader.signed();
    batch.series[index] = series;
    batch.t[index] = time;
    batch.v[index] = readValue(reader, head % KINDS);
  }
  return batch;
}

function readValue(reader: ByteReader, kind: number): number {
  if (kind === FLOAT64) return reader.float64();
  if (kind === FLOAT32) return reader.float32();
  return fromInteger(reader.signed(), { digits: kind, single: false });
}

/** The shortest kind; an integer beyond 2^28 takes as long as a single, and is looked at no further. */
function kindOf(value: number): number {
  const digits = digitsOf(value, false);
  const integer = digits < 0 ? Infinity : Math.abs(value) * 10 ** digits;
  if (integer < 2 ** 27) return digits;
  if (Object.is(Math.fround(value), value)) return FLOAT32;
  return integer < 2 ** 49 ? digits : FLOAT64;
}

function bySeries({ series, length }: Batch): Uint32Array {
  // Both fit into one number that sorts without a function: series are below 2^21, places below 2^32.
  const keys = new Float64Array(length);
  for (let index = 0; index < length; index += 1) keys[index] = (series[index] as number) * 2 ** 32 + index;
  keys.sort();
  return Uint32Array.from(keys, (key) => key % 2 ** 32);
}
