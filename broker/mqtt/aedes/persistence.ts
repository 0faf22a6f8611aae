import { Readable } from 'node:stream';
import type { Client, Subscription } from 'aedes';
import { atOnce } from './at-once.ts';

/**
 * Aedes goes by the filters of a stored session, and takes one without any for none [MQTT-3.2.2-2]. So it is told of
 * this one, which is then refused; the real ones are no business of its own.
 */
const PRESENT: Subscription = { topic: '$SYS/session', qos: 0 };

/** What Aedes asks about a client, answered by whoever keeps sessions. */
export interface SessionAnswers {
  /** Whether a CONNACK has told a client with this id of a session that is kept. */
  isPresent(clientId: string): boolean;
  /** A client starts anew [MQTT-3.1.2-6], and is told so when what it had is gone. */
  startsAnew(client: Client): PromiseLike<unknown>;
  /** Its CONNACK is written. */
  acknowledged(client: Client): void;
  /** It releases a message of QoS 2 [MQTT-4.3.3-2], and is told so when that is sure. */
  released(client: Client, id: number): PromiseLike<unknown>;
}

/** A packet that Aedes hands over, as far as it matters here. */
interface Identified {
  readonly messageId: number;
}

/**
 * Aedes' persistence, which is to say that Aedes keeps nothing: sessions, retained messages and what is on its way are the
 * hub's, and wills are known to the clients that they are of as long as these are connected.
 */
export class Persistence {
  readonly #sessions: SessionAnswers;

  constructor(sessions: SessionAnswers) {
    this.#sessions = sessions;
  }

  async setup(): Promise<void> {
    // There is nothing to open. Aedes insists that it is asynchronous.
  }

  subscriptionsByClient = ({ id }: Pick<Client, 'id'>) =>
    atOnce(this.#sessions.isPresent(id) ? [PRESENT] : []);
  cleanSubscriptions = (client: Client) => this.#sessions.startsAnew(client);
  outgoingStream = (client: Client): Readable => {
    this.#sessions.acknowledged(client);
    return Readable.from([]);
  };

  /** As if each message were known: the hub has looked at it, and Aedes has but to say so. */
  incomingGetPacket = (_client: Client, packet: Identified) => atOnce(packet);
  incomingDelPacket = (client: Client, { messageId }: Identified) =>
    this.#sessions.released(client, messageId);
  cleanIncoming = () => atOnce(undefined);

  storeRetained = () => atOnce(undefined);
  subscriptionsByTopic = () => atOnce([]);
  outgoingEnqueueCombi = () => atOnce(undefined);

  putWill = () => atOnce(undefined);
  delWill = () => Promise.resolve();
  streamWill = (): Readable => Readable.from([]);
}
