import type { IPublishPacket, Packet } from 'mqtt-packet';
import { expect, test } from 'vitest';
import { pick, seededRandom } from '../../seeded-random.ts';
import { PacketClient } from './packet-client.ts';
import { SessionBroker } from './session-broker.ts';

/** What is subscribed to at QoS 0, 1 and 2, and where is published. */
const FILTERS = ['q0/#', 'q1/#', 'q2/#'] as const;
const TOPICS = FILTERS.flatMap((filter) => ['a', 'b'].map((name) => filter.replace('#', name)));
const grantedOn = (topic: string): number => Number(topic[1]);

const ROUNDS = 60;
const BURST = 25;

interface Published {
  readonly topic: string;
  readonly qos: 0 | 1 | 2;
  readonly retain: boolean;
}

/** A client's side of its session: what arrived of all connections, QoS 2 messages once [MQTT-4.3.3-2]. */
class Arrivals {
  readonly numbers: number[] = [];
  readonly #unreleased = new Set<number>();
  readonly #seen = new Set<number>();

  /** Takes what a connection brought. */
  add(packets: readonly Packet[]): void {
    for (const packet of packets) {
      if (packet.cmd === 'pubrel') this.#unreleased.delete(packet.messageId as number);
      else if (packet.cmd === 'publish') this.#message(packet);
    }
  }

  #message({ payload, qos, dup, messageId, retain }: IPublishPacket): void {
    const number = Number(payload);
    expect(retain).toBe(false);
    if (qos === 2 && this.#unreleased.has(messageId as number)) {
      expect(dup).toBe(true);
      return;
    }
    if (qos === 2) this.#unreleased.add(messageId as number);
    // Only QoS 1 may come twice, and says so.
    if (this.#seen.has(number)) expect({ number, qos, dup }).toEqual({ number, qos: 1, dup: true });
    else this.numbers.push(number);
    this.#seen.add(number);
  }
}

test.each([1, 2, 3, 4])(
  'of mixed QoS and retained messages none is lost, repeated or overtaken, however its client comes and goes (seed %i)',
  { timeout: 60_000 },
  async (seed) => {
    const broker = await SessionBroker.start();
    const random = seededRandom(seed);
    const published: Published[] = [];
    const publisher = await PacketClient.connect(broker.url, 'publisher', { clean: true });
    const watcher = await PacketClient.connect(broker.url, 'watcher', { clean: true });
    await watcher.subscribe(2, '#');
    const frozen = await PacketClient.connect(broker.url, 'frozen', { acknowledges: false });
    await frozen.subscribe(2, '#');
    frozen.freeze();

    const arrivals = new Arrivals();
    let client = await PacketClient.connect(broker.url, 'c');
    for (const [qos, filter] of FILTERS.entries()) await client.subscribe(qos as 0 | 1 | 2, filter);

    const burst = (): void => {
      const packets = Array.from({ length: BURST }, (): IPublishPacket => {
        const topic = pick(random, TOPICS);
        const qos = pick(random, [0, 1, 2] as const);
        const retain = random() < 0.3;
        const number = published.push({ topic, qos, retain }) - 1;
        return {
          cmd: 'publish',
          topic,
          payload: `${number}`,
          qos,
          retain,
          dup: false,
          messageId: number + 1,
        };
      });
      publisher.send(...packets);
    };
    const told = (): Promise<true> =>
      watcher.until(() => (watcher.messages.length === published.length ? true : undefined));

    for (let round = 0; round < ROUNDS; round += 1) {
      burst();
      const how = random();
      const before = client;
      if (how < 0.3) await client.disconnect();
      else if (how < 0.6) await client.cut();
      if (random() < 0.5) {
        burst();
        await told();
      }
      burst();
      // Where the one before is still there, it is taken over.
      client = await PacketClient.connect(broker.url, 'c');
      expect((await client.connack()).sessionPresent).toBe(true);
      await before.end();
      arrivals.add(before.packets);
    }
    await told();
    const last = published.push({ topic: 'q2/a', qos: 2, retain: false }) - 1;
    await broker.publish('q2/a', `${last}`, { qos: 2 });
    await Promise.all([told(), client.untilText(`${last}`)]);
    arrivals.add(client.packets);

    const order = watcher.texts.map(Number);
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from(published.keys()));
    const effective = (number: number): number => {
      const { topic, qos } = published[number] as Published;
      return Math.min(qos, grantedOn(topic));
    };
    // All in the order in which the broker took them, which is the watcher's.
    expect(arrivals.numbers.filter((number) => effective(number) > 0)).toEqual(
      order.filter((number) => effective(number) > 0),
    );
    // QoS 0 only while it is there, and then in order.
    const ofNone = new Set(arrivals.numbers.filter((number) => effective(number) === 0));
    expect(ofNone.size).toBeGreaterThan(0);
    expect([...ofNone]).toEqual(order.filter((number) => ofNone.has(number)));

    // What is retained is what came last of what was to be.
    const newcomer = await PacketClient.connect(broker.url, 'newcomer', { clean: true });
    await newcomer.subscribe(2, '#');
    const lastRetained = (topic: string) =>
      order.findLast((number) => published[number]?.topic === topic && published[number].retain);
    await newcomer.until(() => (newcomer.messages.length === TOPICS.length ? true : undefined));
    expect(
      Object.fromEntries(newcomer.messages.map(({ topic, payload }) => [topic, Number(payload)])),
    ).toEqual(Object.fromEntries(TOPICS.map((topic) => [topic, lastRetained(topic)])));
    expect(frozen.closed).toBe(false);
    await broker.close();
  },
);
