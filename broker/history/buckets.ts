import { firstAt, type Samples } from './samples.ts';

/** What came of the samples of equal spans of time: one entry for each span that has any, oldest first. */
export interface Buckets {
  /** Begin of each span, Unix time in ms. */
  readonly t: Float64Array;
  readonly count: Float64Array;
  readonly min: Float64Array;
  readonly max: Float64Array;
  readonly sum: Float64Array;
  /** The value that came last in time. */
  readonly last: Float64Array;
  readonly length: number;
}

/** Buckets of one width from one time on, filled in any order. */
export class BucketGrid {
  readonly #from: number;
  readonly #width: number;
  readonly #count: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;
  readonly #sum: Float64Array;
  readonly #last: Float64Array;
  /** When the last value of each was. */
  readonly #lastAt: Float64Array;

  /**
   * @param from begin of the first bucket, Unix time in ms
   * @param width of each, in ms
   * @param size how many
   */
  constructor(from: number, width: number, size: number) {
    this.#from = from;
    this.#width = width;
    this.#count = new Float64Array(size);
    this.#min = new Float64Array(size).fill(Infinity);
    this.#max = new Float64Array(size).fill(-Infinity);
    this.#sum = new Float64Array(size);
    this.#last = new Float64Array(size);
    this.#lastAt = new Float64Array(size).fill(-Infinity);
  }

  /** Takes those samples, in order of time, that lie within the grid. */
  addSamples(samples: Samples): void {
    const { t, v, length } = samples;
    const end = this.#from + this.#width * this.#count.length;
    for (let index = firstAt(samples, this.#from); index < length; index += 1) {
      const time = t[index] as number;
      if (time >= end) return;
      const value = v[index] as number;
      this.#add(time, 1, value, value, value, value, time);
    }
  }

  /** Takes buckets of a width that divides the grid's own. Their last value is older than samples beside it. */
  addBuckets({ t, count, min, max, sum, last, length }: Buckets): void {
    const end = this.#from + this.#width * this.#count.length;
    for (let index = 0; index < length; index += 1) {
      const time = t[index] as number;
      if (time < this.#from || time >= end) continue;
      this.#add(
        time,
        count[index] as number,
        min[index] as number,
        max[index] as number,
        sum[index] as number,
        last[index] as number,
        time,
      );
    }
  }

  /** Those that have samples. */
  filled(): Buckets {
    const filled = Array.from(this.#count.keys()).filter((index) => (this.#count[index] as number) > 0);
    const pick = (column: Float64Array) => Float64Array.from(filled, (index) => column[index] as number);
    return {
      t: Float64Array.from(filled, (index) => this.#from + index * this.#width),
      count: pick(this.#count),
      min: pick(this.#min),
      max: pick(this.#max),
      sum: pick(this.#sum),
      last: pick(this.#last),
      length: filled.length,
    };
  }

  #add(time: number, count: number, min: number, max: number, sum: number, last: number, at: number): void {
    const index = Math.floor((time - this.#from) / this.#width);
    (this.#count[index] as number) += count;
    (this.#sum[index] as number) += sum;
    if (min < (this.#min[index] as number)) this.#min[index] = min;
    if (max > (this.#max[index] as number)) this.#max[index] = max;
    if (at < (this.#lastAt[index] as number)) return;
    this.#last[index] = last;
    this.#lastAt[index] = at;
  }
}
