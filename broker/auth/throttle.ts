/** How tries are slowed: after so many that failed, each waits twice as long as the one before. Times in ms. */
export interface Pace {
  readonly free: number;
  readonly first: number;
  readonly longest: number;
  /** After so long without a try, all is forgotten. */
  readonly memory: number;
}

/** What is known of somebody's tries. */
interface Tries {
  readonly failed: number;
  readonly at: number;
}

/** Keys that are remembered; the one that was used longest ago is forgotten first. */
const MOST = 10_000;

/** How long to wait after so many failures, in ms. */
export const waitAfter = ({ free, first, longest }: Pace, failed: number): number =>
  failed < free ? 0 : Math.min(longest, first * 2 ** (failed - free));

/** Slows down tries that fail, by key. A try counts as failed until it is known to have succeeded. */
export class Throttle {
  readonly #pace: Pace;
  readonly #tries = new Map<string, Tries>();

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** How long a key has to wait for its next try, in ms; 0 where it may try now. */
  wait(key: string, now: number): number {
    const tries = this.#known(key, now);
    return tries ? Math.max(0, tries.at + waitAfter(this.#pace, tries.failed) - now) : 0;
  }

  /** A try begins. What comes at the same time finds it counted. */
  begin(key: string, now: number): void {
    const failed = (this.#known(key, now)?.failed ?? 0) + 1;
    this.#tries.delete(key);
    this.#tries.set(key, { failed, at: now });
    if (this.#tries.size <= MOST) return;
    const [oldest] = this.#tries.keys();
    this.#tries.delete(oldest as string);
  }

  /** The last try has succeeded, and those before it are forgotten. */
  forget(key: string): void {
    this.#tries.delete(key);
  }

  /** The last try has succeeded: it does not count, and those before it do. */
  forgive(key: string): void {
    const tries = this.#tries.get(key);
    if (tries) this.#tries.set(key, { ...tries, failed: tries.failed - 1 });
  }

  #known(key: string, now: number): Tries | undefined {
    const tries = this.#tries.get(key);
    // A clock that was set back would have people wait for the difference.
    return tries && now >= tries.at && now - tries.at < this.#pace.memory ? tries : undefined;
  }
}
