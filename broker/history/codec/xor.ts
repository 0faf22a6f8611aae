import { BitReader, BitWriter } from './bits.ts';
import type { ByteReader, ByteWriter } from './bytes.ts';

/*
 * Doubles as what changes of their bits from one to the next: "0" for nothing, "10" and the bits within the window
 * of before, "11" and a new window. (Pelkonen et al., "Gorilla", VLDB 2015, section 4.1.3.)
 */
const double = new Float64Array(1);
const [LOW, HIGH] = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];
const word = new Uint32Array(double.buffer);

/** Any doubles, exactly as they are. */
export function writeXor(writer: ByteWriter, values: Float64Array, length: number): void {
  const bits = new BitWriter(writer);
  let high = 0;
  let low = 0;
  let leading = 64;
  let trailing = 0;
  for (let index = 0; index < length; index += 1) {
    double[0] = values[index] as number;
    const changedHigh = ((word[HIGH] as number) ^ high) >>> 0;
    const changedLow = ((word[LOW] as number) ^ low) >>> 0;
    high = word[HIGH] as number;
    low = word[LOW] as number;
    if (changedHigh === 0 && changedLow === 0) {
      bits.put(0, 1);
      continue;
    }
    const before = changedHigh === 0 ? 32 + Math.clz32(changedLow) : Math.clz32(changedHigh);
    const after = changedLow === 0 ? 32 + trailingZeros(changedHigh) : trailingZeros(changedLow);
    if (before >= leading && after >= trailing) {
      bits.put(0b01, 2);
    } else {
      leading = before;
      trailing = after;
      bits.put(0b11, 2);
      bits.put(leading, 6);
      bits.put(64 - leading - trailing - 1, 6);
    }
    const width = 64 - leading - trailing;
    if (trailing >= 32) {
      bits.put(changedHigh >>> (trailing - 32), width);
    } else {
      const shiftedLow =
        ((changedLow >>> trailing) | (trailing === 0 ? 0 : changedHigh << (32 - trailing))) >>> 0;
      bits.put(shiftedLow, Math.min(width, 32));
      if (width > 32) bits.put(changedHigh >>> trailing, width - 32);
    }
  }
  bits.end();
}

/** Reads `length` doubles into `into`. */
export function readXor(reader: ByteReader, into: Float64Array, length: number): void {
  const bits = new BitReader(reader);
  let high = 0;
  let low = 0;
  let trailing = 0;
  let width = 0;
  for (let index = 0; index < length; index += 1) {
    if (bits.get(1) === 1) {
      if (bits.get(1) === 1) {
        const leading = bits.get(6);
        width = bits.get(6) + 1;
        trailing = 64 - leading - width;
      }
      if (trailing >= 32) {
        high = (high ^ (bits.get(width) << (trailing - 32))) >>> 0;
      } else {
        const shiftedLow = bits.get(Math.min(width, 32));
        const shiftedHigh = width > 32 ? bits.get(width - 32) : 0;
        low = (low ^ (shiftedLow << trailing)) >>> 0;
        const carried = trailing === 0 ? 0 : shiftedLow >>> (32 - trailing);
        high = (high ^ ((shiftedHigh << trailing) | carried)) >>> 0;
      }
    }
    word[HIGH] = high;
    word[LOW] = low;
    into[index] = double[0] as number;
  }
  bits.end();
}

const trailingZeros = (bits: number): number => 31 - Math.clz32(bits & -bits);
