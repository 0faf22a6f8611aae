/** How far somebody may be ahead of a rate without having to wait: by what they did not use for so long, in ms. */
export const BURST = 1_000;
/** The longest wait, in ms: shorter than any client waits for the answer to a ping. */
export const LONGEST_WAIT = 5_000;

/**
 * The generic cell rate algorithm (ITU-T I.371, virtual scheduling), paid for afterwards: what was read was read, and
 * what comes next waits. All that is known of a rate is one number, the moment in ms at which everything so far would
 * have come had it come at the rate.
 * @param due that moment
 * @param cost how much came
 * @param perSecond the rate
 * @param now the time in ms, of a clock that is never set
 * @returns that moment now. It is never so far ahead that a wait would be longer than `LONGEST_WAIT`: many links that
 * share a rate would else pile up a debt for those that come later.
 */
export function dueAfter(due: number, cost: number, perSecond: number, now: number): number {
  return Math.min(Math.max(due, now) + (cost * 1_000) / perSecond, now + BURST + LONGEST_WAIT);
}

/** How long whoever is due at a moment has to wait, in ms. */
export const waitUntilDue = (due: number, now: number): number => Math.max(0, due - now - BURST);

/** What is left of one rate, of one link or of several that share it. */
export class Bucket {
  readonly #perSecond: number;
  #due = -Infinity;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /** Takes what came. Returns how much of it counts: of what is owed for longer than anybody waits nothing does. */
  take(cost: number, now: number): number {
    const before = Math.max(this.#due, now);
    this.#due = dueAfter(this.#due, cost, this.#perSecond, now);
    const isAll = this.#due >= before + (cost * 1_000) / this.#perSecond;
    return isAll ? cost : ((this.#due - before) * this.#perSecond) / 1_000;
  }

  /** How long whoever took from it last is to wait, in ms. */
  overdue(now: number): number {
    return waitUntilDue(this.#due, now);
  }

  /** How long it would be, in ms, before one more could come without a wait. */
  wait(now: number): number {
    return waitUntilDue(dueAfter(this.#due, 1, this.#perSecond, now), now);
  }

  /** Whether it is as one of which nobody ever took anything. */
  isFull(now: number): boolean {
    return this.#due <= now;
  }
}
