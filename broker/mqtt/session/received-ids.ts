/** Identifiers of QoS 2 messages that came from a client and that it has not released [MQTT-4.3.3-2]. */
export class ReceivedIds {
  readonly #open = new Set<number>();

  /** How many there are. */
  get size(): number {
    return this.#open.size;
  }

  has(id: number): boolean {
    return this.#open.has(id);
  }

  add(id: number): void {
    this.#open.add(id);
  }

  release(id: number): void {
    this.#open.delete(id);
  }
}
