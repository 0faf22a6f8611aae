import type { ByteReader, ByteWriter } from './bytes.ts';
import { fromInteger, toIntegers } from './decimals.ts';
import { bestOrder, readIntegers, writeIntegers, type Order } from './integers.ts';
import { readXor, writeXor } from './xor.ts';

/** The head of a column whose doubles stand as their bits. Other heads say how its integers become numbers. */
const XOR = 0x80;
const SINGLE = 0x04;

/** With more than this for a value, integers are held against the other way. */
const BYTES_WORTH_COMPARING = 4;

let integers = new Float64Array(1_024);

/**
 * The first `length` numbers, exactly as they are: times, integers, decimals, switches as 0 and 1, any double but
 * NaN. Numbers with few digits behind the point are kept as integers, others as bits; what is smaller is taken.
 */
export function writeColumn(writer: ByteWriter, values: Float64Array, length: number): void {
  if (integers.length < length) integers = new Float64Array(length * 2);
  const begun = writer.length;
  const decimals = toIntegers(values, integers, length);
  if (!decimals) return writeBits(writer, values, length);
  const order = bestOrder(integers, length);
  writer.u8((decimals.digits << 3) | (decimals.single ? SINGLE : 0) | order);
  writeIntegers(writer, integers, length, order);
  const end = writer.length;
  if (end - begun <= length * BYTES_WORTH_COMPARING) return;
  writeBits(writer, values, length);
  const asBits = writer.length - end;
  writer.truncate(begun);
  if (asBits < end - begun) {
    writeBits(writer, values, length);
  } else {
    writer.u8((decimals.digits << 3) | (decimals.single ? SINGLE : 0) | order);
    writeIntegers(writer, integers, length, order);
  }
}

/** Reads `length` numbers into `into`. */
export function readColumn(reader: ByteReader, into: Float64Array, length: number): void {
  const head = reader.u8();
  if (head === XOR) return readXor(reader, into, length);
  readIntegers(reader, into, length, (head & 0x03) as Order);
  const decimals = { digits: head >> 3, single: (head & SINGLE) !== 0 };
  if (decimals.digits === 0 && !decimals.single) return;
  for (let index = 0; index < length; index += 1) {
    into[index] = fromInteger(into[index] as number, decimals);
  }
}

function writeBits(writer: ByteWriter, values: Float64Array, length: number): void {
  writer.u8(XOR);
  writeXor(writer, values, length);
}
