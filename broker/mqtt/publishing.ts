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
import type { MqttSession, Sessions } from './sessions.ts';

/** Channels of a device that the broker retains; a retain flag on any other is ignored. */
export const RETAINED: ReadonlySet<UpChannel> = new Set(['status', 'desc', 'state']);
/** Where a packet goes that was acknowledged but must have no effect. Nobody may subscribe to it. */
const DISCARDED = '$SYS/discarded';

export interface PublishingOptions {
  readonly sessions: Sessions;
  readonly access: AccessChanges;
  /** Who shows these credentials. */
  whois(
    credentials: { readonly username: string; readonly password: string },
    packet: object,
  ): Promise<Principal | Denied>;
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

  /** Takes a publication, or says why its link must end. What has no effect is acknowledged all the same. */
  take(client: Client | null, packet: PublishPacket): Error | null | Promise<Error | null> {
    const session = client ? this.#to.sessions.of(client) : undefined;
    const principal = session?.principal;
    if (!session || !principal) return new Error('nobody in particular may publish');
    const published = publication(principal, packet.topic);
    if (!published) {
      const reason = `${principalName(principal)} may not publish to ${quoted(packet.topic)}`;
      return this.#violation(session, reason);
    }
    if (session.voice !== 'full' && !isLastWord(session, published)) {
      return new Error('it may not be here any longer');
    }
    if (published.kind === 'renewal') return this.#renew(session, principal, packet);
    packet.retain = packet.retain && mayRetain(published);
    try {
      const pretence = pretenceOf(principal, published, packet.payload as Buffer);
      if (pretence !== undefined) return this.#violation(session, pretence);
      if (!this.#hand(published, packet.payload as Buffer, session, principal)) discard(packet);
    } catch (error) {
      if (error instanceof ProtocolError) this.#refuse(packet, principal, error);
      else {
        this.#to.log.error(`a message on ${packet.topic} could not be taken`, error);
        return new Error('the hub could not take a message');
      }
    }
    return null;
  }

  /**
   * Takes a token in place of the one that the link was made with, so that the link outlives it. The link ends where
   * it is not good: its client would go on without access.
   */
  async #renew(session: MqttSession, principal: Principal, packet: PublishPacket): Promise<Error | null> {
    const password = packet.payload.toString();
    discard(packet);
    session.asOf = this.#to.access.count;
    const renewed = await this.#to.whois({ username: usernameOf(principal), password }, {});
    if (session.closed) return null;
    if (renewed.kind === 'denied') {
      return this.#violation(session, `a token of ${principalName(principal)} was refused: ${renewed.cause}`);
    }
    this.#to.sessions.admit(session, renewed);
    const { access } = this.#to;
    if (access.count !== session.asOf) access.lookAgain(renewed, session.asOf);
    return null;
  }

  /** Hands a payload to the fleet. Returns whether anybody else may have it. */
  #hand(published: Publication, payload: Buffer, { link }: MqttSession, principal: Principal): boolean {
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
    const { code, message, offset, clause } = error;
    const where = offset === undefined ? '' : ` at byte ${offset}`;
    const rule = clause === undefined ? '' : `; see clause ${clause} of firmware-protocol/SPEC.md`;
    this.#to.log.warnLimited(
      `payload:${principal.id}:${packet.topic}:${code}:${clause}`,
      `dropped a payload of ${packet.payload.length} bytes from ${principalName(principal)} on ${quoted(packet.topic)}: ` +
        `${message} (${code}${where})${rule}`,
    );
    discard(packet);
  }

  /** What MQTT itself does not allow, or what this client may not do, ends its link with the reason. */
  #violation(session: MqttSession, reason: string): Error {
    this.#to.log.warnLimited(
      `violation:${networkOf(session.link.remoteAddress)}`,
      `${reason}; its link was ended`,
    );
    session.link.explain('not-allowed', reason);
    return new Error(reason);
  }
}

/** That a device is gone is told by its will, also where it was sent away. */
const isLastWord = ({ voice }: MqttSession, published: Publication): boolean =>
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

/** A packet that cannot be used is acknowledged all the same [MQTT-3.3.5-2], and then has no effect. */
function discard(packet: PublishPacket): void {
  packet.topic = DISCARDED;
  packet.payload = Buffer.alloc(0);
  packet.retain = false;
}
