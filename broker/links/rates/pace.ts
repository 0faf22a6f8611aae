import type { Allowance } from './allowance.ts';
import type { Hold } from './meter.ts';
import type { Turns } from './turns.ts';

/** How many packets of one link are read in a turn; a long one that the hub takes at once counts for more. */
export const PACKETS_A_TURN = 32;
/** How many messages to clients they may become: what is passed on is delivered before it is known what it took. */
const DELIVERIES_A_TURN = 4_000;
const BYTES_OF_ONE = 64;

/** To how many clients a message may go at the most. */
export type Reach = () => number;

/** How fast one link is read: as fast as its rates allow, and in turns with all others. */
export class Pace {
  readonly #allowance: Allowance;
  readonly #turns: Turns;
  readonly #reach: Reach;
  #turn = 0;
  #inTurn = 0;
  #share = PACKETS_A_TURN;
  #packets = 0;
  #bytes = 0;

  constructor(allowance: Allowance, turns: Turns, reach: Reach) {
    this.#allowance = allowance;
    this.#turns = turns;
    this.#reach = reach;
  }

  /**
   * Whether the link may be read in this turn of the event loop.
   * @param now the time in ms, of a clock that is never set
   */
  mayRead(now: number): boolean {
    const turn = this.#turns.number(now);
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#inTurn = 0;
      const reaching = Math.floor(DELIVERIES_A_TURN / Math.max(1, this.#reach()));
      this.#share = Math.min(PACKETS_A_TURN, Math.max(1, reaching));
    }
    return this.#inTurn < this.#share && !this.#turns.isOver(now);
  }

  /**
   * A packet was read.
   * @param bytes how long it is
   * @param atOnce whether all that it asks for was done already
   * @param now the time in ms, of a clock that is never set
   * @returns whether the next one may follow in this turn
   */
  took(bytes: number, atOnce: boolean, now: number): boolean {
    this.#packets += 1;
    this.#bytes += bytes;
    this.#inTurn += atOnce ? 1 + bytes / BYTES_OF_ONE : 1;
    return this.#inTurn < this.#share && !this.#turns.isOver(now);
  }

  /** Calls back in a turn to come. */
  nextTurn(listener: () => void): void {
    this.#turns.next(listener);
  }

  /** Counts what was read since, at least as one packet. Returns why and how long the link is not to be read. */
  settle(now: number): Hold | undefined {
    const hold = this.#allowance.spend(Math.max(1, this.#packets), this.#bytes, now);
    this.#packets = 0;
    this.#bytes = 0;
    return hold;
  }
}
