import { uptime } from 'node:os';
import { performance } from 'node:perf_hooks';

/** How far the wall clock may go from the monotonic one before it counts as set, in ms. */
const TOLERANCE = 1_000;

/** The clocks of a machine, in ms: two that only go forward, of which one stands still while the machine sleeps. */
export interface Clocks {
  wall(): number;
  awake(): number;
  since(): number;
}

const MACHINE: Clocks = {
  wall: () => Date.now(),
  awake: () => performance.now(),
  since: () => uptime() * 1_000,
};

/**
 * The hub's time: that of the wall clock, watched for being set. A machine that slept has not set its clock: the time
 * did pass.
 */
export class Clock {
  readonly #clocks: Clocks;
  #awakeOffset: number;
  #sinceOffset: number;
  #jumped: (by: number, now: number) => void = () => undefined;

  constructor(clocks: Clocks = MACHINE) {
    this.#clocks = clocks;
    const wall = clocks.wall();
    this.#awakeOffset = wall - clocks.awake();
    this.#sinceOffset = wall - clocks.since();
  }

  /** Whom to tell of the clock having been set, by how many ms, before anybody is told the new time. */
  onJump(jumped: (by: number, now: number) => void): void {
    this.#jumped = jumped;
  }

  /** Unix time in ms. */
  readonly now = (): number => {
    const wall = this.#clocks.wall();
    const drift = wall - this.#clocks.awake() - this.#awakeOffset;
    if (Math.abs(drift) > TOLERANCE) this.#look(wall);
    // Drift that is slewed away over hours is no jump.
    else if (drift !== 0) {
      this.#awakeOffset += drift;
      this.#sinceOffset += drift;
    }
    return wall;
  };

  #look(wall: number): void {
    this.#awakeOffset = wall - this.#clocks.awake();
    // Whole, as all times are that are moved by it.
    const by = Math.round(wall - this.#clocks.since() - this.#sinceOffset);
    this.#sinceOffset += by;
    if (Math.abs(by) > TOLERANCE) this.#jumped(by, wall);
  }
}
