import type { AedesPublishPacket, Client, Subscription } from 'aedes';
import { FEED_CHANNELS, feedTopic, type FeedChannel } from '#firmware-protocol';
import { principalName } from '../auth/principal.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Log } from '../log/log.ts';
import { quoted } from '../log/quoted.ts';
import { mayReceive, maySubscribe } from '../permission/topics.ts';
import type { Sessions } from './sessions.ts';

/** Payloads that tell one console all there is to know, in order. */
export type Snapshot = (channel: FeedChannel, now: number) => readonly Uint8Array[];

export interface SubscribingOptions {
  readonly sessions: Sessions;
  readonly fleet: Pick<Fleet, 'listening'>;
  readonly snapshot: Snapshot;
  readonly log: Log;
  /** The hub's time, Unix ms. */
  readonly now: () => number;
}

/** What clients subscribe to, and what reaches them. */
export class Subscribing {
  readonly #to: SubscribingOptions;

  constructor(options: SubscribingOptions) {
    this.#to = options;
  }

  /** The subscription where it is granted, else null. */
  authorize(client: Client, subscription: Subscription): Subscription | null {
    const session = this.#to.sessions.of(client);
    const principal = session?.principal ?? null;
    if (principal && maySubscribe(principal, subscription.topic)) return subscription;
    const who = principal ? principalName(principal) : 'nobody in particular';
    this.#to.log.warnLimited(`subscribe:${who}`, `${who} may not subscribe to ${quoted(subscription.topic)}`);
    return null;
  }

  /** Whether a message goes to a client now. */
  mayForward(client: Client, packet: AedesPublishPacket): boolean {
    const session = this.#to.sessions.of(client);
    if (!session?.principal || !mayReceive(session.principal, packet.topic)) return false;
    return packet.qos > 0 || session.owed || !session.link.congested;
  }

  /** Tells whoever has subscribed to a feed all that there is to know. */
  subscribed(subscriptions: Subscription[], client: Client): void {
    const session = this.#to.sessions.of(client);
    const principal = session?.principal;
    if (!session || !principal) return;
    const granted = subscriptions.filter(({ topic }) => maySubscribe(principal, topic));
    const now = this.#to.now();
    if (principal.kind === 'device') {
      if (granted.length > 0) this.#to.fleet.listening(principal.id, now);
      return;
    }
    for (const channel of FEED_CHANNELS) {
      const topic = feedTopic(principal.tenant, channel);
      if (!granted.some((subscription) => subscription.topic === topic)) continue;
      session.owed = true;
      for (const payload of this.#to.snapshot(channel, now)) {
        const packet = { topic, payload: Buffer.from(payload), qos: 0, dup: false, retain: false } as const;
        // A link that failed meanwhile has said so already.
        client.publish({ cmd: 'publish', ...packet }, () => undefined);
      }
      session.owed = false;
    }
  }
}
