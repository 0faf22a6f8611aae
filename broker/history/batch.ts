/** What was recorded in one go, of all series, in the order it came: the first `length` of each column. */
export interface Batch {
  readonly series: Uint32Array;
  /** Unix time in ms. */
  readonly t: Float64Array;
  readonly v: Float64Array;
  readonly length: number;
}

const BYTES_OF_EACH = 20;

/** How many bytes a batch of so many samples needs. */
export const batchBytes = (capacity: number): number => capacity * BYTES_OF_EACH;

/** Columns over one buffer, which can so be handed to another thread whole. */
export function batchOver(buffer: ArrayBuffer, length: number): Batch {
  const capacity = buffer.byteLength / BYTES_OF_EACH;
  return {
    t: new Float64Array(buffer, 0, capacity),
    v: new Float64Array(buffer, capacity * 8, capacity),
    series: new Uint32Array(buffer, capacity * 16, capacity),
    length,
  };
}
