import { performance } from 'node:perf_hooks';

/** How long handshakes may begin one after the other before everybody else is served again, in ms. */
const TURN = 4;
/** While connections keep coming, which cost little, no handshake begins for so long, in ms. */
const PATIENCE = 2;

export interface PaceUser {
  /** Begins one handshake; false where there is none to begin now. */
  begin(): boolean;
  /** How long until there is one to begin, in ms; Infinity where nobody waits. */
  wait(): number;
}

/**
 * Begins handshakes a few in each turn of the event loop, so that links that are up are served in between, however many
 * wait. In one turn the loop takes one new connection only: while they come it turns without handshakes, for a moment.
 */
export class Pace {
  readonly #user: PaceUser;
  #timer: NodeJS.Timeout | undefined;
  #immediate: NodeJS.Immediate | undefined;
  #knocked = false;
  #endedAt = -Infinity;

  constructor(user: PaceUser) {
    this.#user = user;
  }

  /** A connection has come. */
  knocked(): void {
    this.#knocked = true;
  }

  /** Somebody waits. */
  schedule(): void {
    if (this.#immediate) return;
    clearTimeout(this.#timer);
    const wait = this.#user.wait();
    if (wait === 0) this.#immediate = setImmediate(() => this.#turn());
    else if (wait < Infinity) this.#timer = setTimeout(() => this.schedule(), wait);
  }

  stop(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#immediate);
  }

  #turn(): void {
    const now = performance.now();
    if (this.#knocked && now - this.#endedAt < PATIENCE) {
      this.#knocked = false;
      this.#endTurn();
    } else {
      this.#knocked = false;
      this.#beginUntil(now + TURN);
    }
  }

  #beginUntil(end: number): void {
    const goesOn = this.#user.begin() && performance.now() < end;
    // A handshake does its work in a tick of its own, ahead of this one.
    if (goesOn) {
      process.nextTick(() => this.#beginUntil(end));
      return;
    }
    this.#endedAt = performance.now();
    this.#endTurn();
  }

  #endTurn(): void {
    this.#immediate = undefined;
    this.schedule();
  }
}
