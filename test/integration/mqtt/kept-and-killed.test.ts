import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { IConnectPacket } from 'mqtt-packet';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { SmallDisk } from '../../faults/small-disk.ts';
import { HubProcess, type HubProcessOptions } from '../../support/processes.ts';
import { publishPacket, RawClient } from '../../support/raw-client.ts';
import type { Credentials } from '../../support/service.ts';

const TOPIC = 'plant/a';

const clients: RawClient[] = [];
afterEach(() => Promise.all(clients.splice(0).map((client) => client.drop())));

/** A hub as a process of its own, and clients of a service that may do as it likes. */
class Killable {
  readonly hub: HubProcess;
  readonly #credentials: Credentials;

  private constructor(hub: HubProcess, credentials: Credentials) {
    this.hub = hub;
    this.#credentials = credentials;
  }

  static async start(options: HubProcessOptions = {}): Promise<Killable> {
    const hub = await HubProcess.start(options);
    onTestFinished(async () => {
      await hub.kill();
      if (options.data === undefined) hub.remove();
    });
    const service = { id: 'plant', publish: ['#'], subscribe: ['#'] };
    const { body } = await hub.api<{ token: string }>('POST', '/services', service);
    return new Killable(hub, { username: '@plant', password: Buffer.from(body.token) });
  }

  async connect(clientId: string, options: Partial<IConnectPacket> = {}): Promise<RawClient> {
    const client = await RawClient.connect(this.hub, { clientId, ...this.#credentials, ...options });
    clients.push(client);
    return client;
  }

  keep(clientId: string): Promise<RawClient> {
    return this.connect(clientId, { clean: false });
  }

  /** Leaves a session that has subscribed. */
  async leave(clientId: string): Promise<void> {
    const client = await this.keep(clientId);
    await client.subscribe(2, TOPIC);
    await client.disconnect();
  }
}

/** How many messages of a flood are on their way at once: a session holds many times that. */
const AT_ONCE = 300;

/** Publishes number after number, of which many are not acknowledged yet, until the link ends. */
class Flood {
  readonly #client: RawClient;
  readonly #from: number;
  readonly #qos: 1 | 2;
  #sent = 0;

  /** @param from the first number */
  constructor(client: RawClient, from: number, qos: 1 | 2) {
    this.#client = client;
    this.#from = from;
    this.#qos = qos;
    this.#more();
  }

  /** The numbers that the hub has acknowledged, which it does in their order [MQTT-4.6.0-2], [MQTT-4.6.0-3]. */
  get acknowledged(): number[] {
    const answer = this.#qos === 1 ? 'puback' : 'pubrec';
    const ids = this.#client.packets.filter(({ cmd }) => cmd === answer).map(({ messageId }) => messageId);
    expect(ids).toEqual(ids.map((_id, at) => at + 1));
    return ids.map((_id, at) => this.#from + at);
  }

  #more(): void {
    const { socket, packets } = this.#client;
    if (socket.readyState !== socket.OPEN) return;
    for (; this.#sent - packets.length < AT_ONCE; this.#sent += 1) {
      const messageId = this.#sent + 1;
      this.#client.send(publishPacket(TOPIC, `${this.#from + this.#sent}`, { qos: this.#qos, messageId }));
    }
    setImmediate(() => this.#more());
  }
}

test.each([1, 2] as const)(
  'after kill −9 amid a flood at QoS %i, sessions have each message that was acknowledged, in order',
  { timeout: 60_000 },
  async (qos) => {
    const killable = await Killable.start();
    await killable.leave('away');
    const there = (await killable.keep('there')).acknowledge();
    await there.subscribe(qos, TOPIC);
    const told: number[] = [];
    for (const [round, many] of [1, 60, 800].entries()) {
      const publisher = await killable.connect('publisher');
      const flood = new Flood(publisher, round * 10_000, qos);
      await publisher.until(({ length }) => (length > many ? true : undefined));
      await killable.hub.kill();
      await publisher.closed;
      told.push(...flood.acknowledged);
      await killable.hub.again();
    }
    const sessions = [await killable.keep('away'), await killable.keep('there')];
    await (await killable.connect('publisher')).publish(TOPIC, 'end');
    for (const client of sessions) await client.acknowledge().untilText('end');
    const [away = [], back = []] = sessions.map(({ texts }) => texts.slice(0, -1).map(Number));
    for (const arrived of [away, back]) {
      expect(arrived).toEqual([...new Set(arrived)].toSorted((a, b) => a - b));
    }
    const heard = new Set([...there.texts.map(Number), ...back]);
    expect(told.length).toBeGreaterThan(800);
    expect(told.filter((number) => !away.includes(number))).toEqual([]);
    expect(told.filter((number) => !heard.has(number))).toEqual([]);
  },
);

test('while the disk is full nothing is acknowledged that would be stored, and links end for that reason', async () => {
  const disk = new SmallDisk(8 * 2 ** 20);
  onTestFinished(() => disk.unmount());
  const data = join(disk.folder, 'data');
  mkdirSync(data);
  const killable = await Killable.start({ data });
  await killable.leave('away');
  const before = await killable.connect('publisher');
  await before.publish(TOPIC, 'before');
  disk.fill();

  const told = ['before'];
  const big = 'x'.repeat(60_000);
  for (let refused = false; !refused;) {
    const text = `${told.length} ${big}`;
    refused = await before.publish(TOPIC, text).then(
      () => false,
      () => true,
    );
    if (!refused) told.push(text);
  }
  const full = { code: 1011, reason: 'the hub cannot store what came, just now; its log says why' };
  expect(await before.closed).toEqual(full);
  const kept = await killable.keep('kept');
  await expect(kept.subscribe(1, TOPIC)).rejects.toThrow(/1011/);
  const clean = await killable.connect('clean');
  expect(await clean.subscribe(1, 'elsewhere')).toEqual([1]);
  await clean.publish('elsewhere', 'what is kept for nobody goes on', { qos: 2 });
  expect(await killable.hub.health()).toMatchObject({ status: 503, body: { status: 'degraded' } });

  disk.free();
  await (await killable.connect('publisher')).publish(TOPIC, 'after');
  await killable.hub.kill();
  await killable.hub.again();
  const away = (await killable.keep('away')).acknowledge();
  await away.untilText('after');
  expect(away.texts.filter((text) => told.includes(text))).toEqual(told);
  expect(away.texts.at(-1)).toBe('after');
});
