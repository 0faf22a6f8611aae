import fc from 'fast-check';
import { parser, type IPublishPacket, type Packet } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { Message } from '#broker/mqtt/message.ts';
import { limitsSchema } from '#broker/config/limits.ts';
import { Turns } from '#broker/links/rates/turns.ts';
import { Router } from '#broker/mqtt/router.ts';
import type { KeptSession } from '#broker/mqtt/session/kept-session.ts';
import { KeptSessions, type SessionLimits } from '#broker/mqtt/session/kept-sessions.ts';
import type { Receiver } from '#broker/mqtt/session/session.ts';
import type { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { TestLog } from '../../../../support/hub.ts';
import { HeldStore, turn } from './held-store.ts';
import { storedStates } from './stored-state.ts';

const LIMITS: SessionLimits = limitsSchema.parse({});
const OWNER = { name: '@service', createdAt: 1 };
const TOPIC = 'a';

/** The kept sessions of a hub, from its start until it is killed. */
class Life {
  readonly store: HeldStore;
  readonly router = new Router();
  readonly kept: KeptSessions;
  over = false;

  constructor(disk?: SqliteStore) {
    this.store = new HeldStore(disk);
    this.kept = new KeptSessions({
      limits: LIMITS,
      router: this.router,
      turns: new Turns(),
      store: this.store,
      log: new TestLog(),
      now: () => 1,
    });
  }

  /** Stores all that is to be stored. */
  async settle(): Promise<void> {
    for (await turn(); this.store.asked.length > 0; await turn()) await this.store.commit();
  }
}

/** One connection of a client, from which all that comes goes to it as long as it is open. */
class Connection implements Receiver {
  open = true;
  readonly congested = false;
  readonly #take: (packet: Packet) => void;

  constructor(take: (packet: Packet) => void) {
    this.#take = take;
  }

  mayReceive(): boolean {
    return true;
  }

  send(bytes: Uint8Array): void {
    if (!this.open) return;
    const reader = parser();
    reader.on('packet', this.#take);
    reader.parse(Buffer.from(bytes));
  }

  whenCalm(): void {
    throw new Error('it is never congested');
  }

  fallBehind(): void {
    throw new Error('its client has a session that is kept');
  }
}

/** A client that receives: it keeps what MQTT 3.1.1 §4.3 asks of it, through all of its connections. */
class Subscriber {
  readonly id: string;
  /** Numbers of messages, in the order of their first coming. */
  readonly arrived: number[] = [];
  /** Numbers of messages of QoS 2 that came, as often as they did. */
  readonly once: number[] = [];
  session: KeptSession | undefined;
  #connection: Connection | undefined;
  /** Identifiers of QoS 2 messages that it has and that were not released, and what came with them. */
  readonly #unreleased = new Map<number, number>();
  /** What it is yet to answer in this connection. */
  #owed: (readonly ['puback' | 'pubrec' | 'pubcomp', number])[] = [];
  /** Messages that the hub has promised to keep, by what was published. */
  readonly #sentWith = new Map<number, number>();
  readonly #promised: ReadonlySet<number>;

  /** @param promised numbers of messages whose publishers were told that they have arrived at the hub */
  constructor(id: string, promised: ReadonlySet<number>) {
    this.id = id;
    this.#promised = promised;
  }

  connect({ kept }: Life): void {
    this.disconnect();
    this.session = kept.open(this.id, OWNER) as KeptSession;
    this.#connection = new Connection((packet) => this.#take(packet));
    this.session.expect(this.#connection);
    this.session.resume(this.#connection);
  }

  disconnect(): void {
    const [session, connection] = [this.session, this.#connection];
    this.lose();
    if (connection) session?.leave(connection);
  }

  /** Its connection is gone, and whatever was at the other end of it. */
  lose(): void {
    if (this.#connection) this.#connection.open = false;
    this.#connection = undefined;
    this.session = undefined;
    this.#owed = [];
  }

  /** How many QoS 2 messages it has that were not released. */
  get unreleased(): number {
    return this.#unreleased.size;
  }

  /** Answers one of the packets that it has not answered. Returns false where there is none. */
  answer(which: number): boolean {
    const [owed] = this.#owed.splice(which % Math.max(1, this.#owed.length), 1);
    if (owed && this.#connection) this.session?.answered(this.#connection, ...owed);
    return owed !== undefined;
  }

  #take(packet: Packet): void {
    if (packet.cmd === 'publish') this.#takeMessage(packet);
    if (packet.cmd !== 'pubrel') return;
    this.#unreleased.delete(packet.messageId as number);
    this.#owed.push(['pubcomp', packet.messageId as number]);
  }

  #takeMessage({ payload, qos, dup, messageId }: IPublishPacket): void {
    const [number, id] = [Number(payload), messageId as number];
    const came = this.arrived.includes(number);
    // One that the hub has promised to keep comes again with the identifier that it had, and says so [MQTT-4.4.0-1].
    if (came && this.#promised.has(number)) expect([dup, id]).toEqual([true, this.#sentWith.get(number)]);
    if (!came) this.arrived.push(number);
    this.#sentWith.set(number, id);
    if (qos === 1) {
      this.#owed.push(['puback', id]);
      return;
    }
    // An identifier that is in use stands for the same message, or one of them would be taken for the other.
    expect(this.#unreleased.get(id) ?? number).toBe(number);
    if (!this.#unreleased.has(id)) this.once.push(number);
    this.#unreleased.set(id, number);
    this.#owed.push(['pubrec', id]);
  }
}

/** Two clients with kept sessions, and somebody who publishes to them, on a hub that is killed now and then. */
class World {
  life = new Life();
  published = 0;
  /** Numbers of messages that were acknowledged to whoever published them. */
  readonly promised = new Set<number>();
  readonly subscribers = [new Subscriber('one', this.promised), new Subscriber('two', this.promised)];

  async begin(): Promise<void> {
    for (const [at, subscriber] of this.subscribers.entries()) {
      subscriber.connect(this.life);
      subscriber.session?.subscribe(TOPIC, at === 0 ? 2 : 1);
    }
    await this.life.settle();
  }

  publish(qos: 1 | 2): void {
    const { life } = this;
    const number = this.published++;
    const message = new Message({ topic: TOPIC, payload: Buffer.from(`${number}`), qos, retain: false });
    life.router.publish(message);
    life.kept.stored().then(
      () => void (life.over || this.promised.add(number)),
      () => undefined,
    );
  }

  /** The hub is gone at once, with all that is not on the disk, and is started again. */
  async kill(): Promise<void> {
    this.life.over = true;
    for (const subscriber of this.subscribers) subscriber.lose();
    this.life = new Life(this.life.store.disk);
    await this.life.kept.load();
  }

  /** Everybody comes and answers all there is, until nothing is left. */
  async finish(): Promise<void> {
    for (const subscriber of this.subscribers) subscriber.connect(this.life);
    await this.life.settle();
    while (this.subscribers.map((subscriber) => subscriber.answer(0)).includes(true))
      await this.life.settle();
  }
}

const who = fc.nat({ max: 1 });
const event = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(1 as const, 2 as const)
      .map((qos) => async (world: World) => world.publish(qos)),
  },
  {
    weight: 6,
    arbitrary: fc.tuple(who, fc.nat({ max: 9 })).map(([at, which]) => async (world: World) => {
      world.subscribers[at]?.answer(which);
    }),
  },
  {
    weight: 2,
    arbitrary: who.map((at) => async (world: World) => world.subscribers[at]?.connect(world.life)),
  },
  { weight: 1, arbitrary: who.map((at) => async (world: World) => world.subscribers[at]?.disconnect()) },
  { weight: 6, arbitrary: fc.constant(() => turn()) },
  { weight: 6, arbitrary: fc.constant(({ life }: World) => life.store.commit()) },
  { weight: 1, arbitrary: fc.constant(({ life }: World) => life.store.commitUntold()) },
  { weight: 1, arbitrary: fc.constant((world: World) => world.kill()) },
);

test('whenever a hub is killed: what it acknowledged arrives, in order, at QoS 2 once, and nothing is left', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(event, { maxLength: 120, size: 'max' }), async (events) => {
      const world = new World();
      await world.begin();
      for (const happen of events) await happen(world);
      await world.kill();
      await world.finish();
      for (const { arrived, once, unreleased } of world.subscribers) {
        expect(arrived).toEqual(arrived.toSorted((a, b) => a - b));
        expect([...world.promised].filter((number) => !arrived.includes(number))).toEqual([]);
        expect([new Set(once).size, unreleased]).toEqual([once.length, 0]);
      }
      const left = await storedStates(world.life.store.disk);
      expect(left.flatMap(({ messages, released }) => [...messages, ...released])).toEqual([]);
      await world.life.store.disk.close();
    }),
    { numRuns: 150 },
  );
});
