/**
 * Calls `run` once at the end of each turn of the event loop in which it was woken, and again when `run` asked to
 * be called. The fleet is told the time here, and nowhere asks for it.
 */
export class Pump {
  readonly #now: () => number;
  readonly #run: (now: number) => number | undefined;
  readonly #failed: (error: unknown) => void;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  /** @param run does all that is due, and returns when to be called next, in the same time as `now` */
  constructor(now: () => number, run: (now: number) => number | undefined, failed: (error: unknown) => void) {
    this.#now = now;
    this.#run = run;
    this.#failed = failed;
  }

  wake(): void {
    if (!this.#stopped) this.#immediate ??= setImmediate(() => this.#turn());
  }

  /** Stops for good. */
  stop(): void {
    this.#stopped = true;
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
  }

  #turn(): void {
    this.#immediate = undefined;
    clearTimeout(this.#timer);
    try {
      const now = this.#now();
      const next = this.#run(now);
      this.#timer = setTimeout(() => this.wake(), wait((next ?? Infinity) - now));
    } catch (error) {
      this.#failed(error);
      this.#timer = setTimeout(() => this.wake(), TRY_AGAIN);
    }
  }
}

/** After a fault, what is due is tried again no sooner than that, in ms. */
const TRY_AGAIN = 1_000;
/** However long nothing is due: a clock that is set, or a part of the hub that fails, is noticed by then. */
const LONGEST_WAIT = 1_000;

const wait = (ms: number): number => Math.min(LONGEST_WAIT, Math.max(1, ms));
