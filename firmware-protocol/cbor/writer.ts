import { INFO, MAJOR, UPPER_HALF } from './major.ts';
import { encodeUtf8 } from './utf8.ts';

const INITIAL_BYTES = 512;

/**
 * Writes items with core deterministic encoding (RFC 8949 §4.2.1). Callers see to the order of map keys, and to
 * numbers being finite and integers safe.
 */
export class Writer {
  #bytes = new Uint8Array(INITIAL_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #items = 0;

  /** How long what was written is, in bytes. */
  get length(): number {
    return this.#at;
  }

  /** How many data items were written, nested ones counted. */
  get items(): number {
    return this.#items;
  }

  /** A copy of what was written; the writer is empty afterwards. */
  take(): Uint8Array {
    const written = this.#bytes.slice(0, this.#at);
    this.discard();
    return written;
  }

  /** Forgets what was written. */
  discard(): void {
    this.#at = 0;
    this.#items = 0;
  }

  integer(n: number): void {
    if (n < 0) this.#head(MAJOR.negative, -1 - n);
    else this.#head(MAJOR.unsigned, n);
  }

  /** A number without fraction becomes an integer, any other the shortest float that keeps it (SPEC.md 5.6). */
  number(n: number): void {
    if (Number.isInteger(n)) this.integer(n);
    else this.#float(n);
  }

  text(text: string): void {
    const utf8 = encodeUtf8(text);
    this.#head(MAJOR.text, utf8.length);
    this.#append(utf8);
  }

  byteString(bytes: Uint8Array): void {
    this.#head(MAJOR.bytes, bytes.length);
    this.#append(bytes);
  }

  simple(value: boolean | null): void {
    const info = value === null ? INFO.null : value ? INFO.true : INFO.false;
    this.#begin(1);
    this.#bytes[this.#at++] = (MAJOR.simple << 5) | info;
  }

  /** Begins an array of so many items. */
  array(items: number): void {
    this.#head(MAJOR.array, items);
  }

  /** Begins a map of so many pairs. */
  map(pairs: number): void {
    this.#head(MAJOR.map, pairs);
  }

  #head(major: number, argument: number): void {
    this.#begin(9);
    const type = major << 5;
    if (argument < INFO.oneByte) {
      this.#bytes[this.#at++] = type | argument;
    } else if (argument < 0x100) {
      this.#bytes[this.#at++] = type | INFO.oneByte;
      this.#bytes[this.#at++] = argument;
    } else if (argument < 0x1_0000) {
      this.#bytes[this.#at++] = type | INFO.twoBytes;
      this.#bytes[this.#at++] = argument >> 8;
      this.#bytes[this.#at++] = argument;
    } else if (argument < UPPER_HALF) {
      this.#bytes[this.#at] = type | INFO.fourBytes;
      this.#view.setUint32(this.#at + 1, argument);
      this.#at += 5;
    } else {
      this.#bytes[this.#at] = type | INFO.eightBytes;
      this.#view.setUint32(this.#at + 1, Math.floor(argument / UPPER_HALF));
      this.#view.setUint32(this.#at + 5, argument % UPPER_HALF);
      this.#at += 9;
    }
  }

  #float(n: number): void {
    this.#begin(9);
    const type = MAJOR.simple << 5;
    if (Math.fround(n) !== n) {
      this.#bytes[this.#at] = type | INFO.eightBytes;
      this.#view.setFloat64(this.#at + 1, n);
      this.#at += 9;
      return;
    }
    this.#view.setFloat32(this.#at + 1, n);
    const half = toHalf(this.#view.getUint32(this.#at + 1));
    if (half === undefined) {
      this.#bytes[this.#at] = type | INFO.fourBytes;
      this.#at += 5;
    } else {
      this.#bytes[this.#at] = type | INFO.twoBytes;
      this.#view.setUint16(this.#at + 1, half);
      this.#at += 3;
    }
  }

  /** Begins an item whose first byte and argument have at most so many bytes. */
  #begin(head: number): void {
    this.#items += 1;
    this.#reserve(head);
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #reserve(more: number): void {
    if (this.#at + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#at + more, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** The binary16 that is equal to a binary32 (both as bits), or undefined where there is none. */
function toHalf(single: number): number | undefined {
  const sign = (single >>> 16) & 0x8000;
  const exponent = ((single >>> 23) & 0xff) - 127;
  const fraction = single & 0x7f_ffff;
  if (exponent >= -14 && exponent <= 15) {
    return (fraction & 0x1fff) === 0 ? sign | ((exponent + 15) << 10) | (fraction >> 13) : undefined;
  }
  if (exponent < -24 || exponent > 15) return undefined;
  const significand = fraction | 0x80_0000;
  const shift = -1 - exponent;
  return (significand & ((1 << shift) - 1)) === 0 ? sign | (significand >> shift) : undefined;
}
