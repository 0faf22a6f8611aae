/** How long links are read in one turn of the event loop, in ms, before all else has its turn. */
const LONGEST = 10;

/**
 * The turns of the event loop, as far as links are read in them. However much has come, timers, other links and requests
 * wait no longer than a turn for theirs.
 */
export class Turns {
  #begun: number | undefined;
  #number = 0;

  /**
   * Which turn it is; the first of it to ask begins it.
   * @param now the time in ms, of a clock that is never set
   */
  number(now: number): number {
    if (this.#begun === undefined) {
      this.#begun = now;
      this.#number += 1;
      setImmediate(() => {
        this.#begun = undefined;
      });
    }
    return this.#number;
  }

  /** Whether links have been read for long enough in this turn. */
  isOver(now: number): boolean {
    return this.#begun !== undefined && now - this.#begun > LONGEST;
  }
}
