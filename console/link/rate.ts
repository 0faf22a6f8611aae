/** Counts what happens, and tells how often it did per second over the last few seconds. */
export class RateMeter {
  readonly #windowSeconds: number;
  /** Counts of whole seconds, newest last; the last one is still counting. */
  #counts: number[] = [0];

  constructor(windowSeconds = 5) {
    this.#windowSeconds = windowSeconds;
  }

  count(): void {
    this.#counts[this.#counts.length - 1] = (this.#counts.at(-1) ?? 0) + 1;
  }

  /** To be called once a second: closes the current second and returns the rate over those in the window. */
  tick(): number {
    const full = this.#counts.slice(-this.#windowSeconds);
    this.#counts = [...full, 0];
    return full.reduce((sum, count) => sum + count, 0) / full.length;
  }

  reset(): void {
    this.#counts = [0];
  }
}
