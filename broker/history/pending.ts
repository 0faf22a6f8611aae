import type { Batch } from './batch.ts';
import { inOrder, NO_SAMPLES, type Samples } from './samples.ts';

/** How long samples may be in the journal alone, in ms: each series then has enough for a chunk worth its row. */
const FOLD_AFTER = 5 * 60_000;

/** Samples that may be in the journal alone, of all series; what takes 16 bytes each in memory. */
const MOST_SAMPLES = 3_000_000;

interface Waiting {
  t: Float64Array;
  v: Float64Array;
  length: number;
  /** The first row of the journal that has one of them. */
  readonly seq: number;
  /** When the first of them came, in ms of a clock that never jumps. */
  readonly since: number;
}

/** Samples that are in the journal and in no chunk yet. Series are in the order in which they began to wait. */
export class Pending {
  readonly #series = new Map<number, Waiting>();
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** More wait than memory was meant for. */
  get crowded(): boolean {
    return this.#count > MOST_SAMPLES;
  }

  /**
   * Takes samples of row `seq` of the journal.
   *
   * @param wanted whether the samples of a series are to be taken
   * @param now in ms of a clock that never jumps
   * @returns how many were taken
   */
  add(batch: Batch, seq: number, wanted: (series: number) => boolean, now: number): number {
    const before = this.#count;
    let series = -1;
    let waiting: Waiting | undefined;
    for (let index = 0; index < batch.length; index += 1) {
      if (batch.series[index] !== series) {
        series = batch.series[index] as number;
        waiting = wanted(series) ? this.#waiting(series, seq, now) : undefined;
      }
      if (!waiting) continue;
      if (waiting.length === waiting.t.length) grow(waiting);
      waiting.t[waiting.length] = batch.t[index] as number;
      waiting.v[waiting.length] = batch.v[index] as number;
      waiting.length += 1;
      this.#count += 1;
    }
    return this.#count - before;
  }

  /** Those of one series, in order of time. */
  of(series: number): Samples {
    const waiting = this.#series.get(series);
    return waiting ? inOrder(waiting) : NO_SAMPLES;
  }

  /** Series whose samples ought to be in chunks by now, those that wait longest first. */
  *due(now: number): Generator<number> {
    let left = this.#count;
    for (const [series, { since, length }] of this.#series) {
      if (now - since < FOLD_AFTER && left <= MOST_SAMPLES) return;
      left -= length;
      yield series;
    }
  }

  drop(series: number): void {
    this.#count -= this.#series.get(series)?.length ?? 0;
    this.#series.delete(series);
  }

  /** The first row of the journal that is still needed once some series are in chunks; undefined where none is. */
  oldestSeq(without: ReadonlySet<number>): number | undefined {
    for (const [series, { seq }] of this.#series) if (!without.has(series)) return seq;
    return undefined;
  }

  #waiting(series: number, seq: number, now: number): Waiting {
    let waiting = this.#series.get(series);
    if (!waiting) {
      waiting = { t: new Float64Array(16), v: new Float64Array(16), length: 0, seq, since: now };
      this.#series.set(series, waiting);
    }
    return waiting;
  }
}

function grow(waiting: Waiting): void {
  const { t, v } = waiting;
  waiting.t = new Float64Array(t.length * 2);
  waiting.v = new Float64Array(v.length * 2);
  waiting.t.set(t);
  waiting.v.set(v);
}
