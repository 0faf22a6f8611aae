/** There is so much of it to do already that no more is taken on. */
export class BusyError extends Error {
  override readonly name = 'BusyError';
}

/** Lets a few pieces of work go on at once, and a bounded number wait for their turn. */
export class Turns {
  readonly #atOnce: number;
  readonly #most: number;
  readonly #waiting: (() => void)[] = [];
  #going = 0;

  /** @param most how many may wait */
  constructor(atOnce: number, most: number) {
    this.#atOnce = atOnce;
    this.#most = most;
  }

  /** @throws BusyError where too many wait already */
  async take<T>(work: () => Promise<T>): Promise<T> {
    if (this.#going < this.#atOnce) this.#going += 1;
    else await this.#turn();
    try {
      return await work();
    } finally {
      // The place goes to whoever has waited longest.
      const next = this.#waiting.shift();
      if (next) next();
      else this.#going -= 1;
    }
  }

  #turn(): Promise<void> {
    if (this.#waiting.length >= this.#most) throw new BusyError('too many wait for their turn');
    return new Promise((resolve) => this.#waiting.push(resolve));
  }
}
