import type { History } from '#broker/contract/history.ts';
import { historyOf } from '../api/devices.ts';
import type { HubApi } from '../session/hub-api.ts';
import { failureText } from '../text/request-text.ts';

/** Buckets of a chart: about one for each two pixels. */
const POINTS = 500;

/** How often a chart of the past is asked for again, at most, in ms. */
const RENEW_MS = 15_000;

/** Readings of the past as the hub keeps them, asked for again while somebody looks. */
export class PastReadings {
  /** Undefined until the hub has answered. */
  history: History | undefined = $state.raw();
  problem = $state('');
  readonly #api: HubApi;
  readonly #device: string;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Rises with each range, so that a late answer for a past one is told apart. */
  #asking = 0;

  constructor(api: HubApi, device: string) {
    this.#api = api;
    this.#device = device;
  }

  /**
   * Shows the last `range` ms, now and as time goes on. Returns how to stop that.
   * @param now reads the hub's time in ms
   */
  show(range: number, now: () => number): () => void {
    this.history = undefined;
    this.problem = '';
    void this.#ask(range, now, ++this.#asking);
    return () => {
      this.#asking++;
      clearTimeout(this.#timer);
    };
  }

  async #ask(range: number, now: () => number, asking: number): Promise<void> {
    const to = Math.floor(now());
    try {
      const answer = await historyOf(this.#api, this.#device, { from: to - range, to, points: POINTS });
      if (asking !== this.#asking) return;
      this.history = answer;
      this.problem = '';
    } catch (cause) {
      if (asking !== this.#asking) return;
      this.problem = failureText(cause);
    }
    const wait = Math.max(RENEW_MS, this.history?.bucket ?? 0);
    this.#timer = setTimeout(() => void this.#ask(range, now, asking), wait);
  }
}
