import type { Turns } from '../../links/rates/turns.ts';
import type { Message, Qos } from '../message.ts';
import { publishPacket, pubrelPacket } from '../packets.ts';
import type { Router, Subscriber, Subscription } from '../router.ts';
import { Fifo } from '../../links/rates/fifo.ts';
import {
  OutgoingQueue,
  type QueueBounds,
  type Queued,
  type QueueJournal,
  type Sending,
} from './outgoing-queue.ts';
import { ReceivedIds, type ReceivedJournal } from './received-ids.ts';

/** Whoever has a session, while it is there. */
export interface Receiver {
  /** Whether it can still be sent anything. */
  readonly open: boolean;
  /** Too much waits for it: QoS 0 is not worth adding. */
  readonly congested: boolean;
  /** Whether it may have a message on this topic, as things are now. */
  mayReceive(topic: string): boolean;
  /** Sends a whole packet. */
  send(packet: Uint8Array): void;
  /** Calls back once, when it is not congested any more. */
  whenCalm(listener: () => void): void;
  /** It does not keep up: more waits for it than may. */
  fallBehind(): void;
}

/** A message that a subscription brings at once, and the quality of service that it was granted. */
export interface Owed {
  readonly message: Message;
  readonly granted: Qos;
}

/** What a client says of a message that it was sent. */
export type Answer = 'puback' | 'pubrec' | 'pubcomp';

const ANSWERED = { puback: 'acknowledged', pubrec: 'received', pubcomp: 'completed' } as const;

/** How many topics a session knows on which something newer has come than what is still to come of what is retained. */
const OVERTAKEN = 10_000;
/** How many steps along what is owed are made at once, and what bytes count for. */
const AT_ONCE = 500;
const BYTES_OF_ONE = 256;

export interface SessionOptions {
  readonly router: Router;
  readonly bounds: QueueBounds;
  /** The turns in which all sessions send what is retained. */
  readonly turns: Pick<Turns, 'next'>;
  /** Whoever keeps what happens to it, where that is kept. */
  readonly journal?: QueueJournal & ReceivedJournal;
}

/**
 * What the hub knows of a client (MQTT 3.1.1 §4.1): its subscriptions, the messages on their way to it, and the
 * identifiers of QoS 2 messages on their way from it. Every message for the client goes through here, so that none
 * overtakes another.
 */
export class Session implements Subscriber {
  readonly received: ReceivedIds;
  protected receiver: Receiver | undefined;
  protected readonly queue: OutgoingQueue;
  readonly #router: Router;
  readonly #turns: SessionOptions['turns'];
  readonly #subscriptions = new Map<string, Subscription>();
  /** What a SUBSCRIBE brings at once and the client has not been sent yet, for each of them. */
  readonly #owed = new Fifo<Iterator<Owed | undefined>>();
  /** Topics on which a message came while what is retained there may be still to come. */
  readonly #overtaken = new Set<string>();
  #paying = false;
  #ended = false;

  constructor({ router, bounds, turns, journal }: SessionOptions) {
    this.#router = router;
    this.#turns = turns;
    this.queue = new OutgoingQueue(bounds, journal);
    this.received = new ReceivedIds(journal);
  }

  /** Its subscriptions, by topic filter. */
  get filters(): ReadonlyMap<string, unknown> {
    return this.#subscriptions;
  }

  /** Subscribes, in place of what the same filter was granted before [MQTT-3.8.4-3]. */
  subscribe(filter: string, qos: Qos): void {
    this.unsubscribe(filter);
    if (this.#ended) return;
    const subscription = { subscriber: this, qos };
    this.#subscriptions.set(filter, subscription);
    this.#router.subscribe(filter, subscription);
  }

  unsubscribe(filter: string): void {
    const subscription = this.#subscriptions.get(filter);
    if (!subscription) return;
    this.#subscriptions.delete(filter);
    this.#router.unsubscribe(filter, subscription);
  }

  /** Sends a message, or has it wait. QoS 0 is for a client that is there and keeps up, and waits for nobody. */
  deliver(message: Message, granted: Qos): void {
    const qos = Math.min(message.qos, granted) as Qos;
    if (this.#owed.length > 0 && this.#overtaken.size < OVERTAKEN) this.#overtaken.add(message.topic);
    if (qos > 0) {
      this.#offer(message, qos as 1 | 2, false);
      return;
    }
    const { receiver } = this;
    if (!receiver?.open) return;
    const { drops } = this.#router;
    if (!receiver.mayReceive(message.topic)) drops.count('not-allowed');
    else if (receiver.congested) drops.count('congested');
    else receiver.send(message.atMostOnce);
  }

  /**
   * Sends what a SUBSCRIBE brings at once, as the client reads it: a whole fleet may be retained, and no queue is that
   * long. Each message goes at no more than what was granted [MQTT-3.8.4-6].
   * @param owed a step each: a message, or nothing where none is found yet
   */
  owe(owed: Iterable<Owed | undefined>): void {
    this.#owed.push(owed[Symbol.iterator]());
    this.#pay();
  }

  /** How many messages wait for the client, and how many bytes. */
  get waiting(): OutgoingQueue['waiting'] {
    return this.queue.waiting;
  }

  /** How many SUBSCRIBEs wait for what they bring. */
  get owing(): number {
    return this.#owed.length;
  }

  /** Its client is there: it gets first what it has not acknowledged, then what waits. */
  resume(receiver: Receiver): void {
    this.receiver = receiver;
    for (const sending of this.queue.again(this.#allowed)) this.transmit(sending);
    this.#send();
  }

  /** A connection is over, and with it a clean session [MQTT-3.1.2-6]. */
  leave(_receiver: Receiver): void {
    this.end();
  }

  /** Whether nothing is kept of it any longer. */
  get ended(): boolean {
    return this.#ended;
  }

  /**
   * What the client answers. Only the connection that the session has now counts. A PUBREC is answered, whether
   * anything is known of it or not: its sender could not go on otherwise.
   */
  answered(receiver: Receiver, answer: Answer, id: number): void {
    if (this.receiver !== receiver) return;
    this.queue[ANSWERED[answer]](id);
    if (answer === 'pubrec') this.transmit({ release: id });
    this.#send();
  }

  /**
   * Resolves when what has happened to it so far is on the disk, or rejects where the store fails; undefined where
   * nothing is kept of it, so that there is nothing to wait for.
   */
  stored(): Promise<void> | undefined {
    return undefined;
  }

  /** Nothing is kept of it any longer. */
  end(): void {
    this.#ended = true;
    for (const filter of this.#subscriptions.keys()) this.unsubscribe(filter);
    this.receiver = undefined;
    this.#owed.filter(() => false);
  }

  /** So many messages had to go for newer ones. */
  protected overflowed(_messages: number): void {
    this.receiver?.fallBehind();
  }

  /** Sends to the client, if it is there. */
  protected transmit(sending: Sending): void {
    this.receiver?.send('release' in sending ? pubrelPacket(sending.release) : publishPacket(sending));
  }

  /** The place of a message among all that are kept, or 0 where nothing is kept of it. */
  protected numberOf(_message: Message, _retain: boolean): number {
    return 0;
  }

  /** Its client is away. What is owed to it is, when it is back. */
  protected away(): void {
    this.receiver = undefined;
    this.#paying = false;
  }

  readonly #allowed = ({ topic }: Queued): boolean => {
    const allowed = this.receiver?.mayReceive(topic) ?? false;
    if (!allowed) this.#router.drops.count('not-allowed');
    return allowed;
  };

  #offer(message: Message, qos: 1 | 2, retain: boolean): void {
    if (this.#ended) return;
    const dropped = this.queue.offer(this.#queued(message, qos, retain));
    if (dropped > 0) {
      this.#router.drops.count('queue-full', dropped);
      this.overflowed(dropped);
    }
    this.#send();
  }

  #queued(message: Message, qos: 1 | 2, retain: boolean): Queued {
    const number = this.numberOf(message, retain);
    const waits = number > 0 || !this.receiver?.open || this.queue.full;
    return { topic: message.topic, payload: waits ? message.lasting : message.payload, qos, retain, number };
  }

  #send(): void {
    while (this.receiver?.open) {
      const sending = this.queue.next(this.#allowed);
      if (!sending) break;
      this.transmit(sending);
    }
    this.#pay();
  }

  /** Goes on with what is owed, until the client has to read or to answer first, or others have their turn. */
  #pay(): void {
    if (this.#paying) return;
    this.#paying = true;
    for (let paid = 0; this.#owed.length > 0 && this.receiver?.open && !this.queue.full;) {
      const again = (): void => {
        this.#paying = false;
        this.#pay();
      };
      if (this.receiver.congested) return this.receiver.whenCalm(() => this.#turns.next(again));
      if (paid >= AT_ONCE) return this.#turns.next(again);
      paid += this.#payOne();
    }
    this.#paying = false;
  }

  /** Makes one step. Returns what it counts for. */
  #payOne(): number {
    const { done, value } = (this.#owed.first as Iterator<Owed | undefined, undefined>).next();
    if (done) this.#owed.shift();
    if (this.#owed.length === 0) this.#overtaken.clear();
    if (!value) return 1;
    const { message, granted } = value;
    const { topic, payload, retain } = message;
    // What is older does not come behind what is newer [MQTT-4.6.0-6].
    if (retain && this.#overtaken.has(topic)) return 1;
    const qos = Math.min(message.qos, granted) as Qos;
    if (qos > 0) this.#offer(message, qos as 1 | 2, retain);
    else if (this.receiver?.mayReceive(topic)) {
      this.receiver.send(publishPacket({ topic, payload, qos, retain, dup: false }));
    }
    return 1 + payload.length / BYTES_OF_ONE;
  }
}
