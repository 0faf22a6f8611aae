import type { Asked } from './command-record.ts';
import { isOpen } from './life.ts';

/** What is open, as it is stored: what may be told to anybody at any time. */
export class Standing {
  /** By device, then by id, oldest first. */
  readonly #open = new Map<string, Map<string, Asked>>();

  /** Takes note of what is stored. */
  set(asked: Asked): void {
    const { device, id } = asked;
    const open = this.#open.get(device) ?? new Map<string, Asked>();
    if (isOpen(asked)) open.set(id, asked);
    else open.delete(id);
    if (open.size > 0) this.#open.set(device, open);
    else this.#open.delete(device);
  }

  find(device: string, id: string): Asked | undefined {
    return this.#open.get(device)?.get(id);
  }

  *all(): Iterable<Asked> {
    for (const open of this.#open.values()) yield* open.values();
  }

  forget(device: string): void {
    this.#open.delete(device);
  }
}
