import { once } from 'node:events';
import packet from 'mqtt-packet';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket } from 'ws';
import { audit, type Audit } from '#broker/contract/audit.ts';
import { toldDevice } from '#broker/contract/device.ts';
import { evFleet, feedTopic, status, STATUS, upTopic } from '#firmware-protocol';
import { ApiClient } from '../support/api-client.ts';
import { ask } from '../support/https.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connectDevice, connectPerson, TestOperator, type TestClient } from '../support/mqtt-client.ts';

let hub: TestHub;
let secrets: Map<string, string>;
let operator: TestOperator;
let owner: ApiClient;

beforeAll(async () => {
  hub = await startTestHub();
  const ids = ['lamp', 'born', 'unborn', 'flaky', 'crashing', 'mute'];
  secrets = await hub.addDevices(...ids.map((id) => ({ id })));
  operator = await TestOperator.connect(hub);
  owner = await ApiClient.as(hub);
});
afterAll(async () => {
  await operator.client.end();
  await hub.close();
});

const secret = (id: string): string => secrets.get(id) ?? '';

const willOf = (id: string, boot: number, sess: number) => ({
  topic: upTopic('home', id, 'status'),
  payload: Buffer.from(status.encode({ boot, sess, st: STATUS.lost })),
  qos: 1 as const,
  retain: true,
});

/** A device at the level of WebSocket messages, past its CONNACK. */
async function rawDevice(id: string, birth?: { boot: number; sess: number }): Promise<WebSocket> {
  const socket = new WebSocket(hub.wss, ['mqtt'], { ca: hub.ca });
  await once(socket, 'open');
  socket.send(
    packet.generate({
      cmd: 'connect',
      protocolId: 'MQTT',
      protocolVersion: 4,
      clean: true,
      keepalive: 30,
      clientId: id,
      username: `home/${id}`,
      password: Buffer.from(secret(id)),
      ...(birth && { will: willOf(id, birth.boot, birth.sess) }),
    }),
  );
  const [connack] = (await once(socket, 'message')) as [Buffer];
  expect([...connack]).toEqual([0x20, 2, 0, 0]);
  return socket;
}

async function closeOf(socket: WebSocket): Promise<{ code: number; reason: string }> {
  const [code, reason] = (await once(socket, 'close')) as [number, Buffer];
  return { code, reason: reason.toString() };
}

/** Resolves once the hub has let go of so many links of a device that others took over. */
const letGo = (id: string, links: number): Promise<string> =>
  hub.log.line(new RegExp(`^${id} disconnected: another connection`), links);

const told = async (id: string) => toldDevice.parse(await owner.get(`/devices/${id}`));

const usedTwice = async (): Promise<unknown> => {
  const { body } = await ask(hub, 'GET', '/healthz');
  return (JSON.parse(body) as { twice?: unknown }).twice;
};

const alarms = async (id: string) =>
  audit
    .parse(await owner.get<Audit>('/audit?limit=100'))
    .entries.filter(({ action, subject }) => action === 'device.twice' && subject === id);

test('a link that is taken over is told why, and its will does not count', async () => {
  const topic = upTopic('home', 'lamp', 'status');
  const say = (sess: number, st: number) => Buffer.from(status.encode({ boot: 1, sess, st }));
  const first = await rawDevice('lamp', { boot: 1, sess: 1 });
  await operator.untilDevice('lamp', ({ st }) => st === STATUS.online);
  const ended = closeOf(first);

  const second = await connectDevice(hub, 'lamp', secret('lamp'), { will: willOf('lamp', 1, 2) });
  expect(await ended).toEqual({
    code: 1008,
    reason: 'another connection with the same credentials took over',
  });
  await letGo('lamp', 1);
  await second.mqtt.publishAsync(topic, say(2, STATUS.updating), { qos: 1, retain: true });
  await operator.untilDevice('lamp', ({ st }) => st === STATUS.updating);

  const presences = operator.client.received
    .filter(({ topic }) => topic === feedTopic('home', 'fleet'))
    .flatMap(({ payload }) => evFleet.decode(payload).devs)
    .flatMap(({ did, st }) => (did === 'lamp' && st !== undefined ? [st] : []));
  expect(presences.slice(presences.indexOf(STATUS.online))).not.toContain(STATUS.lost);

  const watcher = await connectPerson(hub);
  await watcher.mqtt.subscribeAsync(topic);
  const retained = await watcher.until(([message]) => message);
  expect(status.decode(retained.payload)).toMatchObject({ sess: 2, st: STATUS.updating });
  await Promise.all([second.end(), watcher.end()]);
});

describe('two programs that connect again whenever the other takes over', () => {
  /** Has two programs fight until an alarm is told, and a while longer. Resolves with when it was. */
  async function fight(
    id: string,
    wills: readonly (ReturnType<typeof willOf> | undefined)[],
  ): Promise<number> {
    const programs: TestClient[] = [];
    for (const will of wills) {
      const options = { reconnectPeriod: 50, ...(will && { will }) };
      programs.push(await connectDevice(hub, id, secret(id), options));
    }
    const { twice = 0 } = await operator.untilDevice(id, (device) => (device.twice ?? 0) > 0);
    const takeover = new RegExp(`^${id} connected again`);
    const soFar = hub.log.lines.filter((line) => takeover.test(line)).length;
    await hub.log.line(takeover, soFar + 6);
    await Promise.all(programs.map((program) => program.end()));
    return twice;
  }

  test.each([
    ['say of which boot they are', 'born', (id: string) => [willOf(id, 1, 1), willOf(id, 2, 1)]],
    ['say nothing of themselves', 'unborn', () => [undefined, undefined]],
  ])('and %s: consoles, the log, the API, health and the audit tell', async (_what, id, wills) => {
    const before = Number(await usedTwice());
    const since = await fight(id, wills(id));
    expect(since).toBeGreaterThan(Date.now() - 60_000);
    await hub.log.line(
      new RegExp(`two programs use the credential of ${id} at once, one at \\S+ and one at \\S+:`),
    );
    const here = expect.stringMatching(/127\.0\.0\.1|::1/) as string;
    expect(await told(id)).toMatchObject({ twice: { since, addresses: [here, here] } });
    expect(await usedTwice()).toBe(before + 1);
    await vi.waitFor(async () => expect(await alarms(id)).not.toEqual([]), 10_000);
    expect(await alarms(id)).toMatchObject([{ who: id, t: since, detail: { addresses: [here, here] } }]);
  });
});

describe('one device', () => {
  /** A link that has broken without a word: nothing that the hub sends arrives, and nothing comes back. */
  async function halfOpen(id: string, birth?: { boot: number; sess: number }): Promise<WebSocket> {
    const socket = await rawDevice(id, birth);
    socket.pause();
    return socket;
  }

  test.each([
    ['loses its link', 'flaky', (at: number) => ({ boot: 7, sess: at })],
    ['restarts', 'crashing', (at: number) => ({ boot: 100 + at, sess: 1 })],
    ['says nothing of itself and loses its link', 'mute', () => undefined],
  ])('that %s again and again is not taken for two', async (_what, id, birth) => {
    const before = await usedTwice();
    const links: WebSocket[] = [];
    for (let at = 1; at <= 6; at += 1) links.push(await halfOpen(id, birth(at)));
    await letGo(id, 5);
    await operator.untilDevice(id, ({ flaps = 0 }) => flaps >= 5);
    expect(operator.device(id)).not.toHaveProperty('twice');
    expect(await told(id)).not.toHaveProperty('twice');
    expect(await usedTwice()).toBe(before);
    expect(
      hub.log.lines.filter((line) => line.startsWith(`two programs use the credential of ${id}`)),
    ).toEqual([]);
    for (const link of links) link.terminate();
  });
});
