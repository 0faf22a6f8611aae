import type { AedesPublishPacket, Client } from 'aedes';
import { describe, expect, test } from 'vitest';
import { Router } from '#broker/mqtt/router.ts';

type Listener = (packet: AedesPublishPacket, done: () => void) => void;

const publish = (topic: string, qos: 0 | 1 | 2 = 0): AedesPublishPacket =>
  ({
    cmd: 'publish',
    topic,
    qos,
    payload: Buffer.from('x'),
    retain: false,
    dup: false,
  }) as AedesPublishPacket;

const emitted = (router: Router, packet: AedesPublishPacket): Promise<Error | undefined> =>
  new Promise((resolve) => router.emit(packet, resolve));

/** A client that subscribes as Aedes does: it notes the subscription, then hands its listener to the router. */
class SubscribingClient {
  readonly received: { topic: string; qos: number; filter: string }[] = [];
  readonly #router: Router;
  readonly subscriptions: Record<string, { func: Listener; qos: number }> = {};
  readonly duplicates: Record<string, unknown> = {};

  constructor(router: Router) {
    this.#router = router;
    router.watch(this as unknown as Client);
  }

  subscribe(filter: string, qos: number): void {
    const func: Listener = ({ topic, qos }) => this.received.push({ topic, qos, filter });
    this.subscriptions[filter] = { func, qos };
    this.#router.on(filter, func);
  }

  unsubscribe(filter: string): void {
    const func = this.subscriptions[filter]?.func;
    if (func) this.#router.removeListener(filter, func);
    delete this.subscriptions[filter];
  }
}

describe('a client', () => {
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
      const client = new SubscribingClient(router);
      for (const [filter, qos] of filters) client.subscribe(filter, qos);
      router.emit(publish('a/b', 2));
      expect(client.received).toEqual([{ topic: 'a/b', qos: 2, filter: 'a/b' }]);
    },
  );

  test.each([
    [0, 0, 0],
    [0, 1, 0],
    [1, 0, 0],
    [1, 1, 1],
    [2, 1, 1],
    [2, 2, 2],
    [1, 2, 1],
  ] as const)('gets a QoS %i message on a QoS %i subscription at QoS %i', (published, granted, delivered) => {
    const router = new Router();
    const client = new SubscribingClient(router);
    client.subscribe('a', granted);
    const packet = publish('a', published);
    router.emit(packet);
    expect(client.received).toEqual([{ topic: 'a', qos: delivered, filter: 'a' }]);
    expect(packet.qos).toBe(published);
  });

  test('that overlaps does not change what another gets', () => {
    const router = new Router();
    const [one, other] = [new SubscribingClient(router), new SubscribingClient(router)];
    one.subscribe('a', 0);
    one.subscribe('#', 1);
    other.subscribe('a', 0);
    router.emit(publish('a', 1));
    expect(one.received).toMatchObject([{ qos: 1 }]);
    expect(other.received).toMatchObject([{ qos: 0 }]);
  });

  test('gets by what remains when it unsubscribes', () => {
    const router = new Router();
    const client = new SubscribingClient(router);
    client.subscribe('a', 1);
    client.subscribe('#', 0);
    client.unsubscribe('a');
    router.emit(publish('a', 1));
    client.unsubscribe('#');
    router.emit(publish('a', 1));
    expect(client.received).toEqual([{ topic: 'a', qos: 0, filter: '#' }]);
  });

  test('that subscribes again with another QoS gets by the latest', () => {
    const router = new Router();
    const client = new SubscribingClient(router);
    client.subscribe('a', 1);
    client.unsubscribe('a');
    client.subscribe('a', 0);
    router.emit(publish('a', 1));
    expect(client.received).toMatchObject([{ qos: 0 }]);
  });

  test('keeps its subscriptions readable, and its record of duplicates empty', () => {
    const client = new SubscribingClient(new Router());
    client.subscribe('a', 1);
    client.duplicates['x'] = 5;
    expect(client.subscriptions['a']?.func).toBeInstanceOf(Function);
    expect(client.duplicates['x']).toBeUndefined();
  });
});

describe('somebody who subscribes in place of a client', () => {
  test('is told of its filters, of which Aedes then knows nothing, and delivers by itself', () => {
    const router = new Router();
    const client = new SubscribingClient(router);
    const told: [string, number][] = [];
    router.redirect(client as unknown as Client, { subscribe: (filter, qos) => told.push([filter, qos]) });
    client.subscribe('a', 1);
    client.subscribe('a', 2);
    router.emit(publish('a', 2));
    expect(told).toEqual([
      ['a', 1],
      ['a', 2],
    ]);
    expect([client.received, Object.keys(client.subscriptions)]).toEqual([[], []]);
  });

  test('gets a message once, at the highest granted QoS, until it is removed', () => {
    const router = new Router();
    const whose = {};
    const received: [string, number][] = [];
    const listenTo = (filter: string, qos: number): Listener => {
      const listener: Listener = (packet) => received.push([filter, packet.qos]);
      router.subscribe(filter, listener, { whose, qos });
      return listener;
    };
    listenTo('a', 0);
    const wildcard = listenTo('+', 1);
    router.emit(publish('a', 2));
    router.removeListener('+', wildcard);
    router.emit(publish('a', 2));
    expect(received).toEqual([
      ['+', 1],
      ['a', 0],
    ]);
  });
});

test('it is known what was granted to whom', () => {
  const router = new Router();
  const [one, other] = [{}, {}];
  for (const [filter, whose, qos] of [
    ['a/#', one, 1],
    ['a/b', one, 0],
    ['a/+', other, 2],
  ] as const) {
    router.subscribe(filter, () => undefined, { whose, qos });
  }
  expect([router.granted(one, 'a/b'), router.granted(one, 'b'), router.granted(other, 'a/b')]).toEqual([
    1, 0, 2,
  ]);
});

test('listeners without a client are all called, with the packet as it is', () => {
  const router = new Router();
  const seen: [string, AedesPublishPacket][] = [];
  for (const filter of ['a/b', 'a/+', '#', 'c']) {
    router.on(filter, (packet) => seen.push([filter, packet]));
  }
  const packet = publish('a/b', 1);
  router.emit(packet);
  expect(seen.map(([filter]) => filter).sort()).toEqual(['#', 'a/+', 'a/b']);
  for (const [, received] of seen) expect(received).toBe(packet);
});

test('a listener that never calls back holds up nobody', async () => {
  const router = new Router();
  const seen: string[] = [];
  router.on('#', () => undefined);
  router.on('#', ({ topic }) => seen.push(topic));
  await emitted(router, publish('a'));
  await emitted(router, publish('b'));
  expect(seen).toEqual(['a', 'b']);
});

describe('done', () => {
  test('is called once, after `emit` has returned, with or without subscribers', async () => {
    const router = new Router();
    router.on('a', () => undefined);
    for (const topic of ['a', 'nobody']) {
      let calls = 0;
      router.emit(publish(topic), () => (calls += 1));
      expect(calls).toBe(0);
      await emitted(router, publish(topic));
      expect(calls).toBe(1);
    }
  });

  test('may emit the next message 100,000 times over without the stack growing', async () => {
    const router = new Router();
    let received = 0;
    router.on('a', () => (received += 1));
    await new Promise<void>((resolve) => {
      let left = 100_000;
      const next = (): void => {
        if (left-- > 0) router.emit(publish('a'), next);
        else resolve();
      };
      next();
    });
    expect(received).toBe(100_000);
  });

  test('of `on` is called later; of `removeListener` at once, so that a new subscription finds none', async () => {
    const router = new Router();
    const listener: Listener = () => undefined;
    let within = true;
    const later = (act: (done: () => void) => unknown): Promise<boolean> =>
      new Promise((resolve) => {
        within = true;
        act(() => resolve(within));
        within = false;
      });
    expect(await later((done) => router.on('a', listener, done))).toBe(false);
    expect(await later((done) => router.removeListener('a', listener, done))).toBe(true);
  });
});

test('a router that is closed delivers nothing, and says so', async () => {
  const router = new Router();
  let received = 0;
  router.on('#', () => (received += 1));
  await new Promise<void>((resolve) => router.close(() => resolve()));
  expect((await emitted(router, publish('a')))?.message).toBe('the hub is shutting down');
  expect(received).toBe(0);
});
