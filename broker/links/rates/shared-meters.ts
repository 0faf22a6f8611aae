import { Meter, type RateLimits, type Scope } from './meter.ts';

/**
 * Meters that several links share, by whose they are. One is there as long as one of its links: whoever ends them all
 * to begin anew pays with handshakes, which have a rate of their own.
 */
export class SharedMeters {
  readonly #scope: Scope;
  readonly #limits: RateLimits;
  readonly #shared = new Map<string, { readonly meter: Meter; links: number }>();

  constructor(scope: Scope, limits: RateLimits) {
    this.#scope = scope;
    this.#limits = limits;
  }

  /** How many there are. */
  get size(): number {
    return this.#shared.size;
  }

  /** The meter of somebody, for one more of their links. */
  join(key: string): Meter {
    let shared = this.#shared.get(key);
    if (!shared) this.#shared.set(key, (shared = { meter: new Meter(this.#scope, this.#limits), links: 0 }));
    shared.links += 1;
    return shared.meter;
  }

  /** One of their links is gone. */
  leave(key: string): void {
    const shared = this.#shared.get(key);
    if (!shared) return;
    shared.links -= 1;
    if (shared.links === 0) this.#shared.delete(key);
  }
}
