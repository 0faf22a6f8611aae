/** How much time that went by unused still counts, in ms: timers are late by some. */
const SLACK = 50;

/** Spreads what begins evenly, so that no second sees more than `rate` begin. */
export class Pace {
  readonly #interval: number;
  /** When the next one is due, in Unix ms. */
  #next = -Infinity;

  /** @param rate most in a second, or undefined where there is no limit */
  constructor(rate: number | undefined) {
    this.#interval = rate === undefined ? 0 : (1_000 + SLACK) / rate;
  }

  /** Takes one, if one is due. */
  take(now: number): boolean {
    if (this.#interval === 0) return true;
    // Where the clock was set back, the next one would be due after all that time again.
    const setBack = this.#next > now + this.#interval;
    const due = setBack ? now : Math.max(this.#next, now - SLACK);
    if (due > now) return false;
    this.#next = due + this.#interval;
    return true;
  }

  /** When the next one is due, in Unix ms. */
  dueAt(): number {
    return Math.ceil(this.#next);
  }
}
