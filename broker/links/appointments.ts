import { Bucket } from './rates/bucket.ts';

/** Nobody is sent away for longer, in ms. */
const LONGEST_WAIT = 30_000;

/**
 * A rate that tells those whom it refuses when to come again: each at a time of their own, as far apart as it admits them.
 * Times in ms, of a clock that is never set.
 */
export class Appointments {
  readonly #rate: Bucket;
  readonly #spacing: number;
  #latest = -Infinity;

  constructor(perSecond: number) {
    this.#rate = new Bucket(perSecond);
    this.#spacing = 1_000 / perSecond;
  }

  /** 0 where somebody may come in; else how long they are to stay away. */
  wait(now: number): number {
    const wait = this.#rate.wait(now);
    if (wait === 0) return 0;
    const next = Math.max(this.#latest, now + wait) + this.#spacing;
    this.#latest = Math.min(next, now + LONGEST_WAIT);
    return this.#latest - now;
  }

  /** Somebody comes in, for whom `wait` was 0. */
  take(now: number): void {
    this.#rate.take(1, now);
  }

  /** Whether nobody has come for so long that it does not matter any more. */
  isIdle(now: number): boolean {
    return this.#rate.isFull(now);
  }
}
