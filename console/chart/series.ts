/** Readings over time, oldest first; `null` marks a gap. Times are hub time in ms. */
export class Series {
  readonly times: number[] = [];
  readonly values: (number | null)[] = [];
  /** How many points are kept. */
  limit: number;

  constructor(limit: number) {
    this.limit = limit;
  }

  /** Time between the last two readings, in ms, where they are joined. */
  get interval(): number | undefined {
    const [before, last] = this.times.slice(-2);
    const joined = this.values.slice(-2).every((value) => value !== null);
    return joined && before !== undefined && last !== undefined ? last - before : undefined;
  }

  /**
   * Adds a reading. One that is not newer than the last is dropped: the hub repeats what it knows.
   * @param gapAfterMs silence from which on two readings are not joined
   * @returns whether it was added
   */
  add(time: number, value: number, gapAfterMs: number): boolean {
    const last = this.times.at(-1);
    if (last !== undefined && time <= last) return false;
    if (last !== undefined && time - last > gapAfterMs) this.breakAfterLast();
    this.#push(time, value);
    return true;
  }

  /** Nothing is known between the last reading and the next. */
  breakAfterLast(): void {
    const last = this.times.at(-1);
    if (last !== undefined && this.values.at(-1) !== null) this.#push(last + 1, null);
  }

  #push(time: number, value: number | null): void {
    this.times.push(time);
    this.values.push(value);
    // Trimming in chunks keeps adding cheap: shifting thousands of points for each one would not be.
    if (this.times.length > this.limit * 1.25) {
      const surplus = this.times.length - this.limit;
      this.times.splice(0, surplus);
      this.values.splice(0, surplus);
    }
  }
}
