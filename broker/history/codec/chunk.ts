import { part, type Samples } from '../samples.ts';
import { ByteReader, ByteWriter } from './bytes.ts';
import { readColumn, writeColumn } from './column.ts';

/** Most samples that a chunk is made of: few enough to be quickly merged with, enough to bury what a row costs. */
export const CHUNK_SAMPLES = 512;

const writer = new ByteWriter();
let offsets = new Float64Array(CHUNK_SAMPLES);

/** Samples in order as one row; their times count from the first, which is the row's key. */
export function encodeChunk({ t, v, length }: Samples): Uint8Array {
  if (offsets.length < length) offsets = new Float64Array(length);
  const start = t[0] ?? 0;
  for (let index = 0; index < length; index += 1) offsets[index] = (t[index] as number) - start;
  writer.varint(length);
  writeColumn(writer, offsets, length);
  writeColumn(writer, v, length);
  return writer.take();
}

/** Decodes chunks, all into the same memory: what it returned last is overwritten by the next. */
export class ChunkReader {
  #t = new Float64Array(CHUNK_SAMPLES);
  #v = new Float64Array(CHUNK_SAMPLES);

  /**
   * @param start the row's key: time of its first sample
   * @throws RangeError where the row is not a chunk
   */
  read(start: number, row: Uint8Array): Samples {
    const reader = new ByteReader(row);
    const length = reader.varint();
    // A row of constant values has one byte for 32 of them.
    if (length > row.length * 32)
      throw new RangeError(`a chunk of ${row.length} bytes says ${length} samples`);
    if (this.#t.length < length) {
      this.#t = new Float64Array(length);
      this.#v = new Float64Array(length);
    }
    readColumn(reader, this.#t, length);
    readColumn(reader, this.#v, length);
    for (let index = 0; index < length; index += 1) this.#t[index] = (this.#t[index] as number) + start;
    return { t: this.#t, v: this.#v, length };
  }
}

/** Samples in order as parts of nearly equal length, none longer than a chunk may be. */
export function cutIntoChunks(samples: Samples): Samples[] {
  const count = Math.ceil(samples.length / CHUNK_SAMPLES);
  return Array.from({ length: count }, (_, index) =>
    part(
      samples,
      Math.floor((index * samples.length) / count),
      Math.floor(((index + 1) * samples.length) / count),
    ),
  );
}
