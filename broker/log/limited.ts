/** How many lines of one kind are worth reading in one period, and how long that is in ms. */
const LINES = 10;
const PERIOD = 60_000;
/** Kinds that are kept count of; with more than that, those of past periods are forgotten now and then. */
const KINDS = 1_000;
/** How long after one look for those the next may come, in ms: each goes through all kinds. */
const FORGET_AGAIN = 10_000;

/**
 * Decides which of many alike log lines are written, so that a hostile or broken client cannot fill a disk.
 * Returns whether to write this one, and how many of its kind went unwritten since the last.
 */
export class LogLimit {
  readonly #kinds = new Map<string, { readonly since: number; written: number; held: number }>();
  #forgotAt = -Infinity;

  admit(kind: string, now: number): { write: boolean; held: number } {
    const count = this.#kinds.get(kind);
    if (!count || now - count.since >= PERIOD) {
      if (this.#kinds.size >= KINDS && now - this.#forgotAt >= FORGET_AGAIN) this.#forget(now);
      this.#kinds.set(kind, { since: now, written: 1, held: 0 });
      return { write: true, held: count?.held ?? 0 };
    }
    if (count.written < LINES) {
      count.written += 1;
      return { write: true, held: 0 };
    }
    count.held += 1;
    return { write: false, held: 0 };
  }

  #forget(now: number): void {
    this.#forgotAt = now;
    for (const [kind, { since }] of this.#kinds) if (now - since >= PERIOD) this.#kinds.delete(kind);
  }
}
