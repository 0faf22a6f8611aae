/** How many may be open; of more, the first are taken for released. */
const OPEN = 10_000;

/** Identifiers of QoS 2 messages that came from a client and that it has not released [MQTT-4.3.3-2]. */
export class ReceivedIds {
  readonly #open = new Set<number>();

  has(id: number): boolean {
    return this.#open.has(id);
  }

  add(id: number): void {
    this.#open.add(id);
    if (this.#open.size <= OPEN) return;
    for (const first of this.#open) {
      this.#open.delete(first);
      return;
    }
  }

  release(id: number): void {
    this.#open.delete(id);
  }
}
