import { earliest } from '../earliest.ts';

/** How long a device may take to send a description that the hub does not have, before it is asked, in ms. */
const ASK_AFTER = 1_000;
/** How long it may take to answer, before it is asked again. */
const ASK_AGAIN_AFTER = 30_000;

/** Devices whose description is awaited: says whom to ask for it. Only who listens is asked. */
export class AwaitedDescriptions {
  readonly #askAt = new Map<string, number>();
  readonly #asked = new Set<string>();

  expect(id: string, now: number): void {
    if (!this.#askAt.has(id)) this.#askAt.set(id, now + ASK_AFTER);
  }

  /** It has come, or its device has gone. */
  settle(id: string): void {
    this.#askAt.delete(id);
    this.#asked.delete(id);
  }

  /** Whether a device was asked and has not answered well. */
  wasAsked(id: string): boolean {
    return this.#asked.has(id);
  }

  clockJumped(by: number): void {
    for (const [id, at] of this.#askAt) this.#askAt.set(id, at + by);
  }

  dueAt(listens: (id: string) => boolean): number | undefined {
    return earliest([...this.#askAt].map(([id, at]) => (listens(id) ? at : undefined)));
  }

  /** Devices to ask now. */
  run(listens: (id: string) => boolean, now: number): readonly string[] {
    const due = [...this.#askAt].filter(([id, at]) => at <= now && listens(id)).map(([id]) => id);
    for (const id of due) {
      this.#asked.add(id);
      this.#askAt.set(id, now + ASK_AGAIN_AFTER);
    }
    return due;
  }
}
