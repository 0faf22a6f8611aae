import { backoff } from '../link/backoff.ts';

/** A feed that has run well for so long is asked for anew at once when it breaks. */
const STEADY_MS = 60_000;

/** How long the whole of a feed, or its next part, may take. */
const PATIENCE_MS = 10_000;

/** Asks for a feed anew when messages of it were lost, ever more slowly if they keep being lost. */
export class FeedRenewal {
  readonly #renew: () => void;
  #losses = 0;
  #lastAt = -Infinity;
  #renewing: ReturnType<typeof setTimeout> | undefined;
  #patience: ReturnType<typeof setTimeout> | undefined;

  constructor(renew: () => void) {
    this.#renew = renew;
  }

  /** The whole is on its way: it counts as lost where nothing more of it comes. */
  waiting(): void {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.lost(), PATIENCE_MS);
  }

  /** The whole has come. */
  arrived(): void {
    clearTimeout(this.#patience);
  }

  lost(): void {
    if (this.#renewing) return;
    clearTimeout(this.#patience);
    const now = performance.now();
    this.#losses = now - this.#lastAt > STEADY_MS ? 0 : this.#losses + 1;
    this.#lastAt = now;
    const delay = this.#losses === 0 ? 0 : backoff(this.#losses, Math.random());
    this.#renewing = setTimeout(() => {
      this.#renewing = undefined;
      this.#renew();
    }, delay);
  }

  /** Gives up, as when the link is lost. */
  cancel(): void {
    clearTimeout(this.#patience);
    clearTimeout(this.#renewing);
    this.#renewing = undefined;
  }
}
