import type { IPublishPacket, Packet, QoS } from 'mqtt-packet';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Plant } from '../../support/plant.ts';
import { publishPacket, type RawClient } from '../../support/raw-client.ts';
import { matchesByTheWord } from '../../support/topic-match.ts';
import { pick, seededRandom } from '../../unit/broker/seeded-random.ts';
import { Arrivals } from './arrivals.ts';

let plant: Plant;
beforeAll(async () => {
  plant = await Plant.start();
});
afterEach(() => plant.endClients());
afterAll(() => plant.close());

const QOS = [0, 1, 2] as const;
const PUBLISHERS = 3;
const BURSTS = 15;
/** Packets in one write. */
const BURST = 30;

type Filters = readonly (readonly [filter: string, qos: QoS])[];

/** Messages of one publisher, each with a text of its own. */
class Publications {
  readonly packets: IPublishPacket[] = [];
  readonly #name: string;
  readonly #topics: readonly string[];
  readonly #random: () => number;

  constructor(name: string, topics: readonly string[], random: () => number) {
    this.#name = name;
    this.#topics = topics;
    this.#random = random;
  }

  /** The next ones, for one write. */
  burst(): IPublishPacket[] {
    const packets = Array.from({ length: BURST }, (_, at) => {
      const messageId = this.packets.length + at + 1;
      return publishPacket(pick(this.#random, this.#topics), `${this.#name} ${messageId}`, {
        qos: pick(this.#random, QOS),
        messageId,
        retain: this.#random() < 0.3,
      });
    });
    this.packets.push(...packets);
    return packets;
  }

  /** One that says that no other follows. */
  last(): string {
    this.packets.push(publishPacket(this.#topics[0] as string, this.#name, { qos: 2 }));
    return this.#name;
  }
}

/** What a client that has subscribed so is granted for a topic; undefined where it has not. */
function grantedFor(filters: Filters, topic: string): QoS | undefined {
  const granted = filters.filter(([filter]) => matchesByTheWord(filter, topic)).map(([, qos]) => qos);
  return granted.length > 0 ? (Math.max(...granted) as QoS) : undefined;
}

/** What is to come of publications, each text with its topic and QoS, in order. */
const dueFrom = ({ packets }: Publications, filters: Filters) =>
  packets.flatMap(({ topic, payload, qos }) => {
    const granted = grantedFor(filters, topic);
    if (granted === undefined) return [];
    return [{ topic, text: String(payload), published: qos, qos: Math.min(qos, granted) as QoS }];
  });

/** That what came of a publisher is in order, topic by topic and QoS by QoS [MQTT-4.6.0-6]. */
function expectOrder(arrivals: Arrivals, publications: Publications, filters: Filters, who: string): void {
  const places = new Map(arrivals.first.map(({ text }, at) => [text, at]));
  const flows = Map.groupBy(
    dueFrom(publications, filters),
    ({ topic, published }) => `${topic} ${published}`,
  );
  for (const [flow, messages] of flows) {
    const came = messages.map(({ text }) => places.get(text)).filter((place) => place !== undefined);
    expect(came, `${who}, ${flow}`).toEqual(came.toSorted((a, b) => a - b));
  }
}

/** That every message came that had to, at its QoS, and none that was not published or that says it was retained. */
function expectAll(arrivals: Arrivals, due: ReturnType<typeof dueFrom>, who: string, atLeast: QoS): void {
  const told = ({ topic, text, qos }: { topic: string; text: string; qos: QoS }) =>
    `${text} ${topic} at ${qos}`;
  const came = new Set(arrivals.first.map(told));
  const needed = new Set(due.filter(({ qos }) => qos >= atLeast).map(told));
  expect(arrivals.faults, who).toEqual([]);
  expect(
    [...needed].filter((each) => !came.has(each)),
    `${who} lacks`,
  ).toEqual([]);
  const published = new Set(due.map(told));
  expect(
    [...came].filter((each) => !published.has(each)),
    `${who} has beside`,
  ).toEqual([]);
  expect(
    arrivals.first.filter(({ retain }) => retain),
    who,
  ).toEqual([]);
}

/** Ways to go from one connection to the next. */
const LEAVINGS = ['disconnect', 'drop', 'be taken over'] as const;

/** A client with a kept session that comes and goes as long as it is to, and acknowledges now and then. */
class Wanderer {
  readonly arrivals = new Arrivals();
  client: RawClient;
  readonly #clientId: string;
  readonly #random: () => number;

  private constructor(clientId: string, client: RawClient, random: () => number) {
    this.#clientId = clientId;
    this.client = client;
    this.#random = random;
  }

  static async start(clientId: string, filters: Filters, random: () => number): Promise<Wanderer> {
    const client = await plant.keep(clientId);
    for (const [filter, qos] of filters) await client.subscribe(qos, filter);
    return new Wanderer(clientId, client, random);
  }

  /** Leaves when it has got some messages, or none, and comes back. */
  async comeAgain(): Promise<void> {
    const before = this.client;
    if (this.#random() < 0.7) before.acknowledge();
    if (this.#random() < 0.5) await before.settled();
    const how = pick(this.#random, LEAVINGS);
    if (how !== 'be taken over') await before[how]();
    this.client = await plant.keep(this.#clientId);
    await before.closed;
    this.arrivals.add(before.packets);
  }
}

/** How clients subscribe to the topics of a run. */
function mixturesOf(run: string, topics: readonly string[]): [name: string, filters: Filters][] {
  return [
    ...QOS.map((qos): [string, Filters] => [`by name at ${qos}`, topics.map((topic) => [topic, qos])]),
    ...QOS.map((qos): [string, Filters] => [`by wildcard at ${qos}`, [[`${run}/#`, qos]]]),
    [
      'by what overlaps',
      [
        [`${run}/+/a`, 0],
        [`${run}/#`, 1],
        [`${run}/all/a`, 0],
        [`${run}/0/a`, 2],
        [`${run}/1/+`, 2],
        [`${run}/0/+`, 0],
      ],
    ],
    [
      'to a part',
      [
        [`${run}/+/b`, 2],
        [`${run}/+/b/#`, 1],
        [`${run}/end`, 2],
      ],
    ],
  ];
}

/** The topics to which one publisher of a run publishes, and nobody else. */
const ownTopics = (run: string, publisher: number): string[] =>
  ['a', 'b', 'c'].map((level) => `${run}/${publisher}/${level}`);

test.each([1, 2])(
  '[MQTT-4.5.0-1] [MQTT-3.3.5-1] [MQTT-4.6.0-6] of mixed QoS and retained messages each comes as often as it may, whatever overlaps and whoever comes and goes (seed %i)',
  async (seed) => {
    const random = seededRandom(seed);
    const run = `mixed/${seed}`;
    const publishers = await Promise.all(Array.from({ length: PUBLISHERS }, () => plant.connect()));
    const published = publishers.map(
      (_, at) =>
        new Publications(`${at}`, [...ownTopics(run, at), `${run}/all/a`], seededRandom(seed * 100 + at)),
    );
    const end = new Publications('end', [`${run}/end`], random);
    const topics = [...publishers.flatMap((_, at) => ownTopics(run, at)), `${run}/all/a`, `${run}/end`];
    const staying: { who: string; filters: Filters; client: RawClient }[] = [];
    const wanderers: { who: string; filters: Filters; wanderer: Wanderer }[] = [];
    for (const [name, filters] of mixturesOf(run, topics)) {
      for (const clean of [true, false]) {
        const who = `${clean ? 'clean' : 'kept'} ${name} ${seed}`;
        const client = (await plant.connect({ clientId: who, clean })).acknowledge();
        for (const [filter, qos] of filters) await client.subscribe(qos, filter);
        staying.push({ who, filters, client });
      }
      if (name.endsWith('at 0')) continue;
      const who = `wanderer ${name} ${seed}`;
      wanderers.push({ who, filters, wanderer: await Wanderer.start(who, filters, random) });
    }

    for (const publisher of publishers) publisher.acknowledge();
    for (let burst = 0; burst < BURSTS; burst += 1) {
      for (const [at, publisher] of publishers.entries()) {
        publisher.send((published[at] as Publications).burst());
      }
      if (burst % 3 === 0) await Promise.all(wanderers.map(({ wanderer }) => wanderer.comeAgain()));
      await publishers[burst % PUBLISHERS]?.settled();
    }
    for (const publisher of publishers) await publisher.settled();
    await plant.publisher.publish(`${run}/end`, end.last(), { qos: 2 });

    for (const { who, filters, client } of staying) {
      await client.untilText('end');
      const arrivals = new Arrivals().add(client.packets);
      expect(arrivals.again, who).toBe(0);
      expectAll(
        arrivals,
        [...published, end].flatMap((each) => dueFrom(each, filters)),
        who,
        0,
      );
      for (const each of published) expectOrder(arrivals, each, filters, who);
    }
    for (const { who, filters, wanderer } of wanderers) {
      await wanderer.client.acknowledge().untilText('end');
      const arrivals = wanderer.arrivals.add(wanderer.client.packets);
      expectAll(
        arrivals,
        [...published, end].flatMap((each) => dueFrom(each, filters)),
        who,
        1,
      );
      for (const each of published) expectOrder(arrivals, each, filters, who);
    }
    expect(Math.max(...wanderers.map(({ wanderer }) => wanderer.arrivals.again))).toBeGreaterThan(0);

    // What is retained of a topic is what came last of what was to be [MQTT-3.3.1-5].
    const kept = published.flatMap(({ packets }, at) =>
      ownTopics(run, at).map((topic) =>
        packets.findLast((packet) => packet.topic === topic && packet.retain),
      ),
    );
    const newcomer = await plant.subscriber(2, ...publishers.map((_, at) => `${run}/${at}/#`));
    await newcomer.until(() => (newcomer.publishes().length >= kept.length ? true : undefined));
    const told = (packets: readonly (IPublishPacket | undefined)[]) =>
      packets
        .map((packet) => `${packet?.topic}: ${String(packet?.payload)} at ${packet?.qos}, ${packet?.retain}`)
        .sort();
    expect(told(newcomer.publishes())).toEqual(told(kept));
  },
);

/** Of what a client sent, what it has to send again when it is back [MQTT-4.4.0-1]. */
function unfinished(sent: readonly IPublishPacket[], connections: readonly RawClient[]): Packet[] {
  const got = (cmd: string) =>
    new Set(
      connections.flatMap(({ packets }) =>
        packets.filter((packet) => packet.cmd === cmd).map(({ messageId }) => messageId),
      ),
    );
  const [acknowledged, received, completed] = [got('puback'), got('pubrec'), got('pubcomp')];
  return sent.flatMap((packet): Packet[] => {
    const { qos, messageId = 0 } = packet;
    if (qos === 0 || acknowledged.has(messageId) || completed.has(messageId)) return [];
    return received.has(messageId) ? [{ cmd: 'pubrel', messageId }] : [{ ...packet, dup: true }];
  });
}

test('[MQTT-4.3.2-2] [MQTT-4.3.3-2] of a publisher that breaks off again and again each message of QoS 2 comes once, of QoS 1 at least once, of QoS 0 at most once', async () => {
  const random = seededRandom(5);
  const run = 'breaking';
  const subscriber = await plant.subscriber(2, `${run}/#`);
  const published = new Publications('p', [...ownTopics(run, 0)], random);
  const connections = [await plant.keep('breaking')];
  for (let burst = 0; burst < 20; burst += 1) {
    const client = connections.at(-1) as RawClient;
    if (random() < 0.8) client.acknowledge();
    client.send(published.burst());
    const some = Math.floor((random() * BURST) / 3);
    await client.until(({ length }) => (length >= some ? true : undefined));
    await client.drop();
    const again = unfinished(published.packets, connections);
    connections.push(await plant.keep('breaking'));
    if (again.length > 0) connections.at(-1)?.send(again);
  }
  const last = connections.at(-1)?.acknowledge() as RawClient;
  await last.settled();
  await last.until(() => (unfinished(published.packets, connections).length === 0 ? true : undefined));
  await plant.publisher.publish(`${run}/end`, 'end', { qos: 2 });
  await subscriber.untilText('end');

  const times = new Map<string, number>();
  for (const text of subscriber.texts) times.set(text, (times.get(text) ?? 0) + 1);
  const came = (qos: QoS) =>
    published.packets
      .filter((packet) => packet.qos === qos)
      .map(({ payload }) => times.get(String(payload)) ?? 0);
  expect(new Set(came(2))).toEqual(new Set([1]));
  expect(Math.min(...came(1))).toBe(1);
  expect(Math.max(...came(1))).toBeGreaterThan(1);
  expect(Math.max(...came(0))).toBe(1);
  const arrivals = new Arrivals().add(subscriber.packets);
  expectOrder(arrivals, published, [[`${run}/#`, 2]], 'the subscriber');
});
