import type { Publish } from '../packets.ts';
import { Fifo } from '../../links/rates/fifo.ts';

/** A message for one client, at the quality of service that it has for this client. */
export interface Queued {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 1 | 2;
  readonly retain: boolean;
  /** Its place among all messages that are kept; 0 where nothing is kept of it. */
  readonly number: number;
}

/** Whoever keeps what becomes of messages. */
export interface QueueJournal {
  queued(message: Queued): void;
  sent(message: Queued, id: number): void;
  /** It was acknowledged, or let go. */
  settled(message: Queued): void;
  /** The client has a message of QoS 2, and may let it go. */
  released(id: number): void;
  completed(id: number): void;
}

/** A message as it was kept, and the packet identifier with which it was sent, if it was. */
export interface Kept {
  readonly message: Queued;
  readonly id: number | undefined;
}

export interface QueueBounds {
  /** How many messages may wait, and how many bytes of topics and payloads. */
  readonly messages: number;
  readonly bytes: number;
  /** How many messages may be on their way at once, unacknowledged, and how many bytes. */
  readonly inFlight: number;
  readonly inFlightBytes: number;
}

/** What goes to a client: a message, or the word that it may let go of one. */
export type Sending = (Publish & Queued & { readonly id: number }) | { readonly release: number };

/** Whether a message may still be sent. */
export type Allowed = (message: Queued) => boolean;

/** The greatest packet identifier (MQTT 3.1.1 §2.3.1). */
const LAST_ID = 65_535;

/**
 * Messages of QoS 1 and 2 on their way to one client, whether it is there or away (MQTT 3.1.1 §4.1, §4.3): they wait,
 * are sent in order, and stay until they are acknowledged. Where more would wait than may, the oldest go: what is
 * newest says most about how things are.
 */
export class OutgoingQueue {
  readonly #bounds: QueueBounds;
  readonly #journal: QueueJournal | undefined;
  readonly #waiting = new Fifo<Queued>();
  #waitingBytes = 0;
  /** By packet identifier, in the order in which they were sent. */
  readonly #sent = new Map<number, Queued>();
  #sentBytes = 0;
  /** Identifiers of QoS 2 messages that the client has and may let go, in the order of their PUBRECs. */
  readonly #released = new Set<number>();
  #lastId = 0;

  constructor(bounds: QueueBounds, journal?: QueueJournal) {
    this.#bounds = bounds;
    this.#journal = journal;
  }

  /**
   * Takes up what was kept: messages in their order, and identifiers in the order of their PUBRECs. Returns how many of
   * those that wait had to go, since fewer may wait than did.
   */
  restore(messages: readonly Kept[], released: readonly number[]): number {
    for (const { message, id } of messages) {
      if (id === undefined) this.#put(message);
      else this.#send(id, message);
      this.#lastId = id ?? this.#lastId;
    }
    for (const id of released) this.#released.add(id);
    return this.#trim();
  }

  /** How many messages wait to be sent, and how many bytes. */
  get waiting(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#waiting.length, bytes: this.#waitingBytes };
  }

  /** As much is on its way as may be. */
  get full(): boolean {
    const { inFlight, inFlightBytes } = this.#bounds;
    return this.#sent.size + this.#released.size >= inFlight || this.#sentBytes >= inFlightBytes;
  }

  /** Puts a message last. Returns how many of those that wait had to go for it. */
  offer(message: Queued): number {
    this.#put(message);
    this.#journal?.queued(message);
    return this.#trim();
  }

  /** The next message to send, if any may be sent now. Those that are no longer allowed go. */
  next(allowed: Allowed): Sending | undefined {
    while (!this.full) {
      const message = this.#take();
      if (!message) return undefined;
      if (!allowed(message)) {
        this.#journal?.settled(message);
        continue;
      }
      const id = this.#freeId();
      this.#send(id, message);
      this.#journal?.sent(message, id);
      return { ...message, id, dup: false };
    }
    return undefined;
  }

  /**
   * What a client that comes back gets first: all that it has not acknowledged, with the identifiers it had
   * [MQTT-4.4.0-1], in the order it had [MQTT-4.6.0-1], [MQTT-4.6.0-4]. Messages that are no longer allowed go.
   */
  again(allowed: Allowed): Sending[] {
    for (const [id, message] of this.#sent) {
      if (allowed(message)) continue;
      this.#forget(id);
      // The client may have this one already. Released, its identifier is free again for both sides.
      if (message.qos === 2) this.#release(id);
    }
    return [
      ...[...this.#released].map((release) => ({ release })),
      ...[...this.#sent].map(([id, message]) => ({ ...message, id, dup: true })),
    ];
  }

  /** A PUBACK came: the message has arrived. */
  acknowledged(id: number): void {
    if (this.#sent.get(id)?.qos === 1) this.#forget(id);
  }

  /** A PUBREC came: the message has arrived, and is to be released. */
  received(id: number): void {
    if (this.#sent.get(id)?.qos !== 2) return;
    this.#forget(id);
    this.#release(id);
  }

  /** A PUBCOMP came: nothing is owed any more. */
  completed(id: number): void {
    if (this.#released.delete(id)) this.#journal?.completed(id);
  }

  /** Lets go of what waits and is not allowed any more. */
  recheck(allowed: Allowed): void {
    this.#waiting.filter((message) => {
      const keep = allowed(message);
      if (keep) return true;
      this.#waitingBytes -= sizeOf(message);
      this.#journal?.settled(message);
      return false;
    });
  }

  #put(message: Queued): void {
    this.#waiting.push(message);
    this.#waitingBytes += sizeOf(message);
  }

  /** Lets go of the oldest that wait, as long as more wait than may. Returns how many went. */
  #trim(): number {
    let dropped = 0;
    while (this.#waiting.length > this.#bounds.messages || this.#waitingBytes > this.#bounds.bytes) {
      const oldest = this.#take() as Queued;
      this.#journal?.settled(oldest);
      dropped += 1;
    }
    return dropped;
  }

  #send(id: number, message: Queued): void {
    this.#sent.set(id, message);
    this.#sentBytes += sizeOf(message);
  }

  #release(id: number): void {
    this.#released.add(id);
    this.#journal?.released(id);
  }

  #take(): Queued | undefined {
    const message = this.#waiting.shift();
    if (message) this.#waitingBytes -= sizeOf(message);
    return message;
  }

  #forget(id: number): void {
    const message = this.#sent.get(id);
    if (!message) return;
    this.#sent.delete(id);
    this.#sentBytes -= sizeOf(message);
    this.#journal?.settled(message);
  }

  /** There is always one: the window is much smaller than the range. */
  #freeId(): number {
    do this.#lastId = this.#lastId === LAST_ID ? 1 : this.#lastId + 1;
    while (this.#sent.has(this.#lastId) || this.#released.has(this.#lastId));
    return this.#lastId;
  }
}

const sizeOf = ({ topic, payload }: Queued): number => Buffer.byteLength(topic) + payload.length;
