import type { AedesPublishPacket, Client } from 'aedes';
import { TopicTrie } from './topic-trie.ts';

type Done = (error?: Error) => void;
type Listener = (packet: AedesPublishPacket, done: Done) => void;

interface Subscriber {
  readonly client: Client;
  readonly qos: number;
}

const ignore = (): void => undefined;

/**
 * Aedes' message queue (`mq`). It calls every subscriber of a topic at once and waits for none, so that a client
 * that reads slowly holds up nobody else, and delivers a message once to each client, at the highest quality of
 * service that any of its matching subscriptions was granted [MQTT-3.3.5-1].
 */
export class Router {
  readonly #listeners = new TopicTrie<Listener>();
  readonly #subscribers = new WeakMap<Listener, Subscriber>();
  #closed = false;

  /**
   * Lets the router know whose listeners are whose. Aedes pairs a client with a listener in one place only, where
   * it sets `client.subscriptions[filter]`, right before it passes the listener to `on`.
   */
  watch(client: Client): void {
    const watched = client as unknown as { subscriptions: object; duplicates: object };
    watched.subscriptions = new Proxy(watched.subscriptions, {
      set: (subscriptions, filter, subscription: { func: Listener; qos: number }) => {
        this.#subscribers.set(subscription.func, { client, qos: subscription.qos });
        return Reflect.set(subscriptions, filter, subscription);
      },
    });
    // Aedes drops what looks older than the last message it delivered, which loses messages as soon as several
    // qualities of service mix. The router delivers once by itself, so this record stays empty.
    watched.duplicates = new Proxy(Object.create(null) as object, { set: () => true });
  }

  on(filter: string, listener: Listener, done?: Done): this {
    this.#listeners.add(filter, listener);
    if (done) setImmediate(done);
    return this;
  }

  removeListener(filter: string, listener: Listener, done?: Done): this {
    this.#listeners.remove(filter, listener);
    // At once: a SUBSCRIBE right behind the UNSUBSCRIBE must not find the old subscription still there.
    done?.();
    return this;
  }

  emit(packet: AedesPublishPacket, done: Done = ignore): this {
    if (this.#closed) {
      done(new Error('the hub is shutting down'));
      return this;
    }
    const best = new Map<Client, { listener: Listener; qos: number }>();
    this.#listeners.match(packet.topic, (listener) => {
      const subscriber = this.#subscribers.get(listener);
      if (!subscriber) {
        listener(packet, ignore);
        return;
      }
      const { client, qos } = subscriber;
      const known = best.get(client);
      if (!known || qos > known.qos) best.set(client, { listener, qos });
    });
    for (const { listener, qos } of best.values()) {
      listener(qos < packet.qos ? { ...packet, qos: qos as 0 | 1 } : packet, ignore);
    }
    // Not within this call: Aedes reads its next packet in `done`, and would do so ever deeper in the stack.
    queueMicrotask(done);
    return this;
  }

  close(done: Done = ignore): void {
    this.#closed = true;
    setImmediate(done);
  }
}
