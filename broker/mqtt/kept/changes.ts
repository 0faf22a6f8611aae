/**
 * Rows of one kind that have changed since they were last taken to be written. Of each there is but what it has become:
 * one that was added and removed meanwhile is never written.
 */
export class Changes<Key, Row> {
  #rows = new Map<Key, Row>();
  /** Those of them that nothing was written of. */
  #added = new Set<Key>();
  #gone = new Set<Key>();

  /** A row is there that was not. */
  add(key: Key, row: Row): void {
    this.#rows.set(key, row);
    // One that has gone meanwhile is written still, and is overwritten.
    if (!this.#gone.delete(key)) this.#added.add(key);
  }

  /** A row that is there has become another. */
  change(key: Key, row: Row): void {
    this.#rows.set(key, row);
  }

  /** A row is there no longer. */
  remove(key: Key): void {
    this.#rows.delete(key);
    if (!this.#added.delete(key)) this.#gone.add(key);
  }

  /** Whether a row was added since, so that nothing of it is written. */
  isNew(key: Key): boolean {
    return this.#added.has(key);
  }

  /** All there is to write. Rows that were added are among `rows` as well. */
  take(): { readonly rows: readonly Row[]; readonly added: readonly Row[]; readonly gone: readonly Key[] } {
    const added = [...this.#added].map((key) => this.#rows.get(key) as Row);
    const taken = { rows: [...this.#rows.values()], added, gone: [...this.#gone] };
    this.#rows.clear();
    this.#added.clear();
    this.#gone.clear();
    return taken;
  }
}
