/**
 * Calls `run` once at the end of each turn of the event loop in which it was woken, and again when `run` asked to
 * be called. The fleet is told the time here, and nowhere asks for it.
 */
export class Pump {
  readonly #run: (now: number) => Promise<number | undefined>;
  readonly #failed: (error: unknown) => void;
  #immediate: NodeJS.Immediate | undefined;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;
  #stopped = false;

  constructor(run: (now: number) => Promise<number | undefined>, failed: (error: unknown) => void) {
    this.#run = run;
    this.#failed = failed;
  }

  wake(): void {
    if (this.#stopped) return;
    if (this.#running) this.#again = true;
    else this.#immediate ??= setImmediate(() => this.#turn());
  }

  /** Stops for good, once a run that is under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearImmediate(this.#immediate);
    clearTimeout(this.#timer);
    await this.#running;
  }

  #turn(): void {
    this.#immediate = undefined;
    clearTimeout(this.#timer);
    this.#running = this.#run(Date.now())
      .then((next) => this.#schedule(next), this.#failed)
      .finally(() => {
        this.#running = undefined;
        if (this.#again) {
          this.#again = false;
          this.wake();
        }
      });
  }

  #schedule(next: number | undefined): void {
    if (next === undefined || this.#stopped) return;
    this.#timer = setTimeout(() => this.wake(), Math.max(1, next - Date.now()));
  }
}
