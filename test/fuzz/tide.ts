/**
 * Wakes whoever waits for an answer that may never come: not after some time, but once somebody else has been
 * answered who asked later.
 */
export class Tide {
  #young = new Set<() => void>();
  #old = new Set<() => void>();

  /** Calls back once, after the turn after next at the latest. Returns what takes this back. */
  wait(wake: () => void): () => void {
    this.#young.add(wake);
    return () => {
      this.#young.delete(wake);
      this.#old.delete(wake);
    };
  }

  /** To be called whenever a round trip has come back and the next begins. */
  turn(): void {
    const due = this.#old;
    this.#old = this.#young;
    this.#young = new Set();
    for (const wake of due) wake();
  }
}
