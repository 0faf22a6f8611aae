interface Identified {
  readonly id: string;
}

/** The ids from one item of a list to another, both included and in either direction. */
export function idsBetween(list: readonly Identified[], from: string, to: string): readonly string[] {
  const ends = [from, to].map((id) => list.findIndex((item) => item.id === id));
  if (ends.includes(-1)) return [to];
  return list.slice(Math.min(...ends), Math.max(...ends) + 1).map(({ id }) => id);
}

/** Which devices of the fleet are selected. Replaced whole, so that a row follows one signal. */
export class Selected {
  ids: ReadonlySet<string> = $state.raw(new Set());
  /** Where a range begins. */
  #anchor: string | undefined;

  toggle(id: string): void {
    const ids = new Set(this.ids);
    if (!ids.delete(id)) ids.add(id);
    this.ids = ids;
    this.#anchor = id;
  }

  /** Selects as well what lies between the one that was selected last, or `from`, and this one. */
  extend(to: string, list: readonly Identified[], from = to): void {
    this.#anchor ??= from;
    this.ids = new Set([...this.ids, ...idsBetween(list, this.#anchor, to)]);
  }

  replace(list: readonly Identified[]): void {
    this.ids = new Set(list.map(({ id }) => id));
  }

  clear(): void {
    this.ids = new Set();
    this.#anchor = undefined;
  }
}
