import { Fifo } from './fifo.ts';
import { threadTime } from './thread-time.ts';

/** How long work of one kind has the processor in a turn of the event loop, in ms, where nothing else is said. */
const SHARE = 10;
/** How many of those who wait are called up in a turn, at most. */
const CALLED_UP = 512;

/**
 * The turns of the event loop, as far as one kind of work is done in them, such as the reading of links. However much
 * there is, timers, other links and requests wait no longer than a share for theirs; and who has waited longest goes first.
 *
 * A share is time of the processor: where others have that, fewer packets in a turn would make the hub slower yet. Half
 * of it is for those who wait already.
 */
export class Turns {
  readonly #share: number;
  readonly #threadTime: (now: number) => number;
  #isBegun = false;
  /** Whether the line is being served. */
  #isServing = false;
  /** Since when it is measured what is used up, what the thread had had of the processor by then, and how much may be. */
  #since = 0;
  #hadBefore = 0;
  #most = 0;
  #number = 0;
  readonly #line = new Fifo<() => void>();

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
    if (!this.#isBegun) this.#begin(now);
    return this.#number;
  }

  /** Whether the work has been done for long enough in this turn. */
  isOver(now: number): boolean {
    return this.#isUsedUp(this.#most, now);
  }

  /** Whether who comes now has to wait in the line. */
  isTaken(now: number): boolean {
    return this.#isUsedUp(this.#line.length > 0 ? this.#share / 2 : this.#most, now);
  }

  /** Does something now, or in a turn to come where the share is used up or others wait for theirs. */
  do(work: () => void): void {
    const now = performance.now();
    this.number(now);
    if (this.#line.length > 0 || this.isOver(now)) this.next(work);
    else work();
  }

  /** Calls back in a turn to come, behind all who wait already. */
  next(listener: () => void): void {
    this.number(performance.now());
    this.#line.push(listener);
  }

  #isUsedUp(most: number, now: number): boolean {
    // What the thread had of the processor is no more than the time that has passed, which is cheaper to know.
    return this.#isBegun && now - this.#since >= most && this.#threadTime(now) - this.#hadBefore >= most;
  }

  #measure(most: number, now: number): void {
    this.#since = now;
    this.#hadBefore = this.#threadTime(now);
    this.#most = most;
  }

  /**
   * Each of those who wait has a call of its own: what they leave to be done right behind it, by `process.nextTick` or a
   * promise, is a part of their time.
   */
  #begin(now: number): void {
    this.#isBegun = true;
    this.#isServing = false;
    this.#measure(this.#share, now);
    this.#number += 1;
    for (let calls = Math.min(this.#line.length, CALLED_UP); calls > 0; calls -= 1) setImmediate(this.#serve);
    setImmediate(this.#end);
  }

  readonly #serve = (): void => {
    const now = performance.now();
    // However much of the turn went to other work.
    if (!this.#isServing) this.#measure(this.#share / 2, now);
    this.#isServing = true;
    if (!this.isOver(now)) this.#line.shift()?.();
  };

  readonly #end = (): void => {
    this.#isBegun = false;
    if (this.#line.length > 0) this.#begin(performance.now());
  };
}
