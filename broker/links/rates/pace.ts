import type { Allowance } from './allowance.ts';
import type { Hold } from './meter.ts';
import { PACKETS_A_TURN, type Turns } from './turns.ts';

/** How fast one link is read: as fast as its rates allow, and in turns with all others. */
export class Pace {
  readonly #allowance: Allowance;
  readonly #turns: Turns;
  #turn = 0;
  #packetsInTurn = 0;
  #packets = 0;
  #bytes = 0;

  constructor(allowance: Allowance, turns: Turns) {
    this.#allowance = allowance;
    this.#turns = turns;
  }

  /**
   * Whether the link may be read in this turn of the event loop.
   * @param now the time in ms, of a clock that is never set
   */
  mayRead(now: number): boolean {
    const turn = this.#turns.number(now);
    if (turn !== this.#turn) {
      this.#turn = turn;
      this.#packetsInTurn = 0;
    }
    return this.#packetsInTurn < PACKETS_A_TURN && !this.#turns.isOver(now);
  }

  /** A packet was read, of so many bytes. Returns whether the next one may follow in this turn. */
  took(bytes: number): boolean {
    this.#packets += 1;
    this.#bytes += bytes;
    this.#packetsInTurn += 1;
    return this.#packetsInTurn < PACKETS_A_TURN;
  }

  /** Counts what was read since, at least as one packet. Returns why and how long the link is not to be read. */
  settle(now: number): Hold | undefined {
    const hold = this.#allowance.spend(Math.max(1, this.#packets), this.#bytes, now);
    this.#packets = 0;
    this.#bytes = 0;
    return hold;
  }
}
