/** How long links are read in one turn of the event loop, in ms, before all else has its turn. */
const LONGEST = 10;

/**
 * The turns of the event loop, as far as one kind of work is done in them, such as the reading of links. However much
 * there is, timers, other links and requests wait no longer than a turn for theirs; and who has waited longest goes first.
 */
export class Turns {
  #begun: number | undefined;
  #number = 0;
  #isScheduled = false;
  #line: (() => void)[] = [];

  /**
   * Which turn it is; the first of it to ask begins it.
   * @param now the time in ms, of a clock that is never set
   */
  number(now: number): number {
    if (this.#begun === undefined) {
      this.#begun = now;
      this.#number += 1;
      this.#schedule();
    }
    return this.#number;
  }

  /** Whether the work has been done for long enough in this turn. */
  isOver(now: number): boolean {
    return this.#begun !== undefined && now - this.#begun > LONGEST;
  }

  /** Calls back in a turn to come, behind all who wait already. */
  next(listener: () => void): void {
    this.#line.push(listener);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#begun = undefined;
      if (this.#line.length > 0) this.#serve();
    });
  }

  #serve(): void {
    const waiting = this.#line;
    this.#line = [];
    this.number(performance.now());
    let served = 0;
    try {
      for (; served < waiting.length && !this.isOver(performance.now());) (waiting[served++] as () => void)();
    } finally {
      this.#line = [...waiting.slice(served), ...this.#line];
    }
  }
}
