import { BitReader, BitWriter, STEP } from './bits.ts';
import { unzigzag, zigzag, type ByteReader, type ByteWriter } from './bytes.ts';

/** Values that share one width in bits. */
const BLOCK = 32;

/** 0: the integers themselves, 1: their differences, 2: the differences of those. */
export type Order = 0 | 1 | 2;
const ORDERS: readonly Order[] = [0, 1, 2];

let scratch = new Float64Array(1_024);

/** The order that takes the fewest bytes. */
export function bestOrder(integers: Float64Array, length: number): Order {
  let best: Order = 0;
  let least = Infinity;
  for (const order of ORDERS) {
    const residues = residuesOf(integers, length, order);
    let bits = order * 32;
    for (let start = 0; start < residues; start += BLOCK) {
      const end = Math.min(start + BLOCK, residues);
      bits += 8 + (end - start) * widest(start, end);
    }
    if (bits < least) {
      least = bits;
      best = order;
    }
  }
  return best;
}

/** Integers of at most `LARGEST` either side of zero, in blocks of 32 with one width each. */
export function writeIntegers(
  writer: ByteWriter,
  integers: Float64Array,
  length: number,
  order: Order,
): void {
  if (order >= 1 && length >= 1) writer.signed(integers[0] as number);
  if (order === 2 && length >= 2) writer.signed((integers[1] as number) - (integers[0] as number));
  const residues = residuesOf(integers, length, order);
  const bits = new BitWriter(writer);
  for (let start = 0; start < residues; start += BLOCK) {
    const end = Math.min(start + BLOCK, residues);
    const width = widest(start, end);
    writer.u8(width);
    if (width === 0) continue;
    for (let index = start; index < end; index += 1) bits.put(scratch[index] as number, width);
    bits.end();
  }
}

/** Reads `length` integers into `into`. */
export function readIntegers(reader: ByteReader, into: Float64Array, length: number, order: Order): void {
  let value = order >= 1 && length >= 1 ? reader.signed() : 0;
  let step = order === 2 && length >= 2 ? reader.signed() : 0;
  let at = 0;
  if (order >= 1 && at < length) into[at++] = value;
  if (order === 2 && at < length) into[at++] = value += step;
  while (at < length) {
    const end = Math.min(at + BLOCK, length);
    unpack(reader, into, at, end);
    for (; at < end; at += 1) {
      const residue = unzigzag(into[at] as number);
      if (order === 2) into[at] = value += step += residue;
      else if (order === 1) into[at] = value += residue;
      else into[at] = residue;
    }
  }
}

/** Reads one block as it stands. A chart of a day is made of thousands: most widths fit into 32 bits at a time. */
function unpack(reader: ByteReader, into: Float64Array, start: number, end: number): void {
  const width = reader.u8();
  if (width === 0) {
    into.fill(0, start, end);
    return;
  }
  if (width > STEP) {
    const bits = new BitReader(reader);
    for (let index = start; index < end; index += 1) into[index] = bits.get(width);
    return;
  }
  const bytes = reader.bytes(Math.ceil(((end - start) * width) / 8));
  const mask = (1 << width) - 1;
  let pending = 0;
  let held = 0;
  let next = 0;
  for (let index = start; index < end; index += 1) {
    while (held < width) {
      pending |= (bytes[next++] as number) << held;
      held += 8;
    }
    into[index] = pending & mask;
    pending >>>= width;
    held -= width;
  }
}

/** Fills the scratch with what an order leaves to be written; returns how many that are. */
function residuesOf(integers: Float64Array, length: number, order: Order): number {
  if (scratch.length < length) scratch = new Float64Array(length * 2);
  let previous = integers[0] ?? 0;
  let step = (integers[1] ?? 0) - previous;
  if (order === 0) {
    for (let index = 0; index < length; index += 1) scratch[index] = zigzag(integers[index] as number);
    return length;
  }
  if (order === 1) {
    for (let index = 1; index < length; index += 1) {
      const value = integers[index] as number;
      scratch[index - 1] = zigzag(value - previous);
      previous = value;
    }
    return Math.max(0, length - 1);
  }
  previous = integers[1] ?? 0;
  for (let index = 2; index < length; index += 1) {
    const value = integers[index] as number;
    scratch[index - 2] = zigzag(value - previous - step);
    step = value - previous;
    previous = value;
  }
  return Math.max(0, length - 2);
}

/** Bits that the largest of these residues needs. */
function widest(start: number, end: number): number {
  let largest = 0;
  for (let index = start; index < end; index += 1) largest = Math.max(largest, scratch[index] as number);
  if (largest < 2 ** 32) return 32 - Math.clz32(largest);
  return 64 - Math.clz32(Math.floor(largest / 2 ** 32));
}
