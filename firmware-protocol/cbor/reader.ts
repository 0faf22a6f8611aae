import { INFO, MAJOR, UPPER_HALF } from './major.ts';
import { decodeUtf8 } from './utf8.ts';

/**
 * Reads the items of a payload in order. The payload must have passed `checkProfile`, so that nothing here needs to
 * look whether bytes are there. What is asked for and is not the next item gives undefined and stays where it is.
 */
export class Reader {
  readonly bytes: Uint8Array;
  /** Offset of the next item. */
  at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** An integer, which a float never is. */
  integer(): number | undefined {
    const major = this.#major();
    if (major > MAJOR.negative) return undefined;
    const argument = this.#argument();
    return major === MAJOR.unsigned ? argument : -1 - argument;
  }

  /** An integer, or a float of any width. */
  number(): number | undefined {
    const first = this.bytes[this.at] as number;
    if (first >> 5 !== MAJOR.simple) return this.integer();
    const width = first & 0x1f;
    if (width < INFO.twoBytes) return undefined;
    const { buffer, byteOffset } = this.bytes;
    const view = new DataView(buffer, byteOffset + this.at + 1);
    this.at += 1 + (1 << (width - INFO.oneByte));
    if (width === INFO.eightBytes) return view.getFloat64(0);
    return width === INFO.fourBytes ? view.getFloat32(0) : fromHalf(view.getUint16(0));
  }

  text(): string | undefined {
    if (this.#major() !== MAJOR.text) return undefined;
    const length = this.#argument();
    const start = this.at;
    this.at += length;
    return decodeUtf8(this.bytes, start, this.at);
  }

  /** A copy of a byte string. */
  byteString(): Uint8Array | undefined {
    if (this.#major() !== MAJOR.bytes) return undefined;
    const length = this.#argument();
    const start = this.at;
    this.at += length;
    // Not `slice`, which for a Buffer would keep the whole packet alive.
    return new Uint8Array(this.bytes.subarray(start, this.at));
  }

  /** true, false or null. */
  simple(): boolean | null | undefined {
    const info = (this.bytes[this.at] as number) - (MAJOR.simple << 5);
    if (info < INFO.false || info > INFO.null) return undefined;
    this.at += 1;
    return info === INFO.null ? null : info === INFO.true;
  }

  /** Goes into an array; returns how many items follow. */
  array(): number | undefined {
    return this.#major() === MAJOR.array ? this.#argument() : undefined;
  }

  /** Goes into a map; returns how many pairs follow. */
  map(): number | undefined {
    return this.#major() === MAJOR.map ? this.#argument() : undefined;
  }

  /** Passes over one item and all that is in it. */
  skip(): void {
    for (let items = 1; items > 0; items -= 1) {
      const major = this.#major();
      if (major === MAJOR.simple) {
        const info = (this.bytes[this.at] as number) & 0x1f;
        this.at += info < INFO.twoBytes ? 1 : 1 + (1 << (info - INFO.oneByte));
        continue;
      }
      const argument = this.#argument();
      if (major === MAJOR.bytes || major === MAJOR.text) this.at += argument;
      else if (major === MAJOR.array) items += argument;
      else if (major === MAJOR.map) items += argument * 2;
    }
  }

  #major(): number {
    return (this.bytes[this.at] as number) >> 5;
  }

  #argument(): number {
    const info = (this.bytes[this.at++] as number) & 0x1f;
    switch (info) {
      case INFO.oneByte:
        return this.bytes[this.at++] as number;
      case INFO.twoBytes:
        return this.#word();
      case INFO.fourBytes:
        return this.#doubleWord();
      case INFO.eightBytes:
        return this.#doubleWord() * UPPER_HALF + this.#doubleWord();
      default:
        return info;
    }
  }

  #word(): number {
    const { bytes } = this;
    return ((bytes[this.at++] as number) << 8) | (bytes[this.at++] as number);
  }

  #doubleWord(): number {
    return this.#word() * 0x1_0000 + this.#word();
  }
}

/** A half-precision number (IEEE 754 binary16) that is finite. */
function fromHalf(bits: number): number {
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  const magnitude = exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25);
  return bits & 0x8000 ? -magnitude : magnitude;
}
