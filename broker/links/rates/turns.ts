import { faultDomain, inFaultDomain, type FaultDomain } from '../fault-domain.ts';
import { Fifo } from './fifo.ts';
import { threadTime } from './thread-time.ts';

/** How long work of one kind has the processor in a turn of the event loop, in ms, where nothing else is said. */
const SHARE = 10;
/** How many of those who wait are served in a turn, at most. */
const SERVED = 512;

/** What waits, and for whom it is to be done: whoever comes before has it served, and must not answer for it. */
interface Waiting {
  readonly work: () => void;
  readonly domain: FaultDomain | undefined;
}

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
  /** When the turn began, and what the thread had had of the processor by then. */
  #since = 0;
  #hadBefore = 0;
  #number = 0;
  readonly #line = new Fifo<Waiting>();
  /** How many calls of `#serve` there will be. */
  #calls = 0;

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
      this.#since = now;
      this.#hadBefore = this.#threadTime(now);
      this.#number += 1;
      // Before any call for those who wait for the next turn, so that it is theirs first.
      setImmediate(this.#end);
    }
    return this.#number;
  }

  /** Whether the work has been done for long enough in this turn. */
  isOver(now: number): boolean {
    // What the thread had of the processor is no more than the time that has passed, which is cheaper to know.
    if (!this.#isBegun || now - this.#since < this.#share) return false;
    return this.#threadTime(now) - this.#hadBefore >= this.#share;
  }

  /** Does something now, or in a turn to come where the share is used up or others wait for theirs. */
  do(work: () => void): void {
    const now = performance.now();
    this.number(now);
    if (this.#line.length > 0 || this.isOver(now)) this.next(work);
    else work();
  }

  /** Does something in a turn to come, behind all who wait already. */
  next(work: () => void): void {
    this.#line.push({ work, domain: faultDomain() });
    if (this.#calls === SERVED) return;
    this.#calls += 1;
    setImmediate(this.#serve);
  }

  /**
   * Serves the first in the line. Each has a call of its own: what they leave to be done right behind it, by
   * `process.nextTick` or a promise, is a part of their time.
   */
  readonly #serve = (): void => {
    const now = performance.now();
    this.number(now);
    const first = this.isOver(now) ? undefined : this.#line.shift();
    if (this.#line.length >= this.#calls) setImmediate(this.#serve);
    else this.#calls -= 1;
    if (first) inFaultDomain(first.domain, first.work);
  };

  readonly #end = (): void => {
    this.#isBegun = false;
  };
}
