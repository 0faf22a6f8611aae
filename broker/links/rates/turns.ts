import { threadTime } from './thread-time.ts';

/** How long work of one kind has the processor in a turn of the event loop, in ms, where nothing else is said. */
const SHARE = 10;

/**
 * The turns of the event loop, as far as one kind of work is done in them, such as the reading of links. However much
 * there is, timers, other links and requests wait no longer than a share for theirs; and who has waited longest goes first.
 *
 * A share is time of the processor: where others have that, fewer packets in a turn would make the hub slower yet.
 */
export class Turns {
  readonly #share: number;
  readonly #threadTime: (now: number) => number;
  #isBegun = false;
  /** What the thread had of the processor when the turn began. */
  #begunAt = 0;
  /** Before then the share cannot be used up. */
  #notOverBefore = 0;
  #isOver = false;
  #number = 0;
  #isScheduled = false;
  #line: (() => void)[] = [];

  /**
   * @param share how long the work has the processor in a turn, in ms
   * @param time what the thread has had of the processor, in ms
   */
  constructor(share = SHARE, time: (now: number) => number = threadTime) {
    this.#share = share;
    this.#threadTime = time;
  }

  /**
   * Which turn it is; the first of it to ask begins it.
   * @param now the time in ms, of a clock that is never set
   */
  number(now: number): number {
    if (!this.#isBegun) {
      this.#isBegun = true;
      this.#isOver = false;
      this.#begunAt = this.#threadTime(now);
      this.#notOverBefore = now + this.#share;
      this.#number += 1;
      this.#schedule();
    }
    return this.#number;
  }

  /** Whether the work has been done for long enough in this turn. */
  isOver(now: number): boolean {
    if (!this.#isBegun) return false;
    if (this.#isOver || now < this.#notOverBefore) return this.#isOver;
    const left = this.#share - (this.#threadTime(now) - this.#begunAt);
    this.#isOver = left <= 0;
    this.#notOverBefore = now + left;
    return this.#isOver;
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
      this.#isBegun = false;
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
