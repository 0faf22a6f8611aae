/** How often a device is told the time, in ms: its clock goes its own way (SPEC.md 10.2). */
const TELL_TIME_AGAIN = 1_800_000;

/** Devices that can hear the hub, and so have been told the time. */
export class Listeners {
  /** When each was told; whoever was told longest ago comes first. */
  readonly #toldAt = new Map<string, number>();

  has(id: string): boolean {
    return this.#toldAt.has(id);
  }

  add(id: string, now: number): void {
    this.#toldAt.set(id, now);
  }

  remove(id: string): void {
    this.#toldAt.delete(id);
  }

  all(): string[] {
    return [...this.#toldAt.keys()];
  }

  /** The device was told the time just now. */
  told(id: string, now: number): void {
    if (this.#toldAt.delete(id)) this.#toldAt.set(id, now);
  }

  /** When the next one is to be told the time again. */
  dueAt(): number | undefined {
    const [longestAgo] = this.#toldAt.values();
    return longestAgo === undefined ? undefined : longestAgo + TELL_TIME_AGAIN;
  }

  /** Who is to be told the time now. */
  due(now: number): readonly string[] {
    const due: string[] = [];
    for (const [id, at] of this.#toldAt) {
      if (at + TELL_TIME_AGAIN > now) break;
      due.push(id);
    }
    return due;
  }
}
