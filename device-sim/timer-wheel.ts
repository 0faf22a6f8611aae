/**
 * Wakes many at their times with one timer: whoever drives it asks now and then who is due. Times are in ms of
 * any clock, and are kept to one slot.
 */
export class TimerWheel<T> {
  readonly #slotMs: number;
  readonly #slots = new Map<number, T[]>();
  #next: number;

  constructor(slotMs: number, now: number) {
    this.#slotMs = slotMs;
    this.#next = Math.floor(now / slotMs);
  }

  /** Never early: at the first `due` in the slot after `at`'s, or the very next one where that is past. */
  add(at: number, item: T): void {
    const slot = Math.max(this.#next, Math.ceil(at / this.#slotMs));
    const items = this.#slots.get(slot);
    if (items) items.push(item);
    else this.#slots.set(slot, [item]);
  }

  /** Takes out all whose time has come, earliest slot first. */
  due(now: number): T[] {
    const last = Math.floor(now / this.#slotMs);
    const items: T[] = [];
    for (; this.#next <= last; this.#next++) {
      const slot = this.#slots.get(this.#next);
      if (slot) for (const item of slot) items.push(item);
      this.#slots.delete(this.#next);
    }
    return items;
  }
}
