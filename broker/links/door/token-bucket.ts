/** Lets so many through a second, and after a quiet time as many at once. Times in ms, of a clock that is never set. */
export class TokenBucket {
  readonly #perSecond: number;
  #tokens: number;
  #at: number;

  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#tokens = perSecond;
    this.#at = now;
  }

  /** How long until one more may go through; 0 where it may now. */
  wait(now: number): number {
    this.#refill(now);
    return this.#tokens >= 1 ? 0 : ((1 - this.#tokens) * 1_000) / this.#perSecond;
  }

  /** One goes through, for which `wait` was 0. */
  take(now: number): void {
    this.#refill(now);
    this.#tokens -= 1;
  }

  /** Whether it is as one that nobody ever went through. */
  isFull(now: number): boolean {
    this.#refill(now);
    return this.#tokens === this.#perSecond;
  }

  #refill(now: number): void {
    const gained = ((now - this.#at) * this.#perSecond) / 1_000;
    this.#tokens = Math.min(this.#perSecond, this.#tokens + gained);
    this.#at = now;
  }
}
