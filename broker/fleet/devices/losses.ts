import { giveUp } from '#firmware-protocol';
import { earliest } from '../earliest.ts';
import type { Twin } from './twin.ts';

/** How long a message may come after a later one before it counts as lost, in ms (SPEC.md 9.4). */
const LOST_AFTER = 2_000;
/** How often a device is asked for its state because of losses, in ms. */
const ASK_AGAIN_AFTER = 60_000;

/** When the missing messages of a device count as lost, or undefined where none are missing. */
const lostAt = ({ missingSince }: Twin): number | undefined =>
  missingSince === undefined ? undefined : missingSince + LOST_AFTER;

/** What is to be done about losses now. */
export interface Reckoning {
  /** Twins that wait no longer, each with how many messages never came. */
  readonly lost: readonly { readonly twin: Twin; readonly messages: number }[];
  /** Devices to ask for their state. */
  readonly ask: readonly string[];
}

/** Messages that are missing: waits for them, counts those that never come, and says whom to ask. */
export class Losses {
  readonly #missing = new Set<string>();
  readonly #askedAt = new Map<string, number>();
  /** Devices that are to be asked once they may be. */
  readonly #owed = new Set<string>();
  #messages = 0;

  /** How many messages were lost so far. */
  get messages(): number {
    return this.#messages;
  }

  /** Takes note of a twin to which a message has come. */
  note(twin: Twin): void {
    if (lostAt(twin) !== undefined) this.#missing.add(twin.id);
  }

  /** The device has gone, or told its state: nothing is to be asked of it. */
  settle(id: string): void {
    this.#owed.delete(id);
  }

  /** The hub's clock was set: a device may be asked no later than before. Returns the twins that wait as long as before. */
  clockJumped(by: number, twinOf: (id: string) => Twin | undefined): readonly Twin[] {
    for (const [id, at] of this.#askedAt) this.#askedAt.set(id, at + by);
    return [...this.#missing].flatMap((id) => {
      const twin = twinOf(id);
      return twin?.missingSince === undefined ? [] : { ...twin, missingSince: twin.missingSince + by };
    });
  }

  dueAt(twinOf: (id: string) => Twin | undefined): number | undefined {
    const missing = [...this.#missing].map((id) => {
      const twin = twinOf(id);
      return twin && lostAt(twin);
    });
    return earliest([...missing, ...[...this.#owed].map((id) => this.#mayAskAt(id))]);
  }

  run(twinOf: (id: string) => Twin | undefined, now: number): Reckoning {
    const lost = [...this.#missing].flatMap((id) => {
      const twin = twinOf(id);
      const at = twin && lostAt(twin);
      if (at !== undefined && at > now) return [];
      this.#missing.delete(id);
      if (!twin?.window || at === undefined) return [];
      const { missing } = twin.window;
      this.#messages += missing;
      if (twin.linked) this.#owed.add(id);
      return [{ twin: { ...twin, window: giveUp(twin.window), missingSince: undefined }, messages: missing }];
    });
    const ask = [...this.#owed].filter((id) => this.#mayAskAt(id) <= now);
    for (const id of ask) {
      this.#owed.delete(id);
      this.#askedAt.set(id, now);
    }
    return { lost, ask };
  }

  #mayAskAt(id: string): number {
    return (this.#askedAt.get(id) ?? -Infinity) + ASK_AGAIN_AFTER;
  }
}
