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

/** Keys that are remembered of each kind; the one that was used longest ago is forgotten first. */
const MOST = 10_000;

/** How long to wait after so many failures, in ms. */
export const waitAfter = ({ free, first, longest }: Pace, failed: number): number =>
  failed < free ? 0 : Math.min(longest, first * 2 ** (failed - free));

/**
 * Slows down tries that fail, by key. A try counts as failed until it is known to have succeeded. Times are in ms, of a
 * clock that is never set.
 */
export class Throttle {
  readonly #pace: Pace;
  /** Apart, so that many tries of strangers who need not wait yet push out nobody who has to. */
  readonly #free = new Map<string, Tries>();
  readonly #slowed = new Map<string, Tries>();

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  /** How long a key has to wait for its next try; 0 where it may try now. */
  wait(key: string, now: number): number {
    const tries = this.#known(key, now);
    return tries ? Math.max(0, tries.at + waitAfter(this.#pace, tries.failed) - now) : 0;
  }

  /** A try begins. What comes at the same time finds it counted. */
  begin(key: string, now: number): void {
    const failed = (this.#known(key, now)?.failed ?? 0) + 1;
    this.#remember(key, { failed, at: now });
  }

  /** The last try has succeeded, and those before it are forgotten. */
  forget(key: string): void {
    this.#free.delete(key);
    this.#slowed.delete(key);
  }

  /** The last try has succeeded: it does not count, and those before it do. */
  forgive(key: string): void {
    const tries = this.#triesOf(key);
    if (tries) this.#remember(key, { ...tries, failed: tries.failed - 1 });
  }

  #remember(key: string, tries: Tries): void {
    this.forget(key);
    if (tries.failed === 0) return;
    const alike = tries.failed < this.#pace.free ? this.#free : this.#slowed;
    alike.set(key, tries);
    if (alike.size <= MOST) return;
    const [oldest] = alike.keys();
    alike.delete(oldest as string);
  }

  #triesOf(key: string): Tries | undefined {
    return this.#slowed.get(key) ?? this.#free.get(key);
  }

  #known(key: string, now: number): Tries | undefined {
    const tries = this.#triesOf(key);
    return tries && now - tries.at < this.#pace.memory ? tries : undefined;
  }
}
