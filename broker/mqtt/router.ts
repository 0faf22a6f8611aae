import type { AedesPublishPacket, Client } from 'aedes';
import { TopicTrie } from './topic-trie.ts';

type Done = (error?: Error) => void;
type Listener = (packet: AedesPublishPacket, done: Done) => void;

interface Subscription {
  /** The client, or the stored session, that a listener belongs to. */
  readonly whose: object;
  readonly qos: number;
}

/** Whatever takes the subscriptions of a client in its place. */
export interface Subscriber {
  subscribe(filter: string, qos: number): void;
}

/** What of Aedes' clients is not in its types. */
interface Watched {
  subscriptions: object;
  duplicates: object;
  deliverQoS: Listener;
}

/**
 * Stands for a granted quality of service where Aedes would look for it. It lowers each message to that of the filter
 * that is the topic's very name, whatever other filters were granted.
 */
const DECIDED = 3;

const ignore = (): void => undefined;

/**
 * Aedes' message queue (`mq`). It calls every subscriber of a topic at once and waits for none, so that a client
 * that reads slowly holds up nobody else, and delivers a message once to each client, at the highest quality of
 * service that any of its matching subscriptions was granted [MQTT-3.3.5-1].
 */
export class Router {
  readonly #listeners = new TopicTrie<Listener>();
  readonly #subscriptions = new WeakMap<Listener, Subscription>();
  readonly #instead = new WeakMap<Client, Subscriber>();
  /** Listeners of Aedes whose subscriptions somebody else took. */
  readonly #idle = new WeakSet<Listener>();
  #closed = false;

  /**
   * Lets the router know whose listeners are whose. Aedes pairs a client with a listener in one place only, where
   * it sets `client.subscriptions[filter]`, right before it passes the listener to `on`.
   */
  watch(client: Client): void {
    const watched = client as unknown as Watched;
    watched.subscriptions = new Proxy(watched.subscriptions, {
      set: (subscriptions, filter: string, subscription: { func: Listener; qos: number }) => {
        const { func, qos } = subscription;
        const instead = this.#instead.get(client);
        if (!instead) {
          this.#subscriptions.set(func, { whose: client, qos });
          return Reflect.set(subscriptions, filter, { ...subscription, qos: DECIDED });
        }
        this.#idle.add(func);
        instead.subscribe(filter, qos);
        return true;
      },
    });
    // Aedes drops what looks older than the last message it delivered, which loses messages as soon as several
    // qualities of service mix. The router delivers once by itself, so this record stays empty.
    watched.duplicates = new Proxy(Object.create(null) as object, { set: () => true });
    const { deliverQoS } = watched;
    // What is retained comes past the router, as it was published [MQTT-3.8.4-6].
    watched.deliverQoS = (packet, done) => {
      const qos = packet.retain ? Math.min(packet.qos, this.granted(client, packet.topic)) : packet.qos;
      deliverQoS(qos === packet.qos ? packet : { ...packet, qos: qos as 0 | 1 }, done);
    };
  }

  /** Has what a watched client subscribes to go to somebody else, who delivers to it. Aedes then knows of nothing. */
  redirect(client: Client, instead: Subscriber): void {
    this.#instead.set(client, instead);
  }

  /** Calls a listener for whatever matches, until it is removed. */
  subscribe(filter: string, listener: Listener, subscription: Subscription): void {
    this.#subscriptions.set(listener, subscription);
    this.#listeners.add(filter, listener);
  }

  /** The highest quality of service that somebody was granted for a topic. */
  granted(whose: object, topic: string): number {
    let granted = 0;
    this.#listeners.match(topic, (listener) => {
      const subscription = this.#subscriptions.get(listener);
      if (subscription?.whose === whose) granted = Math.max(granted, subscription.qos);
    });
    return granted;
  }

  on(filter: string, listener: Listener, done?: Done): this {
    if (!this.#idle.has(listener)) this.#listeners.add(filter, listener);
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
    const best = new Map<object, { listener: Listener; qos: number }>();
    this.#listeners.match(packet.topic, (listener) => {
      const subscription = this.#subscriptions.get(listener);
      if (!subscription) {
        listener(packet, ignore);
        return;
      }
      const { whose, qos } = subscription;
      const known = best.get(whose);
      if (!known || qos > known.qos) best.set(whose, { listener, qos });
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
