import type { Log } from '../../log/log.ts';
import { quoted } from '../../log/quoted.ts';
import { Session, type Receiver, type SessionOptions } from './session.ts';

/** Whose a session is. */
export interface Owner {
  /** As logs name them. */
  readonly name: string;
  /** When they were made, Unix ms: those who were made anew with the same name are others. */
  readonly createdAt: number;
}

/** What somebody may do now. */
export interface Rights {
  maySubscribe(filter: string): boolean;
  mayReceive(topic: string): boolean;
}

export interface KeptSessionOptions extends SessionOptions {
  readonly log: Log;
  /** The time in ms. */
  readonly now: () => number;
}

/** A session that outlives the connections of its client: it stays subscribed whether the client is there or away. */
export class KeptSession extends Session {
  /** By which Aedes knows its client. */
  readonly clientId: string;
  /** As they were when their client was last let in. */
  owner: Owner;
  readonly #log: Log;
  readonly #now: () => number;
  #known = false;
  #awaySince: number | undefined;
  /** Messages that had to go for newer ones since its client was last there. */
  #dropped = 0;

  constructor(clientId: string, owner: Owner, options: KeptSessionOptions) {
    super(options);
    this.clientId = clientId;
    this.owner = owner;
    this.#log = options.log;
    this.#now = options.now;
    this.#awaySince = options.now();
  }

  /** How logs name it. */
  get name(): string {
    return `the session ${quoted(this.clientId)} of ${this.owner.name}`;
  }

  /** Whether a CONNACK has told a client of it: then it is present for the next [MQTT-3.2.2-2]. */
  get known(): boolean {
    return this.#known;
  }

  /** Since when its client is away, in ms; undefined while it is there. */
  get awaySince(): number | undefined {
    return this.#awaySince;
  }

  override resume(receiver: Receiver): void {
    this.#known = true;
    this.#awaySince = undefined;
    this.#tellDropped();
    super.resume(receiver);
  }

  /** A connection is over. Unless another has taken its place, the client is away. */
  override leave(receiver: Receiver): void {
    if (this.receiver !== receiver) return;
    this.#awaySince = this.#now();
    this.away();
  }

  /** Lets go of subscriptions, and of messages that wait, which are not allowed any more. */
  hold(rights: Rights): void {
    for (const filter of this.filters.keys()) if (!rights.maySubscribe(filter)) this.unsubscribe(filter);
    this.queue.recheck(({ topic }) => rights.mayReceive(topic));
  }

  /** Log lines are for the first of an absence, and for how many they were at its end. */
  protected override overflowed(messages: number): void {
    if (this.#dropped === 0) {
      this.#log.warnLimited(
        `session-full:${this.owner.name}`,
        `${this.name} is full, its client away or slow: the oldest messages go from now on`,
      );
    }
    this.#dropped += messages;
  }

  #tellDropped(): void {
    if (this.#dropped > 0) {
      this.#log.warnLimited(
        `session-dropped:${this.owner.name}`,
        `${this.name} goes on, and lacks ${this.#dropped} messages for which there was no room`,
      );
    }
    this.#dropped = 0;
  }
}
