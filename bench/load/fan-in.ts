import type { RawLink } from './raw-link.ts';

/** Who publishes: a link, and how it comes to the frames of its next messages. */
export interface Publisher {
  readonly link: RawLink;
  readonly next: () => Uint8Array;
}

export interface FanInOptions {
  readonly publishers: readonly Publisher[];
  /** How many messages are in what `next` returns. */
  readonly batch: number;
  /** How many may be under way. */
  readonly window: number;
  readonly subscriber: RawLink;
}

/** How long nothing may arrive before messages count as lost, in ms. */
const PATIENCE = 10_000;

/** Many publishers and one subscriber that counts what arrives. */
export class FanIn {
  readonly #options: FanInOptions;
  #turn = 0;

  constructor(options: FanInOptions) {
    this.#options = options;
  }

  /** Has so many messages published in turn. Resolves when all have arrived; rejects where any are lost, or come twice. */
  run(messages: number): Promise<void> {
    const { batch, window, subscriber } = this.#options;
    let [sent, arrived] = [0, 0];
    return new Promise((resolve, reject) => {
      const fail = (): void => reject(new Error(`${arrived} of ${sent} messages arrived`));
      const overdue = setTimeout(fail, PATIENCE);
      const send = (): void => {
        for (; sent < messages && sent - arrived < window; sent += batch) this.#publish();
      };
      subscriber.onPublishes = (count) => {
        arrived += count;
        overdue.refresh();
        send();
        if (arrived < messages) return;
        clearTimeout(overdue);
        if (arrived === messages) resolve();
        else fail();
      };
      send();
    });
  }

  /** Breaks all links. */
  close(): void {
    const { publishers, subscriber } = this.#options;
    for (const { link } of publishers) link.cut();
    subscriber.cut();
  }

  #publish(): void {
    const { publishers } = this.#options;
    const publisher = publishers[this.#turn++ % publishers.length] as Publisher;
    publisher.link.write(publisher.next());
  }
}
