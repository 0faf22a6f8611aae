import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { IClientOptions } from 'mqtt';
import { feedTopic, STATUS, status, upTopic } from '#firmware-protocol';
import { ApiClient } from '../support/api-client.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connect, connectDevice, connectPerson, type TestClient } from '../support/mqtt-client.ts';

let hub: TestHub;
let owner: ApiClient;
const clients: TestClient[] = [];

beforeAll(async () => {
  hub = await startTestHub((settings) => ({
    ...settings,
    limits: { ...settings.limits, sessionsPerService: 3, sessionMessages: 1_000 },
  }));
  owner = await ApiClient.as(hub);
});
afterAll(() => hub.close());
afterEach(async () => {
  for (const client of clients.splice(0)) await client.end();
});

/** A service with a client that keeps its session. */
class Service {
  readonly id: string;
  readonly #token: string;

  private constructor(id: string, token: string) {
    this.id = id;
    this.#token = token;
  }

  static async make(id: string, grants: { publish?: string[]; subscribe?: string[] } = {}): Promise<Service> {
    const { token } = await owner.post<{ token: string }>('/services', { id, ...grants });
    return new Service(id, token);
  }

  async connect(options: IClientOptions = {}): Promise<TestClient> {
    const client = await connect(hub, {
      ...{ username: `@${this.id}`, password: this.#token, clientId: 'keeper', clean: false },
      ...options,
    });
    clients.push(client);
    return client;
  }

  /** Connects, subscribes at QoS 1 and goes. */
  async leave(...filters: string[]): Promise<void> {
    const client = await this.connect();
    await client.mqtt.subscribeAsync(filters, { qos: 1 });
    await client.end();
    await hub.log.line(new RegExp(`^@${this.id} disconnected`));
  }
}

const texts = ({ received }: TestClient): string[] => received.map(({ payload }) => String(payload));
const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at}`);

/** Resolves once a message with this payload has come. */
const untilText = (client: TestClient, text: string) =>
  client.until((received) => received.find(({ payload }) => String(payload) === text));

/** A service that publishes wherever it is free to, and its link. */
async function talker(
  id: string,
): Promise<(topic: string, text: string, retain?: boolean) => Promise<unknown>> {
  const service = await Service.make(id, { publish: ['#'] });
  const client = await service.connect({ clean: true });
  return (topic, text, retain = false) => client.mqtt.publishAsync(topic, text, { qos: 1, retain });
}

describe('a service', () => {
  test('that was away gets what it missed, in order, and is told that its session is there', async () => {
    const say = await talker('talker1');
    const service = await Service.make('away', { subscribe: ['plant/#'] });
    await service.leave('plant/#');
    await Promise.all(numbered(300).map((text) => say(`plant/${Number(text) % 5}`, text)));
    const client = await service.connect();
    await say('plant/1', 'end');
    await untilText(client, 'end');
    expect(client.sessionPresent).toBe(true);
    expect(texts(client)).toEqual([...numbered(300), 'end']);
  });

  test('hears of devices what it missed, and what is going on: feeds come from now on', async () => {
    const { lamp = '' } = Object.fromEntries(await hub.addDevices({ id: 'lamp' }));
    const service = await Service.make('watcher', { subscribe: ['iot/1/home/#'] });
    await service.leave('iot/1/home/+/up/#', feedTopic('home', 'fleet'));
    const device = await connectDevice(hub, 'lamp', lamp);
    const said = Buffer.from(status.encode({ boot: 1, sess: 1, st: STATUS.online }));
    await device.mqtt.publishAsync(upTopic('home', 'lamp', 'status'), said, { qos: 1, retain: true });
    const client = await service.connect();
    const { payload, retain } = await client.until((received) => received[0]);
    expect([status.decode(payload), retain]).toEqual([{ boot: 1, sess: 1, st: STATUS.online }, false]);
    await device.end();
    await client.until((received) => received.find(({ topic }) => topic === feedTopic('home', 'fleet')));
  });

  test('with a thousand retained messages gets all of them', async () => {
    const say = await talker('talker2');
    await Promise.all(numbered(1_500).map((text) => say(`shelf/${text}`, text, true)));
    const client = await (await Service.make('collector', { subscribe: ['shelf/#'] })).connect();
    await client.mqtt.subscribeAsync('shelf/#', { qos: 1 });
    await client.until(({ length }) => (length === 1_500 ? true : undefined));
    expect(client.received.every(({ retain }) => retain)).toBe(true);
  });

  test('that takes over from itself goes on where the other was, and the other is told why', async () => {
    const say = await talker('talker3');
    const service = await Service.make('twin', { subscribe: ['plant/#'] });
    const [first, second] = [await service.connect(), await service.connect({ clientId: 'other' })];
    await first.mqtt.subscribeAsync('plant/#', { qos: 1 });
    const closed = first.closed();
    const next = await service.connect();
    await closed;
    await say('plant/1', 'end');
    await untilText(next, 'end');
    expect([next.sessionPresent, second.mqtt.connected]).toEqual([true, true]);
    await hub.log.line(/^@twin disconnected: another connection with the same client id took over/);
  });

  test('that reads nothing keeps its place and holds up nobody, and gets the latest when it reads', async () => {
    const say = await talker('talker4');
    const slow = await (await Service.make('slow', { subscribe: ['bulk/#'] })).connect();
    const quick = await (await Service.make('quick', { subscribe: ['bulk/#'] })).connect();
    for (const client of [slow, quick]) await client.mqtt.subscribeAsync('bulk/#', { qos: 1 });
    slow.mqtt.stream.pause();
    const filling = 'x'.repeat(10_000);
    for (let from = 0; from < 3_000; from += 100) {
      await Promise.all(numbered(100).map((text) => say('bulk/a', `${from + Number(text)} ${filling}`)));
    }
    await quick.until(({ length }) => (length === 3_000 ? true : undefined));
    slow.mqtt.stream.resume();
    await slow.until((received) => received.find(({ payload }) => payload.toString().startsWith('2999 ')));
    const numbers = texts(slow).map((text) => Number.parseInt(text, 10));
    expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
    expect(slow.mqtt.connected).toBe(true);
    expect(numbers.length).toBeLessThan(3_000);
    expect(hub.log.lines.some((line) => /"@slow\/keeper" of @slow is full/.test(line))).toBe(true);
  });
});

describe('a change of what a service may do', () => {
  test('is in force for its sessions: filters, what waits, and what was refused before', async () => {
    const say = await talker('talker5');
    const service = await Service.make('narrowed', { subscribe: ['a/#', 'b/#'] });
    const client = await service.connect();
    const granted = await client.mqtt
      .subscribeAsync(['a/#', 'b/#', 'c/#'], { qos: 1 })
      .catch(() => undefined);
    expect(granted).toBeUndefined();
    await client.end();
    await hub.log.line(/^@narrowed disconnected/);
    for (const level of ['a', 'b', 'c']) await say(`${level}/1`, level);
    await owner.ask('PATCH', '/services/narrowed', { subscribe: ['b/#', 'c/#'] });
    const again = await service.connect();
    for (const level of ['a', 'c', 'b']) await say(`${level}/2`, `${level}2`);
    await untilText(again, 'b2');
    expect([again.sessionPresent, texts(again)]).toEqual([true, ['b', 'b2']]);
  });

  test('another token leaves the session as it was', async () => {
    const say = await talker('talker6');
    const service = await Service.make('rotated', { subscribe: ['a/#'] });
    await service.leave('a/#');
    await say('a/1', 'missed');
    const { token } = await owner.post<{ token: string }>('/services/rotated/token');
    const client = await service.connect({ password: token });
    await untilText(client, 'missed');
  });

  test.each<[string, (id: string) => Promise<{ token?: string } | void>]>([
    [
      'disabled, and enabled again',
      async (id) => {
        await owner.ask('PATCH', `/services/${id}`, { disabled: true });
        await owner.ask('PATCH', `/services/${id}`, { disabled: false });
      },
    ],
    [
      'removed, and another is made with its name',
      async (id) => {
        await owner.ask('DELETE', `/services/${id}`);
        return owner.post('/services', { id, subscribe: ['a/#'] });
      },
    ],
  ])('ends its sessions where it is %s', async (what, deed) => {
    const id = what.slice(0, 7);
    const service = await Service.make(id, { subscribe: ['a/#'] });
    await service.leave('a/#');
    const made = await deed(id);
    await hub.log.line(new RegExp(`"@${id}/keeper" of @${id} ended: @${id} may not connect any more`));
    const client = await service.connect(made?.token === undefined ? {} : { password: made.token });
    expect(client.sessionPresent).toBe(false);
  });
});

describe('a CONNECT', () => {
  test('of a device or a person has no session that is kept', async () => {
    const { plain = '' } = Object.fromEntries(await hub.addDevices({ id: 'plain' }));
    for (const open of [
      () => connectDevice(hub, 'plain', plain, { clean: false }),
      () => connectPerson(hub, 'owner', { clean: false, clientId: 'page' }),
    ]) {
      for (let times = 0; times < 2; times += 1) {
        const client = await open();
        expect(client.sessionPresent).toBe(false);
        await client.end();
      }
    }
  });
});

test('what waits for a client does not end a link that may hold but little', async () => {
  const small = await startTestHub((settings) => ({
    ...settings,
    limits: { ...settings.limits, outboundBytes: 65_536, congestedBytes: 16_384 },
  }));
  const { token } = await (
    await ApiClient.as(small)
  ).post<{ token: string }>('/services', { id: 'small', publish: ['a'], subscribe: ['a'] });
  const link = (clientId: string) =>
    connect(small, { username: '@small', password: token, clientId, clean: false });
  const [talking, gone] = [await link('talking'), await link('keeper')];
  await gone.mqtt.subscribeAsync('a', { qos: 1 });
  await gone.end();
  const filling = 'x'.repeat(5_000);
  await Promise.all(numbered(200).map((text) => talking.mqtt.publishAsync('a', text + filling, { qos: 1 })));
  const client = await link('keeper');
  await client.until((received) => (received.length === 200 ? true : undefined));
  expect(texts(client)).toEqual(numbered(200).map((text) => text + filling));
  await Promise.all([talking.end(), client.end()]);
  await small.close();
});
