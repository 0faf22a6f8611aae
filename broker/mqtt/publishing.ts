import type { Client, PublishPacket } from 'aedes';
import { desc, ProtocolError, type UpChannel } from '#firmware-protocol';
import type { Denied } from '../auth/authenticate.ts';
import { networkOf } from '../auth/network.ts';
import { principalName, usernameOf, type Principal } from '../auth/principal.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Log } from '../log/log.ts';
import { quoted } from '../log/quoted.ts';
import { publication, type Publication } from '../permission/topics.ts';
import type { AccessChanges } from './connecting.ts';
import type { Connection, Connections, Verdict } from './connections.ts';
import type { Drops } from './drops.ts';
import { Message } from './message.ts';
import { ownerOf } from './owners.ts';
import type { Owner } from './session/kept-session.ts';
import type { Session } from './session/session.ts';

/** Channels of a device that the broker retains; a retain flag on any other is ignored. */
export const RETAINED: ReadonlySet<UpChannel> = new Set(['status', 'desc', 'state']);

export interface PublishingOptions {
  readonly connections: Connections;
  /**
   * Takes a message to whoever is to have it.
   * @param owner whose it is, where that is a service
   */
  deliver(message: Message, owner?: Owner): void;
  /** Resolves when what was delivered to sessions that are kept is on the disk; rejects where the store fails. */
  stored(): Promise<void>;
  readonly drops: Pick<Drops, 'count'>;
  /** How many messages of QoS 2 may be on their way from one client at once. */
  readonly incomingInflight: number;
  readonly access: AccessChanges;
  /** Who shows these credentials. */
  whois(credentials: { readonly username: string; readonly password: string }): Promise<Principal | Denied>;
  readonly fleet: Pick<Fleet, 'received' | 'requested'>;
  readonly log: Log;
  /** The hub's time, Unix ms. */
  readonly now: () => number;
}

/** What clients publish, and their wills: held to what they may, and handed to the fleet. */
export class Publishing {
  readonly #to: PublishingOptions;

  constructor(options: PublishingOptions) {
    this.#to = options;
  }

  /**
   * Takes a publication, or says why its link must end. It has its effect here, before Aedes acknowledges it; one that
   * cannot be used is acknowledged all the same [MQTT-3.3.5-2], and has none.
   */
  take(client: Client | null, packet: PublishPacket): Verdict | Promise<Verdict> {
    const connection = client ? this.#to.connections.of(client) : undefined;
    if (!connection?.principal) return new Error('nobody in particular may publish');
    const verdict = this.#judge(connection, connection.principal, packet);
    // At QoS 0, and where it is a will, nobody waits for an acknowledgement.
    return packet.messageId === undefined ? verdict : connection.inOrder(verdict);
  }

  #judge(connection: Connection, principal: Principal, packet: PublishPacket): Verdict | Promise<Verdict> {
    const published = publication(principal, packet.topic);
    if (!published) {
      const reason = `${principalName(principal)} may not publish to ${quoted(packet.topic)}`;
      return this.#violation(connection, reason);
    }
    if (connection.voice !== 'full' && !isLastWord(connection, published)) {
      return new Error('it may not be here any longer');
    }
    const { session } = connection;
    if (isRepeated(session, packet)) return this.#acknowledge(connection, packet);
    const excess = this.#excess(session, packet);
    if (excess !== undefined) {
      connection.link.explain('too-many', excess);
      return new Error(excess);
    }
    if (published.kind === 'renewal') return this.#renew(connection, principal, packet);
    return this.#publish(connection, principal, published, packet);
  }

  #publish(
    connection: Connection,
    principal: Principal,
    published: Publication,
    packet: PublishPacket,
  ): Verdict | Promise<Verdict> {
    const payload = packet.payload as Buffer;
    try {
      const pretence = pretenceOf(principal, published, payload);
      if (pretence !== undefined) return this.#violation(connection, pretence);
      if (!this.#hand(published, payload, connection, principal))
        return this.#acknowledge(connection, packet);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      this.#refuse(packet, principal, error);
      return this.#acknowledge(connection, packet);
    }
    const { topic, qos } = packet;
    const message = new Message({ topic, payload, qos, retain: packet.retain && mayRetain(published) });
    this.#to.deliver(message, principal.kind === 'service' ? ownerOf(principal) : undefined);
    return this.#acknowledge(connection, packet, message);
  }

  /**
   * What is acknowledged is on the disk before, as far as it went to a session that is kept, or came from one. Its
   * identifier at QoS 2 is known from here on, not before: what failed has to come again, and to have its effect.
   */
  #acknowledge(
    connection: Connection,
    { qos, messageId }: PublishPacket,
    message?: Message,
  ): null | Promise<Verdict> {
    if (messageId === undefined) return null;
    if (qos === 2) connection.session?.received.add(messageId);
    const isKept = message !== undefined && message.number > 0;
    const stored = isKept ? this.#to.stored() : qos === 2 ? connection.session?.stored() : undefined;
    if (!stored) return null;
    return connection.assured(stored).then(
      () => null,
      (error: Error) => error,
    );
  }

  /** Why a client may send no more at QoS 2 before it has released some of it, where that is so. */
  #excess(session: Session | undefined, { qos, messageId }: PublishPacket): string | undefined {
    const { incomingInflight } = this.#to;
    if (qos !== 2 || messageId === undefined || (session?.received.size ?? 0) < incomingInflight)
      return undefined;
    return `more than ${incomingInflight} messages of QoS 2 that it has not released`;
  }

  /**
   * Takes a token in place of the one that the link was made with, so that the link outlives it. The link ends where
   * it is not good: its client would go on without access.
   */
  async #renew(connection: Connection, principal: Principal, packet: PublishPacket): Promise<Verdict> {
    const password = packet.payload.toString();
    connection.asOf = this.#to.access.count;
    const renewed = await this.#to.whois({ username: usernameOf(principal), password });
    if (connection.closed) return null;
    if (renewed.kind === 'denied') {
      return this.#violation(
        connection,
        `a token of ${principalName(principal)} was refused: ${renewed.cause}`,
      );
    }
    this.#to.connections.admit(connection, renewed);
    const { access } = this.#to;
    if (access.count !== connection.asOf) access.lookAgain(renewed, connection.asOf);
    return this.#acknowledge(connection, packet);
  }

  /** Hands a payload to the fleet, if it is for it. Returns whether anybody else may have it. */
  #hand(published: Publication, payload: Buffer, { link }: Connection, principal: Principal): boolean {
    const now = this.#to.now();
    if (published.kind !== 'report' && published.kind !== 'request') return true;
    const { topic } = published;
    if (topic.direction === 'up') return this.#to.fleet.received(topic.device, topic.channel, payload, now);
    if (topic.direction === 'rq') {
      const by = { who: principalName(principal), address: link.remoteAddress };
      this.#to.fleet.requested(topic.device, topic.channel, payload, by, now);
    }
    return true;
  }

  #refuse(packet: PublishPacket, principal: Principal, error: ProtocolError): void {
    this.#to.drops.count('bad-payload');
    const { code, message, offset, clause } = error;
    const where = offset === undefined ? '' : ` at byte ${offset}`;
    const rule = clause === undefined ? '' : `; see clause ${clause} of firmware-protocol/SPEC.md`;
    this.#to.log.warnLimited(
      `payload:${principal.id}:${packet.topic}:${code}:${clause}`,
      `dropped a payload of ${packet.payload.length} bytes from ${principalName(principal)} on ${quoted(packet.topic)}: ` +
        `${message} (${code}${where})${rule}`,
    );
  }

  /** What MQTT itself does not allow, or what this client may not do, ends its link with the reason. */
  #violation(connection: Connection, reason: string): Error {
    this.#to.log.warnLimited(
      `violation:${networkOf(connection.link.remoteAddress)}`,
      `${reason}; its link was ended`,
    );
    connection.link.explain('not-allowed', reason);
    return new Error(reason);
  }
}

/** Whether a message of QoS 2 has come already and is not released yet [MQTT-4.3.3-2]. A will has no identifier. */
const isRepeated = (session: Session | undefined, { qos, messageId }: PublishPacket): boolean =>
  qos === 2 && messageId !== undefined && session?.received.has(messageId) === true;

/** That a device is gone is told by its will, also where it was sent away. */
const isLastWord = ({ voice }: Connection, published: Publication): boolean =>
  voice === 'will' && published.kind === 'report' && published.topic.channel === 'status';

/** That a device is of another model than the claim was for with which it registered itself, as a sentence. */
function pretenceOf(principal: Principal, published: Publication, payload: Uint8Array): string | undefined {
  if (principal.kind !== 'device' || principal.model === undefined) return undefined;
  if (published.kind !== 'report' || published.topic.channel !== 'desc') return undefined;
  const { model } = desc.decode(payload);
  if (model === principal.model) return undefined;
  return `${principal.id} describes itself as ${JSON.stringify(model)}, and was registered as ${JSON.stringify(principal.model)}`;
}

/** What may be retained: what tells of a device as it is, and what is none of the hub's business. */
const mayRetain = (published: Publication): boolean =>
  published.kind === 'free' ||
  (published.kind === 'report' &&
    published.topic.direction === 'up' &&
    RETAINED.has(published.topic.channel));
