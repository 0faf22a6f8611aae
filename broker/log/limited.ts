/** How many lines of one kind are worth reading in one period, and how long that is in ms. */
const LINES = 10;
const PERIOD = 60_000;

/**
 * Decides which of many alike log lines are written, so that a hostile or broken client cannot fill a disk.
 * Returns whether to write this one, and how many of its kind went unwritten since the last.
 */
export class LogLimit {
  readonly #kinds = new Map<string, { since: number; written: number; held: number }>();

  admit(kind: string, now: number): { write: boolean; held: number } {
    let count = this.#kinds.get(kind);
    if (!count || now - count.since >= PERIOD) {
      const held = count?.held ?? 0;
      this.#kinds.set(kind, (count = { since: now, written: 1, held: 0 }));
      return { write: true, held };
    }
    if (count.written < LINES) {
      count.written += 1;
      return { write: true, held: 0 };
    }
    count.held += 1;
    return { write: false, held: 0 };
  }
}
