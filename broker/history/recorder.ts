import { batchBytes, batchOver, type Batch } from './batch.ts';

/** Samples that are handed over in one go at most. */
const CAPACITY = 16_384;

/** Empty buffers that are kept. */
const SPARE = 4;

/** Gathers samples in buffers that are handed over whole, and come back to be filled again. */
export class Recorder {
  readonly #handOver: (buffer: ArrayBuffer, length: number) => void;
  readonly #spare: ArrayBuffer[] = [];
  #buffer = new ArrayBuffer(batchBytes(CAPACITY));
  #batch: Batch = batchOver(this.#buffer, 0);
  #length = 0;

  constructor(handOver: (buffer: ArrayBuffer, length: number) => void) {
    this.#handOver = handOver;
  }

  /** Samples that have not been handed over. */
  get length(): number {
    return this.#length;
  }

  add(series: number, t: number, value: number): void {
    const index = this.#length++;
    this.#batch.series[index] = series;
    this.#batch.t[index] = t;
    this.#batch.v[index] = value;
    if (this.#length === CAPACITY) this.handOver();
  }

  /** Hands over what there is. */
  handOver(): void {
    if (this.#length === 0) return;
    const [buffer, length] = [this.#buffer, this.#length];
    this.#buffer = this.#spare.pop() ?? new ArrayBuffer(batchBytes(CAPACITY));
    this.#batch = batchOver(this.#buffer, 0);
    this.#length = 0;
    this.#handOver(buffer, length);
  }

  /** Forgets what was not handed over; returns how many samples that were. */
  discard(): number {
    const length = this.#length;
    this.#length = 0;
    return length;
  }

  recycle(buffer: ArrayBuffer): void {
    if (this.#spare.length < SPARE) this.#spare.push(buffer);
  }
}
