import { monitorEventLoopDelay, type ELDHistogram } from 'node:perf_hooks';

/** How often the delay is measured, in ms. Node counts it as a part of each delay. */
const RESOLUTION = 10;
/** How long each histogram is the younger one, in ms. */
const TURN = 30_000;

/**
 * How late the event loop is with what is due. There are two histograms that take turns, of which the older one is read,
 * so that every delay is told for half a minute to a minute, however many ask and how often.
 */
export class EventLoopDelay {
  #older = begin();
  #younger = begin();
  readonly #timer = setInterval(() => this.turn(), TURN).unref();

  /** The older histogram begins anew, as the younger one. */
  turn(): void {
    const older = this.#older;
    this.#older = this.#younger;
    older.reset();
    this.#younger = older;
  }

  /** In seconds. @param percent of delays that were no longer, 100 for the longest */
  percentile(percent: number): number {
    const { count } = this.#older;
    const ns = percent === 100 ? this.#older.max : this.#older.percentile(percent);
    return count === 0 ? 0 : Math.max(0, ns / 1e6 - RESOLUTION) / 1_000;
  }

  close(): void {
    clearInterval(this.#timer);
    this.#older.disable();
    this.#younger.disable();
  }
}

function begin(): ELDHistogram {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  histogram.enable();
  return histogram;
}
