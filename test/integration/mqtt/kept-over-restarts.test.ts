import { DatabaseSync } from 'node:sqlite';
import type { IConnectPacket } from 'mqtt-packet';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { STATUS, status, upTopic } from '#firmware-protocol';
import { Clock } from '#broker/clock.ts';
import type { CommandContext } from '#broker/commands/open-store.ts';
import { STORE_FILE } from '#broker/store/sqlite/sqlite-store.ts';
import { startTestHub, type TestHub } from '../../support/hub.ts';
import { connectDevice } from '../../support/mqtt-client.ts';
import { publishPacket, RawClient } from '../../support/raw-client.ts';
import { makeService, type Credentials } from '../../support/service.ts';

const DAY = 86_400_000;

let hub: TestHub;
let passed = 0;
const services = new Map<string, Credentials>();
const clients: RawClient[] = [];

beforeAll(async () => {
  const begun = Date.now();
  const time = (): number => begun + passed + performance.now();
  const clock = new Clock({ wall: () => Math.round(time()), awake: time, since: time });
  hub = await startTestHub(
    (settings) => ({ ...settings, limits: { ...settings.limits, sessionsPerService: 100 } }),
    undefined,
    clock,
  );
});
afterEach(() => Promise.all(clients.splice(0).map((client) => client.drop())));
afterAll(() => hub.close());

/** Connects a client of a service, with a session that is kept. It answers nothing by itself. */
async function keep(id: string, options: Partial<IConnectPacket> = {}): Promise<RawClient> {
  const [service = id] = id.split('/');
  if (!services.has(service)) services.set(service, await makeService(hub, service));
  const credentials = services.get(service);
  const client = await RawClient.connect(hub, { clientId: id, clean: false, ...credentials, ...options });
  clients.push(client);
  return client;
}

const isPresent = ({ packets: [connack] }: RawClient): boolean =>
  connack?.cmd === 'connack' && connack.sessionPresent;

/** Publishes texts one after the other, each of which is acknowledged. */
async function say(topic: string, texts: readonly string[], qos: 1 | 2 = 1): Promise<void> {
  const talker = (await keep('talker', { clean: true })).acknowledge();
  for (const text of texts) await talker.publish(topic, text, { qos });
  await talker.disconnect();
}

/** Subscribes at QoS 2 and goes. */
async function leave(id: string, ...filters: string[]): Promise<void> {
  const client = await keep(id);
  await client.subscribe(2, ...filters);
  await client.disconnect();
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, at) => `${at}`);

describe('over a restart of the hub, a session', () => {
  test('[MQTT-3.2.2-2] is present, and hears what it had subscribed to', async () => {
    await leave('present', 'r/1/+', 'r/1/a/#');
    const anew = await keep('present/second');
    await hub.restart();
    await say('r/1/a', ['before it is back']);
    const client = (await keep('present')).acknowledge();
    await say('r/1/b', ['when it is back']);
    await client.untilText('when it is back');
    expect([isPresent(client), client.texts]).toEqual([true, ['before it is back', 'when it is back']]);
    expect([isPresent(anew), isPresent(await keep('present/second'))]).toEqual([false, true]);
  });

  test('does not hear again what it had unsubscribed from', async () => {
    const client = await keep('less');
    await client.subscribe(1, 'r/2/a', 'r/2/b');
    await client.unsubscribe('r/2/a');
    await client.subscribe(0, 'r/2/b');
    await hub.restart();
    const again = await keep('less');
    await say('r/2/a', ['unwanted']);
    await say('r/2/b', ['at QoS 0']);
    expect(await again.untilText('at QoS 0')).toMatchObject({ qos: 0 });
    expect(again.texts).toEqual(['at QoS 0']);
  });

  test('[MQTT-3.1.2-6] that was ended by a clean one stays so', async () => {
    await leave('ended', 'r/3');
    await (await keep('ended', { clean: true })).disconnect();
    await hub.restart();
    await say('r/3', ['to nobody']);
    const client = await keep('ended');
    await client.settled();
    expect([isPresent(client), client.texts]).toEqual([false, []]);
  });

  test('[MQTT-4.6.0-6] has ten thousand messages of QoS 1 and 2 that it missed, in their order, once', async () => {
    await leave('many', 'r/4');
    const talker = (await keep('talker', { clean: true })).acknowledge();
    await Promise.all(
      numbered(10_000).map((text, at) => talker.publish('r/4', text, { qos: at % 10 === 0 ? 2 : 1 })),
    );
    await hub.restart();
    const client = (await keep('many')).acknowledge();
    await client.untilText('9999');
    expect(client.texts).toEqual(numbered(10_000));
    expect(client.publishes().some(({ dup }) => dup)).toBe(false);
  });
});

describe('[MQTT-4.4.0-1] over a restart of the hub, a message', () => {
  test('that was sent and not acknowledged comes again, DUP, with its identifier, before what is new', async () => {
    const client = await keep('unacknowledged');
    await client.subscribe(2, 'r/5');
    await say('r/5', ['one', 'two'], 1);
    await say('r/5', ['three'], 2);
    await client.untilText('three');
    client.send({ cmd: 'puback', messageId: (await client.untilText('one')).messageId as number });
    await client.settled();
    await hub.restart();
    await say('r/5', ['four']);
    const again = await keep('unacknowledged');
    await again.untilText('four');
    const told = (from: RawClient) =>
      from.publishes().map(({ payload, messageId, dup }) => [String(payload), messageId, dup]);
    const [, two, three] = told(client) as [string, number, boolean][];
    expect(told(again)).toEqual([
      ['two', two?.[1], true],
      ['three', three?.[1], true],
      ['four', expect.any(Number), false],
    ]);
  });

  test('of QoS 2 that was received is released, and does not come again', async () => {
    const client = await keep('received');
    await client.subscribe(2, 'r/6');
    await say('r/6', ['first', 'second'], 2);
    const [first, second] = [await client.untilText('first'), await client.untilText('second')];
    for (const { messageId } of [second, first]) {
      client.send({ cmd: 'pubrec', messageId: messageId as number });
      await client.answer('pubrel', messageId as number);
    }
    await hub.restart();
    const again = await keep('received');
    await again.until((packets) => packets.filter(({ cmd }) => cmd === 'pubrel')[1]);
    expect(again.packets.slice(1).map(({ cmd, messageId }) => [cmd, messageId])).toEqual([
      ['pubrel', second.messageId],
      ['pubrel', first.messageId],
    ]);
    for (const { messageId } of [first, second])
      again.send({ cmd: 'pubcomp', messageId: messageId as number });
    await again.settled();
    await hub.restart();
    const third = await keep('received');
    await third.settled();
    expect(third.packets.map(({ cmd }) => cmd)).toEqual(['connack', 'pingresp']);
  });

  test('[MQTT-4.3.3-2] of QoS 2 that a client had sent is not taken again, until it is released', async () => {
    await leave('hearer', 'r/7');
    const client = await keep('sender');
    const publish = (text: string, dup: boolean) => publishPacket('r/7', text, { qos: 2, messageId: 7, dup });
    client.send(publish('once', false));
    await client.next('pubrec');
    await hub.restart();
    const again = await keep('sender');
    again.send(publish('once', true));
    await again.next('pubrec');
    again.send({ cmd: 'pubrel', messageId: 7 });
    await again.next('pubcomp');
    await hub.restart();
    const third = await keep('sender');
    third.send(publish('another', false));
    await third.next('pubrec');
    const hearer = (await keep('hearer')).acknowledge();
    await hearer.untilText('another');
    expect(hearer.texts).toEqual(['once', 'another']);
  });
});

describe('what was retained of a device', () => {
  test('is no news to a session when the next hub puts it back', async () => {
    const { lamp = '' } = Object.fromEntries(await hub.addDevices({ id: 'lamp' }));
    const device = await connectDevice(hub, 'lamp', lamp);
    const said = Buffer.from(status.encode({ boot: 1, sess: 1, st: STATUS.online }));
    await device.mqtt.publishAsync(upTopic('home', 'lamp', 'status'), said, { qos: 1, retain: true });
    const watcher = (await keep('watcher')).acknowledge();
    await watcher.subscribe(1, 'iot/1/home/+/up/#', 'r/8');
    await watcher.untilText(String(said));
    await watcher.disconnect();
    await device.end();
    await hub.restart();
    await say('r/8', ['end']);
    const client = (await keep('watcher')).acknowledge();
    await client.untilText('end');
    expect(client.texts.filter((text) => text === String(said))).toEqual([]);
  });
});

describe('what happened while no hub ran is held to by the next', () => {
  const restarted = async (
    id: string,
    meanwhile: (context: CommandContext) => Promise<unknown>,
  ): Promise<RawClient> => {
    await leave(id, `${id}/a`, `${id}/b`);
    await say(`${id}/a`, ['a1']);
    await say(`${id}/b`, ['b1']);
    await hub.restart(meanwhile);
    return (await keep(id)).acknowledge();
  };

  test.each<[string, string, (context: CommandContext) => Promise<unknown>]>([
    [
      'its service is another one of the same name',
      'anew',
      async ({ store }) => {
        const service = await store.service('anew');
        if (!service) throw new Error('there is no such service');
        await store.removeService('anew');
        await store.createService({ ...service, createdAt: service.createdAt + 1 });
      },
    ],
    [
      'its service is disabled, and enabled when the hub runs',
      'disabled',
      ({ store }) => store.changeService('disabled', { disabled: 1 }),
    ],
  ])('a session is gone where %s', async (_what, id, meanwhile) => {
    await leave(id, `${id}/a`);
    await hub.restart(meanwhile);
    await hub.log.line(new RegExp(`"@${id}/${id}" of @${id} ended: @${id} may not connect any more`));
    await hub.restart(({ store }) => store.changeService(id, { disabled: 0 }));
    expect(isPresent(await keep(id))).toBe(false);
  });

  test('where its service may receive less, a session has no more than that', async () => {
    const client = await restarted('narrowed', ({ store }) =>
      store.changeService('narrowed', { subscribe: ['narrowed/b'] }),
    );
    for (const topic of ['narrowed/a', 'narrowed/b']) await say(topic, [`${topic} now`]);
    await client.untilText('narrowed/b now');
    expect([isPresent(client), client.texts]).toEqual([true, ['b1', 'narrowed/b now']]);
  });
});

test('a session whose rows are broken ends, with one line in the log, and the others live', async () => {
  await leave('broken', 'r/10');
  await leave('sound', 'r/10');
  await say('r/10', ['one', 'two']);
  await hub.restart(async ({ folder }) => {
    const db = new DatabaseSync(join(folder.path, STORE_FILE));
    db.exec(`UPDATE keptDelivery SET packetId = 9 WHERE session =
      (SELECT number FROM keptSession WHERE clientId = '@broken/broken')`);
    db.close();
  });
  const about = hub.log.lines.filter((line) => line.includes('@broken/broken'));
  expect(about.at(-1)).toMatch(/could not be taken up, and ends: a packet identifier is stored twice/);
  const [broken, sound] = [await keep('broken'), (await keep('sound')).acknowledge()];
  await sound.untilText('two');
  expect([isPresent(broken), isPresent(sound), sound.texts]).toEqual([false, true, ['one', 'two']]);
});

// The last one: access tokens are not for a hub whose time is another.
test('a session ends when its client has been away for too long, through whichever hubs, and leaves nothing', async () => {
  await leave('long', 'r/9');
  await leave('longer', 'r/9');
  await say('r/9', ['missed']);
  passed += 4 * DAY;
  await hub.restart();
  const client = await keep('long');
  await client.disconnect();
  passed += 3 * DAY;
  await hub.restart();
  await hub.log.line(/the session "@longer\/longer" of @longer ended: its client was away for 7 days/);
  const here = await keep('long');
  expect(isPresent(here)).toBe(true);
  await hub.restart(async ({ store }) => {
    const { sessions } = await store.keptSessions();
    expect(sessions.map(({ clientId }) => clientId)).toContain('@long/long');
    expect(sessions.map(({ clientId }) => clientId)).not.toContain('@longer/longer');
  });
});
