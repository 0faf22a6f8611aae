/** Whoever keeps which identifiers are open. */
export interface ReceivedJournal {
  received(id: number): void;
  forgotten(id: number): void;
}

/** Identifiers of QoS 2 messages that came from a client and that it has not released [MQTT-4.3.3-2]. */
export class ReceivedIds {
  readonly #open = new Set<number>();
  readonly #journal: ReceivedJournal | undefined;

  constructor(journal?: ReceivedJournal) {
    this.#journal = journal;
  }

  /** Takes up those that were kept, in the order in which they came. */
  restore(ids: Iterable<number>): void {
    for (const id of ids) this.#open.add(id);
  }

  /** How many there are. */
  get size(): number {
    return this.#open.size;
  }

  has(id: number): boolean {
    return this.#open.has(id);
  }

  add(id: number): void {
    if (this.#open.has(id)) return;
    this.#open.add(id);
    this.#journal?.received(id);
  }

  release(id: number): void {
    if (this.#open.delete(id)) this.#journal?.forgotten(id);
  }
}
