import { backoff } from './backoff.ts';
import { openConnection, type Connection, type Credentials } from './connection.ts';
import { RateMeter } from './rate.ts';

/** How the console stands to the hub. Times are of the browser's clock, in ms. */
export type LinkState =
  | { readonly kind: 'off' }
  | { readonly kind: 'connecting'; readonly lostAt: number | undefined }
  | { readonly kind: 'up' }
  | { readonly kind: 'waiting'; readonly lostAt: number; readonly nextTryAt: number };

export interface LinkOptions {
  readonly url: string;
  /** @param refused whether the hub has just refused those of the last try */
  credentials(refused: boolean): Promise<Credentials>;
  opened(): void;
  message(topic: string, payload: Uint8Array): void;
}

const FIRST_PING_AFTER_S = 2;
/** A link that the hub ends sooner than this may be ended so again and again, and comes back with patience. */
const SETTLED_AFTER_S = 1;

/** The persistent connection to the hub: comes back by itself, and says how it is. */
export class Link {
  state: LinkState = $state.raw({ kind: 'off' });
  messagesPerSecond = $state(0);
  /** The last measured time of a PINGREQ to the hub and its answer back, in ms. */
  roundTripMs: number | undefined = $state();

  readonly #options: LinkOptions;
  readonly #rate = new RateMeter();
  #connection: Connection | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #secondsUp = 0;
  #refused = false;
  /** Rises with each try, so that what a past one still reports is told apart. */
  #attempt = 0;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get isUp(): boolean {
    return this.state.kind === 'up';
  }

  start(): void {
    if (this.state.kind === 'off') void this.#try(undefined);
  }

  stop(): void {
    this.#attempt++;
    clearTimeout(this.#retry);
    this.#connection?.close();
    this.#connection = undefined;
    this.#failures = 0;
    this.#refused = false;
    this.state = { kind: 'off' };
  }

  /** Tries at once where it would wait. */
  tryNow(): void {
    if (this.state.kind !== 'waiting') return;
    clearTimeout(this.#retry);
    void this.#try(this.state.lostAt);
  }

  subscribe(topic: string): void {
    this.#connection?.subscribe(topic);
  }

  /** Subscribes anew, upon which the hub sends the whole of a feed again. */
  renew(topic: string): void {
    this.#connection?.renew(topic);
  }

  async publish(topic: string, payload: Uint8Array): Promise<void> {
    if (!this.#connection) throw new Error('not connected');
    await this.#connection.publish(topic, payload);
  }

  /** To be called once a second. */
  tick(): void {
    this.messagesPerSecond = this.#rate.tick();
    // Later ones are those of the keepalive; the first waits until the whole fleet has come.
    if (this.isUp && ++this.#secondsUp === FIRST_PING_AFTER_S) this.#connection?.ping();
  }

  async #try(lostAt: number | undefined): Promise<void> {
    const attempt = ++this.#attempt;
    const current = (): boolean => attempt === this.#attempt;
    this.state = { kind: 'connecting', lostAt };
    try {
      const credentials = await this.#options.credentials(this.#refused);
      if (!current()) return;
      const connection = await openConnection(this.#options.url, credentials, {
        opened: () => current() && this.#opened(),
        message: (topic, payload) => current() && this.#received(topic, payload),
        roundTrip: (ms) => current() && (this.roundTripMs = ms),
        closed: (refused) => current() && this.#lost(refused),
      });
      if (current()) this.#connection = connection;
      else connection.close();
    } catch {
      if (current()) this.#lost(this.#refused);
    }
  }

  #opened(): void {
    this.#failures = 0;
    this.#refused = false;
    this.#rate.reset();
    this.state = { kind: 'up' };
    this.#secondsUp = 0;
    this.#options.opened();
  }

  #received(topic: string, payload: Uint8Array): void {
    this.#rate.count();
    this.#options.message(topic, payload);
  }

  #lost(refused: boolean): void {
    this.#attempt++;
    this.#connection = undefined;
    this.#refused = refused;
    this.roundTripMs = undefined;
    const now = Date.now();
    const lostAt = (this.state.kind === 'connecting' ? this.state.lostAt : undefined) ?? now;
    // Somebody may have ended the session or changed the role: whoever looks at the page is to know at once.
    const settled = this.#secondsUp >= SETTLED_AFTER_S;
    this.#secondsUp = 0;
    if (refused && settled) return void this.#try(lostAt);
    const delay = backoff(++this.#failures, Math.random());
    this.state = { kind: 'waiting', lostAt, nextTryAt: now + delay };
    this.#retry = setTimeout(() => void this.#try(lostAt), delay);
  }
}
