import type { QoS } from 'mqtt-packet';
import type { ConnectOptions, OtherClient, Publication, Shown } from './other-client.ts';

/** What a program with a client says: the answer to a request, or a message that came. */
type Said =
  { readonly n: number; readonly present?: boolean; readonly error?: string } | { readonly message: Shown };

/** How a program is reached. */
export interface Wire {
  /** Hands it a line. */
  readonly tell: (line: string) => void;
  /** Ends it at once. */
  readonly kill: () => Promise<void>;
}

/**
 * A client in a program of its own, which is asked and answers in JSON, a line each: numbered requests, `connect`,
 * `subscribe`, `unsubscribe`, `publish` and `disconnect`, each with one answer of the same number, and messages in between.
 */
export class DrivenClient implements OtherClient {
  readonly received: Shown[] = [];
  readonly #wire: Wire;
  readonly #asked = new Map<number, { resolve: (present?: boolean) => void; reject: (why: Error) => void }>();
  readonly #waiting = new Set<{ resolve: () => void; reject: (why: Error) => void }>();
  #count = 0;
  #ended: Error | undefined;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** To be called with each line that the program says. */
  hear(line: string): void {
    const said = JSON.parse(line) as Said;
    if ('message' in said) {
      this.received.push(said.message);
      for (const { resolve } of this.#waiting) resolve();
      this.#waiting.clear();
      return;
    }
    const asked = this.#asked.get(said.n);
    this.#asked.delete(said.n);
    if (said.error === undefined) asked?.resolve(said.present);
    else asked?.reject(new Error(said.error));
  }

  /** To be called when the program has ended, with why. */
  end(why: string): void {
    this.#ended = new Error(why);
    for (const { reject } of [...this.#asked.values(), ...this.#waiting]) reject(this.#ended);
  }

  connect(options: ConnectOptions): Promise<boolean | undefined> {
    return this.#ask('connect', { clean: true, protocolVersion: 4, ...options });
  }

  async subscribe(filter: string, qos: QoS): Promise<void> {
    await this.#ask('subscribe', { filter, qos });
  }

  async unsubscribe(filter: string): Promise<void> {
    await this.#ask('unsubscribe', { filter });
  }

  async publish({ topic, payloads, qos, retain = false }: Publication): Promise<void> {
    const asked = payloads.map((payload) => this.#ask('publish', { topic, payload, qos, retain }));
    await Promise.all(asked);
  }

  async until(payload: string): Promise<void> {
    while (!this.received.some((message) => message.payload === payload)) {
      if (this.#ended) throw this.#ended;
      await new Promise<void>((resolve, reject) => this.#waiting.add({ resolve, reject }));
    }
  }

  async disconnect(): Promise<void> {
    await this.#ask('disconnect', {});
  }

  cut(): Promise<void> {
    return this.#wire.kill();
  }

  #ask(what: string, details: object): Promise<boolean | undefined> {
    if (this.#ended) return Promise.reject(this.#ended);
    const n = ++this.#count;
    return new Promise((resolve, reject) => {
      this.#asked.set(n, { resolve, reject });
      this.#wire.tell(JSON.stringify({ n, do: what, ...details }));
    });
  }
}
