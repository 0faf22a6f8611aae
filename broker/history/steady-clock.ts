import { HOUR } from './levels.ts';

/** A jump of the clock by more than this is not believed at once, in ms. */
const JUMP = HOUR;
/** How long the clock has to go on from there before it is. */
const PROBATION = HOUR;

/**
 * The time by which data grow old. A clock that leaps a year ahead and back must not cost a year of data: after a
 * jump this one goes on as before, until the other has stood by its time for an hour.
 */
export class SteadyClock {
  /** Unix time less that of a clock that never jumps. */
  #offset: number | undefined;
  #doubted: { readonly offset: number; readonly since: number } | undefined;

  /**
   * @param now Unix time in ms, as the clock says
   * @param monotonic in ms of a clock that never jumps
   * @returns Unix time in ms
   */
  time(now: number, monotonic: number): number {
    const offset = now - monotonic;
    this.#offset ??= offset;
    if (Math.abs(offset - this.#offset) <= JUMP) {
      this.#offset = offset;
      this.#doubted = undefined;
    } else if (!this.#doubted || Math.abs(offset - this.#doubted.offset) > JUMP) {
      this.#doubted = { offset, since: monotonic };
    } else if (monotonic - this.#doubted.since >= PROBATION) {
      this.#offset = offset;
      this.#doubted = undefined;
    }
    return this.#offset + monotonic;
  }
}
