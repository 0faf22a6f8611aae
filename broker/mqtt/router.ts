import { Drops } from './drops.ts';
import type { Message, Qos } from './message.ts';
import { TopicTrie } from './topic-trie.ts';

/** Whoever has subscriptions. */
export interface Subscriber {
  /**
   * Takes a message that matches.
   * @param granted the highest quality of service of the subscriptions that match
   */
  deliver(message: Message, granted: Qos): void;
}

/** A subscription in the router. It is one as long as it is this very object. */
export interface Subscription {
  readonly subscriber: Subscriber;
  readonly qos: Qos;
}

/**
 * Knows who is subscribed to what. It hands a message to each subscriber once, at the highest quality of service that
 * any of its matching subscriptions was granted [MQTT-3.3.5-1], and waits for none: whoever reads slowly holds up nobody.
 */
export class Router {
  /** What matched and was not delivered, as its subscribers count it. */
  readonly drops = new Drops();
  readonly #subscriptions = new TopicTrie<Subscription>();
  #size = 0;

  /** How many subscriptions there are. */
  get size(): number {
    return this.#size;
  }

  subscribe(filter: string, subscription: Subscription): void {
    this.#subscriptions.add(filter, subscription);
    this.#size += 1;
  }

  unsubscribe(filter: string, subscription: Subscription): void {
    this.#subscriptions.remove(filter, subscription);
    this.#size -= 1;
  }

  publish(message: Message): void {
    let first: Subscription | undefined;
    let all: Map<Subscriber, Qos> | undefined;
    this.#subscriptions.match(message.topic, (subscription) => {
      if (!first) {
        first = subscription;
        return;
      }
      all ??= new Map([[first.subscriber, first.qos]]);
      const { subscriber, qos } = subscription;
      const known = all.get(subscriber);
      if (known === undefined || qos > known) all.set(subscriber, qos);
    });
    if (all) for (const [subscriber, qos] of all) subscriber.deliver(message, qos);
    else if (first) (first as Subscription).subscriber.deliver(message, (first as Subscription).qos);
  }
}
