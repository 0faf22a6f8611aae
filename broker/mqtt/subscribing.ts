import { FEED_CHANNELS, feedTopic, type FeedChannel } from '#firmware-protocol';
import { principalName, type Principal } from '../auth/principal.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Log } from '../log/log.ts';
import { quoted } from '../log/quoted.ts';
import { maySubscribe } from '../permission/topics.ts';
import type { Connection } from './connections.ts';
import { Message, type Qos } from './message.ts';
import {
  packetId,
  requestedBy,
  subackPacket,
  unsubackPacket,
  unwantedBy,
  type Requested,
} from './packets.ts';
import type { Retaining } from './retaining.ts';
import type { Router } from './router.ts';
import type { Owed, Session } from './session/session.ts';

/** The return code of a subscription that is refused (MQTT 3.1.1 §3.9.3). */
const REFUSED = 0x80;
/** Most SUBSCRIBEs of one client that wait for their retained messages. */
const OWING = 100;

/** Payloads that tell one console all there is to know, in order, made as they are asked for. */
export type Snapshot = (channel: FeedChannel, now: number) => Iterable<Uint8Array>;

export interface SubscribingOptions {
  readonly retained: Pick<Retaining, 'match'>;
  readonly subscriptionsPerSession: number;
  /** With how many in all people and services get no more. */
  readonly subscriptions: number;
  /** Knows how many there are. */
  readonly router: Pick<Router, 'size'>;
  readonly fleet: Pick<Fleet, 'listening'>;
  readonly snapshot: Snapshot;
  readonly log: Log;
  /** The hub's time, Unix ms. */
  readonly now: () => number;
}

/** What clients subscribe to, and what they are sent at once for it. */
export class Subscribing {
  readonly #to: SubscribingOptions;

  constructor(options: SubscribingOptions) {
    this.#to = options;
  }

  /** Takes a SUBSCRIBE: its answer goes first, then what is retained. */
  subscribe(connection: Connection, packet: Buffer): void {
    const { session, principal } = connection;
    if (!session || !principal) return;
    if (session.owing >= OWING) {
      connection.link.end('too-many', 'it subscribes faster than it reads what is retained');
      return;
    }
    const requested = requestedBy(packet);
    const codes = requested.map(({ filter, qos }) => {
      if (!this.#grants(session, principal, filter)) return REFUSED;
      session.subscribe(filter, qos);
      return qos;
    });
    const granted = requested.filter((_each, at) => codes[at] !== REFUSED);
    answer(connection, session, subackPacket(packetId(packet), codes));
    if (granted.length === 0) return;
    session.owe(this.#retainedFor(granted));
    this.#begin(session, principal, granted);
  }

  /** Takes an UNSUBSCRIBE, which is answered whether there was anything to end or not [MQTT-3.10.4-5]. */
  unsubscribe(connection: Connection, packet: Buffer): void {
    const { session } = connection;
    if (!session) return;
    for (const filter of unwantedBy(packet)) session.unsubscribe(filter);
    answer(connection, session, unsubackPacket(packetId(packet)));
  }

  #grants({ filters }: Session, principal: Principal, filter: string): boolean {
    const who = principalName(principal);
    const { log, router, subscriptions, subscriptionsPerSession } = this.#to;
    if (!maySubscribe(principal, filter)) {
      log.warnLimited(`subscribe:${who}`, `${who} may not subscribe to ${quoted(filter)}`);
      return false;
    }
    if (filters.has(filter)) return true;
    const isFull = router.size >= subscriptions && principal.kind !== 'device';
    if (filters.size < subscriptionsPerSession && !isFull) return true;
    const full = isFull ? `the hub has ${subscriptions}` : `its session has ${subscriptionsPerSession}`;
    log.warnLimited(`subscribe:${who}`, `refused a subscription of ${who}: ${full}, and may have no more`);
    return false;
  }

  /** What is retained for each filter of a SUBSCRIBE. */
  #retainedFor(granted: readonly Requested[]): Iterable<Owed | undefined> {
    return oneAfterTheOther(
      granted.map(({ filter, qos }) => ({ granted: qos, messages: this.#to.retained.match(filter) })),
    );
  }

  /** Tells whoever has subscribed to a feed all that there is to know. */
  #begin(session: Session, principal: Principal, granted: readonly Requested[]): void {
    if (principal.kind === 'device') {
      this.#to.fleet.listening(principal.id, this.#to.now());
      return;
    }
    for (const channel of FEED_CHANNELS) {
      const topic = feedTopic(principal.tenant, channel);
      if (!granted.some(({ filter }) => filter === topic)) continue;
      session.owe(this.#whole(channel, topic));
    }
  }

  /** As it is when the first of it is sent: what changed before would otherwise be told before it. */
  *#whole(channel: FeedChannel, topic: string): Iterable<Owed> {
    for (const payload of this.#to.snapshot(channel, this.#to.now())) {
      yield { message: new Message({ topic, payload, qos: 0, retain: false }), granted: 0 };
    }
  }
}

function* oneAfterTheOther(
  found: readonly { readonly granted: Qos; readonly messages: Iterable<Message | undefined> }[],
): Iterable<Owed | undefined> {
  for (const { granted, messages } of found) {
    for (const message of messages) yield message && { message, granted };
    // A filter for which there is nothing is a step as well.
    yield undefined;
  }
}

/**
 * Answers at once, or when what is answered is on the disk, as far as the session is kept there. What it asked for may
 * come before (MQTT 3.1.1 §3.8.4).
 */
function answer(connection: Connection, session: Session, packet: Buffer): void {
  const stored = session.stored();
  if (!stored) connection.send(packet);
  else connection.assured(stored).then(() => connection.send(packet), ignore);
}

/** The link has ended, and the log says why. */
const ignore = (): void => undefined;
