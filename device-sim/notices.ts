const REPEAT_MS = 30_000;

/** Says things that hold for many devices once for all of them, and again only after a while. */
export class Notices {
  readonly #say: (line: string) => void;
  readonly #saidAt = new Map<string, number>();

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** @param topic lines on the same topic are one and the same matter */
  about(topic: string, line: string, now: number): void {
    const saidAt = this.#saidAt.get(topic);
    if (saidAt !== undefined && now - saidAt < REPEAT_MS) return;
    this.#saidAt.set(topic, now);
    this.#say(line);
  }
}
