import type { AedesPublishPacket, PublishPacket, PubrelPacket } from 'aedes';
import type { Log } from '../../log/log.ts';
import { quoted } from '../../log/quoted.ts';
import type { Router } from '../router.ts';
import { OutgoingQueue, WINDOW, type Message, type QueueBounds } from './outgoing-queue.ts';
import { ReceivedIds } from './received-ids.ts';

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

/** A message that a session is to have: as it was published, or retained. */
export type Incoming = Pick<AedesPublishPacket, 'topic' | 'payload' | 'qos' | 'retain'>;

/** The connection that a session has just now. */
export interface Connection {
  readonly open: boolean;
  /** Whether whoever is connected may have this message, as things are now. */
  mayReceive(message: Incoming): boolean;
  write(packet: PublishPacket | PubrelPacket): void;
}

/** What a client says of a message that it was sent. */
export type Answer = 'puback' | 'pubrec' | 'pubcomp';

export interface SessionOptions {
  readonly router: Router;
  readonly bounds: QueueBounds;
  readonly log: Log;
}

const ANSWERED = { puback: 'acknowledged', pubrec: 'received', pubcomp: 'completed' } as const;

/**
 * What is kept of a client from one connection to the next (MQTT 3.1.1 §4.1): its subscriptions, the messages on their
 * way to it, and the identifiers of QoS 2 messages on their way from it. It stays subscribed whether its client is
 * there or away, and every message for the client goes through its queue, so that none falls between the two and none
 * overtakes another.
 */
export class StoredSession {
  /** By which Aedes knows its client. */
  readonly clientId: string;
  /** As they were when their client was last let in. */
  owner: Owner;
  readonly received = new ReceivedIds();
  readonly #options: SessionOptions;
  readonly #queue: OutgoingQueue;
  readonly #filters = new Map<string, (packet: AedesPublishPacket) => void>();
  #connection: Connection | undefined;
  #waiting: (() => void)[] = [];
  #known = false;
  #awaySince: number | undefined;
  /** Messages that had to go for newer ones since its client was last there. */
  #dropped = 0;
  #ended = false;

  constructor(clientId: string, owner: Owner, now: number, options: SessionOptions) {
    this.clientId = clientId;
    this.owner = owner;
    this.#awaySince = now;
    this.#options = options;
    this.#queue = new OutgoingQueue(options.bounds);
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

  /** Its subscriptions, by topic filter. */
  get filters(): ReadonlyMap<string, unknown> {
    return this.#filters;
  }

  /** Subscribes, in place of what the same filter was granted before [MQTT-3.8.4-3]. */
  subscribe(filter: string, qos: number): void {
    this.unsubscribe(filter);
    if (this.#ended) return;
    const deliver = (packet: AedesPublishPacket): void => this.push({ ...packet, retain: false });
    this.#filters.set(filter, deliver);
    this.#options.router.subscribe(filter, deliver, { whose: this, qos });
  }

  unsubscribe(filter: string): void {
    const deliver = this.#filters.get(filter);
    if (!deliver) return;
    this.#filters.delete(filter);
    this.#options.router.removeListener(filter, deliver);
  }

  /** Sends a message, or has it wait. QoS 0 is for a client that is there, and waits for nobody. */
  push({ topic, payload, qos, retain }: Incoming): void {
    if (this.#ended) return;
    const connection = this.#connection?.open ? this.#connection : undefined;
    if (qos === 0) {
      const packet = { cmd: 'publish', topic, payload, qos, retain, dup: false } as const;
      if (connection?.mayReceive(packet)) connection.write(packet);
      return;
    }
    const bytes = payload as Buffer;
    const waits = !connection || this.#queue.full;
    this.#countDropped(this.#queue.offer({ topic, payload: waits ? ownCopy(bytes) : bytes, qos, retain }));
    this.#send();
  }

  /**
   * Sends a retained message, at no more than what was granted [MQTT-3.8.4-6].
   * @param done called when there is room for the next: a whole fleet may be retained, and no queue is that long
   */
  pushRetained(packet: Incoming, done: () => void): void {
    const granted = this.#options.router.granted(this, packet.topic);
    this.push({ ...packet, qos: Math.min(packet.qos, granted) as 0 | 1 | 2 });
    this.#waiting.push(done);
    this.#makeWay();
  }

  /** Its client is there: it gets first what it has not acknowledged, then what waits. */
  resume(connection: Connection): void {
    this.#connection = connection;
    this.#known = true;
    this.#awaySince = undefined;
    this.#tellDropped();
    for (const packet of this.#queue.again(this.#allowed)) connection.write(packet);
    this.#send();
  }

  /** A connection is over. Unless another has taken its place, the client is away. */
  leave(connection: Connection, now: number): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.#awaySince = now;
    this.#makeWay();
  }

  /** What the client answers. Only the connection that the session has now counts. */
  answered(connection: Connection, answer: Answer, id: number): void {
    if (this.#connection !== connection) return;
    this.#queue[ANSWERED[answer]](id);
    this.#send();
  }

  /** Lets go of subscriptions, and of messages that wait, which are not allowed any more. */
  hold(rights: Rights): void {
    for (const filter of this.#filters.keys()) if (!rights.maySubscribe(filter)) this.unsubscribe(filter);
    this.#queue.recheck(({ topic }) => rights.mayReceive(topic));
  }

  /** It is kept no longer. */
  end(): void {
    this.#ended = true;
    for (const filter of this.#filters.keys()) this.unsubscribe(filter);
    this.#connection = undefined;
    this.#makeWay();
  }

  readonly #allowed = (message: Message): boolean => this.#connection?.mayReceive(message) ?? false;

  #send(): void {
    while (this.#connection?.open) {
      const packet = this.#queue.next(this.#allowed);
      if (!packet) break;
      this.#connection.write(packet);
    }
    this.#makeWay();
  }

  /** Log lines are for the first of an absence, and for how many they were at its end. */
  #countDropped(messages: number): void {
    if (messages > 0 && this.#dropped === 0) {
      this.#options.log.warnLimited(
        `session-full:${this.owner.name}`,
        `${this.name} is full, its client away or slow: the oldest messages go from now on`,
      );
    }
    this.#dropped += messages;
  }

  #tellDropped(): void {
    if (this.#dropped > 0) {
      this.#options.log.warnLimited(
        `session-dropped:${this.owner.name}`,
        `${this.name} goes on, and lacks ${this.#dropped} messages for which there was no room`,
      );
    }
    this.#dropped = 0;
  }

  #makeWay(): void {
    if (this.#waiting.length === 0) return;
    if (this.#connection?.open && this.#queue.waiting >= WINDOW) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const done of waiting) done();
  }
}

/** A payload is a part of what came in one read, all of which it would keep in memory for as long as it waits. */
function ownCopy(payload: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(payload.length);
  payload.copy(copy);
  return copy;
}
