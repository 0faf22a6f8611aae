import type { ByteReader, ByteWriter } from './bytes.ts';

/** Most bits that fit into a 32-bit accumulator beside the seven that may be left in it. */
export const STEP = 24;
const STEP_RANGE = 2 ** STEP;

/** Writes integers of any width up to 53 bits, the lowest bits first. */
export class BitWriter {
  readonly #bytes: ByteWriter;
  #pending = 0;
  #held = 0;

  constructor(bytes: ByteWriter) {
    this.#bytes = bytes;
  }

  put(value: number, width: number): void {
    let rest = value;
    let left = width;
    while (left > STEP) {
      this.#put(rest % STEP_RANGE, STEP);
      rest = Math.floor(rest / STEP_RANGE);
      left -= STEP;
    }
    this.#put(rest, left);
  }

  /** Fills up the last byte with zeros. */
  end(): void {
    if (this.#held > 0) this.#bytes.u8(this.#pending & 0xff);
    this.#pending = 0;
    this.#held = 0;
  }

  #put(value: number, width: number): void {
    this.#pending |= value << this.#held;
    this.#held += width;
    while (this.#held >= 8) {
      this.#bytes.u8(this.#pending & 0xff);
      this.#pending >>>= 8;
      this.#held -= 8;
    }
  }
}

/** Reads what a `BitWriter` wrote; `end` leaves the rest of the last byte. */
export class BitReader {
  readonly #bytes: ByteReader;
  #pending = 0;
  #held = 0;

  constructor(bytes: ByteReader) {
    this.#bytes = bytes;
  }

  get(width: number): number {
    if (width <= STEP) return this.#get(width);
    let value = 0;
    let weight = 1;
    let left = width;
    while (left > STEP) {
      value += this.#get(STEP) * weight;
      weight *= STEP_RANGE;
      left -= STEP;
    }
    return value + this.#get(left) * weight;
  }

  end(): void {
    this.#pending = 0;
    this.#held = 0;
  }

  #get(width: number): number {
    while (this.#held < width) {
      this.#pending |= this.#bytes.u8() << this.#held;
      this.#held += 8;
    }
    const value = this.#pending & ((1 << width) - 1);
    this.#pending >>>= width;
    this.#held -= width;
    return value;
  }
}
