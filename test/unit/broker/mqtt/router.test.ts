import { describe, expect, test } from 'vitest';
import { Message, type Qos } from '#broker/mqtt/message.ts';
import { Router, type Subscriber, type Subscription } from '#broker/mqtt/router.ts';

const message = (topic: string, qos: Qos = 0): Message =>
  new Message({ topic, payload: Buffer.from('x'), qos, retain: false });

/** Somebody with subscriptions, who notes what comes. */
class Listener implements Subscriber {
  readonly delivered: { topic: string; granted: Qos }[] = [];
  readonly #router: Router;
  readonly #subscriptions = new Map<string, Subscription>();

  constructor(router: Router) {
    this.#router = router;
  }

  subscribe(filter: string, qos: Qos): void {
    const subscription = { subscriber: this, qos };
    this.#subscriptions.set(filter, subscription);
    this.#router.subscribe(filter, subscription);
  }

  unsubscribe(filter: string): void {
    this.#router.unsubscribe(filter, this.#subscriptions.get(filter) as Subscription);
  }

  deliver({ topic }: Message, granted: Qos): void {
    this.delivered.push({ topic, granted });
  }
}

describe('a subscriber', () => {
  test.each([
    [
      'lowest first',
      [
        ['a/#', 0],
        ['a/+', 1],
        ['a/b', 2],
      ],
    ],
    [
      'highest first',
      [
        ['a/b', 2],
        ['a/+', 1],
        ['a/#', 0],
      ],
    ],
  ] as const)(
    'with overlapping filters gets a message once, at the highest granted QoS (%s)',
    (_name, filters) => {
      const router = new Router();
      const listener = new Listener(router);
      for (const [filter, qos] of filters) listener.subscribe(filter, qos);
      router.publish(message('a/b', 2));
      expect(listener.delivered).toEqual([{ topic: 'a/b', granted: 2 }]);
    },
  );

  test('that overlaps does not change what another gets', () => {
    const router = new Router();
    const [one, other] = [new Listener(router), new Listener(router)];
    one.subscribe('a', 0);
    one.subscribe('#', 1);
    other.subscribe('a', 0);
    router.publish(message('a', 1));
    expect(one.delivered).toMatchObject([{ granted: 1 }]);
    expect(other.delivered).toMatchObject([{ granted: 0 }]);
  });

  test('gets by what remains when it unsubscribes', () => {
    const router = new Router();
    const listener = new Listener(router);
    listener.subscribe('a', 1);
    listener.subscribe('#', 0);
    listener.unsubscribe('a');
    router.publish(message('a', 1));
    listener.unsubscribe('#');
    router.publish(message('a', 1));
    expect(listener.delivered).toEqual([{ topic: 'a', granted: 0 }]);
  });

  test('that unsubscribes while a message is delivered keeps nobody else from it', () => {
    const router = new Router();
    const listeners = Array.from({ length: 3 }, () => new Listener(router));
    for (const listener of listeners) listener.subscribe('a', 0);
    const [first] = listeners as [Listener];
    first.deliver = () => first.unsubscribe('a');
    router.publish(message('a'));
    expect(listeners.slice(1).map(({ delivered }) => delivered.length)).toEqual([1, 1]);
  });
});

test('a message that nobody wants goes nowhere', () => {
  const router = new Router();
  const listener = new Listener(router);
  listener.subscribe('a', 2);
  router.publish(message('b'));
  expect(listener.delivered).toEqual([]);
});
