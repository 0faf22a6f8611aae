import { finished, Readable } from 'node:stream';
import type { Aedes, AedesPublishPacket, Client, Subscription } from 'aedes';
import mqtt from 'mqtt-packet';
import type { Log } from '../../log/log.ts';
import { quoted } from '../../log/quoted.ts';
import { atOnce, failsAtOnce } from '../at-once.ts';
import type { Router } from '../router.ts';
import { ReceivedIds } from './received-ids.ts';
import type { Answer, Connection, Incoming, Owner, Rights, StoredSession } from './stored-session.ts';
import type { StoredSessions } from './stored-sessions.ts';

/**
 * Aedes goes by the filters of a stored session, and takes one without any for none [MQTT-3.2.2-2]. So it is told of
 * this one, which is then refused; the real ones are no business of its own.
 */
const PRESENT: Subscription = { topic: '$SYS/session', qos: 0 };
/** Most filters of one session, and longest filter of one, in characters. */
const FILTERS = 1_000;
const FILTER_LENGTH = 1_024;

/** A packet that Aedes' persistence is handed, as far as it matters here. */
interface Identified {
  readonly cmd: string;
  readonly messageId: number;
}

export interface KeeperOptions {
  readonly sessions: StoredSessions;
  readonly router: Router;
  readonly log: Log;
  /** Ms of a clock that only goes forward: sessions do not outlive the hub. */
  readonly now: () => number;
}

/**
 * Has Aedes' clients use stored sessions. It stands in for those parts of Aedes' persistence that keep sessions: they
 * keep filters that were refused, let new messages overtake those that waited, and end a link where a message comes
 * both ways.
 */
export class SessionKeeper {
  readonly #options: KeeperOptions;
  readonly #aedes: Aedes;
  readonly #kept = new WeakMap<Client, { session: StoredSession; connection: Connection }>();
  /** What is remembered of clients without a session, as long as they are there. */
  readonly #received = new WeakMap<Client, ReceivedIds>();

  constructor(aedes: Aedes, options: KeeperOptions) {
    this.#aedes = aedes;
    this.#options = options;
    // Not in Aedes' own types.
    Object.assign((aedes as unknown as { persistence: object }).persistence, this.#persistence());
    const authorize = aedes.authorizeSubscribe;
    aedes.authorizeSubscribe = (client, subscription, done) => {
      if (subscription === PRESENT || this.#hasTooMany(client, subscription.topic)) done(null, null);
      else authorize.call(aedes, client, subscription, done);
    };
  }

  /**
   * Gives a client its session, before its CONNACK. Subscriptions that are no longer allowed go.
   * @returns whether there is one; there may be too many
   */
  admit(client: Client, owner: Owner, { maySubscribe }: Pick<Rights, 'maySubscribe'>): boolean {
    const { sessions, router, log, now } = this.#options;
    const session = sessions.open(client.id, owner, now());
    if (!session) return false;
    for (const filter of session.filters.keys()) {
      if (maySubscribe(filter)) continue;
      session.unsubscribe(filter);
      log.warnLimited(
        `subscribe:${owner.name}`,
        `${owner.name} may no longer subscribe to ${quoted(filter)}`,
      );
    }
    const connection = this.#connectionOf(client);
    this.#kept.set(client, { session, connection });
    router.redirect(client, session);
    // What Aedes itself sends to a client, which is what is retained.
    const deliverQoS = (packet: Incoming, done: () => void): void => session.pushRetained(packet, done);
    Object.assign(client, { deliverQoS });
    finished(client.conn, () => session.leave(connection, now()));
    return true;
  }

  #connectionOf(client: Client): Connection {
    return {
      get open() {
        return !client.closed && !client.conn.destroyed;
      },
      mayReceive: (message) => Boolean(this.#aedes.authorizeForward(client, message as AedesPublishPacket)),
      write: (packet) => void mqtt.writeToStream(packet, client.conn),
    };
  }

  /** The CONNACK is written: now comes what is stored. */
  #resume(client: Client): void {
    const kept = this.#kept.get(client);
    // One that was taken over before it was there.
    if (!kept || client.closed) return;
    if (this.#options.sessions.find(client.id) === kept.session) kept.session.resume(kept.connection);
    // Its session has just ended: it was told of one, and has to learn that there is none.
    else client.close();
  }

  #answered(client: Client, answer: Answer, id: number): void {
    const kept = this.#kept.get(client);
    kept?.session.answered(kept.connection, answer, id);
  }

  #receivedFrom(client: Client): ReceivedIds {
    const kept = this.#kept.get(client)?.session.received ?? this.#received.get(client);
    if (kept) return kept;
    const received = new ReceivedIds();
    this.#received.set(client, received);
    return received;
  }

  #hasTooMany(client: Client, filter: string): boolean {
    const filters = this.#kept.get(client)?.session.filters;
    if (!filters || filters.has(filter)) return false;
    if (filters.size < FILTERS && filter.length <= FILTER_LENGTH) return false;
    this.#options.log.warnLimited(
      `subscribe:${client.id}`,
      `refused a subscription of ${quoted(client.id)}: a stored session has at most ${FILTERS}, ` +
        `of at most ${FILTER_LENGTH} characters`,
    );
    return true;
  }

  /** The methods of Aedes' persistence that keep sessions. */
  #persistence() {
    const { sessions } = this.#options;
    return {
      // The router has handed them to the session; Aedes would store refused ones with them.
      addSubscriptions: () => atOnce(undefined),
      removeSubscriptions: (client: Client, filters: readonly string[]) => {
        for (const filter of filters) this.#kept.get(client)?.session.unsubscribe(filter);
        return atOnce(undefined);
      },
      subscriptionsByClient: ({ id }: Pick<Client, 'id'>) =>
        atOnce(sessions.find(id)?.known ? [PRESENT] : []),
      cleanSubscriptions: ({ id }: Client) => atOnce(sessions.discard(id)),
      // Sessions are subscribed by themselves.
      subscriptionsByTopic: () => atOnce([]),
      outgoingEnqueue: () => atOnce(undefined),
      outgoingEnqueueCombi: () => atOnce(undefined),
      outgoingUpdate: (client: Client, { cmd, messageId }: Identified) =>
        atOnce(cmd === 'pubrel' ? this.#answered(client, 'pubrec', messageId) : undefined),
      // Later: with this packet Aedes is done, and would read the next one amid the parsing of this one.
      outgoingClearMessageId: async (client: Client, { cmd, messageId }: Identified) =>
        this.#answered(client, cmd as Answer, messageId),
      outgoingStream: (client: Client) => {
        this.#resume(client);
        return Readable.from([]);
      },
      incomingStorePacket: (client: Client, { messageId }: Identified) =>
        atOnce(this.#receivedFrom(client).add(messageId)),
      incomingGetPacket: (client: Client, packet: Identified) =>
        this.#receivedFrom(client).has(packet.messageId)
          ? atOnce(packet)
          : failsAtOnce(new Error('no such packet')),
      incomingDelPacket: (client: Client, { messageId }: Identified) =>
        atOnce(this.#receivedFrom(client).release(messageId)),
      cleanIncoming: (client: Client) => atOnce(this.#received.delete(client)),
    };
  }
}
