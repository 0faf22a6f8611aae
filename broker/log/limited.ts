/** How many lines of one kind are worth reading in one period, and how long that is in ms. */
const LINES = 10;
const PERIOD = 60_000;
/**
 * Kinds that are kept count of. Where there are more, those of past periods are forgotten now and then, and what is new
 * meanwhile is all of one kind: clients can make as many kinds as they like.
 */
const KINDS = 1_000;
const OTHERS = '';
/** How long after one look for past ones the next may come, in ms: each goes through all kinds. */
const FORGET_AGAIN = 10_000;

/**
 * Decides which of many alike log lines are written, so that a hostile or broken client cannot fill a disk.
 * Returns whether to write this one, and how many of its kind went unwritten since the last.
 */
export class LogLimit {
  readonly #kinds = new Map<string, { readonly since: number; written: number; held: number }>();
  #forgotAt = -Infinity;

  admit(asked: string, now: number): { write: boolean; held: number } {
    const kind = this.#hasRoomFor(asked, now) ? asked : OTHERS;
    const count = this.#kinds.get(kind);
    if (!count || now - count.since >= PERIOD) {
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

  #hasRoomFor(kind: string, now: number): boolean {
    if (this.#kinds.size < KINDS || this.#kinds.has(kind)) return true;
    if (now - this.#forgotAt >= FORGET_AGAIN) this.#forget(now);
    return this.#kinds.size < KINDS;
  }

  #forget(now: number): void {
    this.#forgotAt = now;
    for (const [kind, { since }] of this.#kinds) if (now - since >= PERIOD) this.#kinds.delete(kind);
  }
}
