import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DOWN, FEED_CHANNELS, REQUEST, UP } from '#firmware-protocol';
import { ROLES } from '#broker/contract/session.ts';
import { TOPICS, type Party, type Rights } from '#broker/permission/topics.ts';
import { ApiClient } from '../support/api-client.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connect, type TestClient } from '../support/mqtt-client.ts';

/**
 * Every topic that the table of permissions can mean, for one's own and for foreign devices and tenants; and some that it
 * cannot. What somebody may is told by the table; that the hub holds to it, by links to it.
 */

const OWN = { tenant: 'home', self: 'lamp' };
const FOREIGN = { tenant: 'away', device: 'plug' };

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  '{tenant}': [OWN.tenant, FOREIGN.tenant],
  '{self}': [OWN.self, FOREIGN.device],
  '{device}': [OWN.self, FOREIGN.device],
  '{up}': UP,
  '{down}': DOWN,
  '{request}': REQUEST,
  '{feed}': FEED_CHANNELS,
  '{free}': ['zigbee', 'homeassistant', ''],
  '#': ['x', 'x/y'],
};

/** All topics that a pattern means, each with whether it is one's own. */
function instances(pattern: string): { topic: string; isOwn: boolean }[] {
  let made = [{ topic: '', isOwn: true }];
  for (const [at, level] of pattern.split('/').entries()) {
    const choices = CHOICES[level] ?? [level];
    made = made.flatMap(({ topic, isOwn }) =>
      choices.map((choice) => ({
        topic: at === 0 ? choice : `${topic}/${choice}`,
        isOwn:
          isOwn &&
          (level !== '{tenant}' || choice === OWN.tenant) &&
          (level !== '{self}' || choice === OWN.self),
      })),
    );
  }
  return made;
}

const ODD = [
  'iot/1/home/lamp/up/other',
  'iot/1/home/lamp/up',
  'iot/1/home/lamp/up/tele/x',
  'iot/1/home//up/tele',
  'iot/1/home/LAMP/up/tele',
  'iot/1/home/@fleet/rq/cmd',
  'iot/1/home/@hub/up/tele',
  'iot/2/home/lamp/up/tele',
  'iot/1',
  '$SYS/broker/clients',
  '$share/g/iot/1/home/lamp/up/tele',
];

const PARTIES = Object.keys(TOPICS) as Party[];
const rows = (verb: keyof Rights): [Party, string][] =>
  PARTIES.flatMap((party) => TOPICS[party][verb].map((pattern): [Party, string] => [party, pattern]));

const EVERY_TOPIC = [
  ...new Set([
    ...[...rows('publish'), ...rows('receive')].flatMap(([, pattern]) =>
      instances(pattern).map(({ topic }) => topic),
    ),
    ...ODD,
  ]),
];

const allowedTo = (party: Party, verb: keyof Rights): ReadonlySet<string> =>
  new Set(
    TOPICS[party][verb]
      .flatMap(instances)
      .filter(({ isOwn }) => isOwn)
      .map(({ topic }) => topic),
  );

let hub: TestHub;
const credentials = new Map<Party, { username: string; password: string }>();

beforeAll(async () => {
  hub = await startTestHub();
  const admin = await ApiClient.as(hub);
  const { secret = '' } = await admin.post<{ secret?: string }>('/devices', { id: OWN.self });
  await admin.post('/devices', { id: FOREIGN.device });
  credentials.set('device', { username: 'home/lamp', password: secret });
  for (const role of ROLES) {
    await hub.addPerson(`a-${role}`, role);
    credentials.set(role, { username: `@a-${role}`, password: await hub.token(`a-${role}`) });
  }
  const all = { id: 'all', publish: ['#'], subscribe: ['#'] };
  const { token } = await admin.post<{ token: string }>('/services', all);
  credentials.set('service', { username: '@all', password: token });
});
afterAll(() => hub.close());

const link = (party: Party): Promise<TestClient> => connect(hub, credentials.get(party) as never);

/** Whether the hub takes a publication: it acknowledges it, or ends the link. */
async function takes(client: TestClient, topic: string): Promise<boolean> {
  const closed = client.closed().then(() => false);
  const acknowledged = client.mqtt.publishAsync(topic, Buffer.from('x'), { qos: 1 }).then(() => true);
  acknowledged.catch(() => undefined);
  return Promise.race([closed, acknowledged.catch(() => closed)]);
}

describe.each(PARTIES)('a link of: %s', (party) => {
  // A renewal with what is no token ends the link, whoever sends it: live-access.test.ts has the good ones.
  test.each(EVERY_TOPIC.filter((topic) => !topic.endsWith('/rq/token')))('publishes to %s', async (topic) => {
    const client = await link(party);
    expect(await takes(client, topic)).toBe(allowedTo(party, 'publish').has(topic));
    await client.end();
  });

  test('subscribes to what it may, topic by topic', async () => {
    const client = await link(party);
    // What a service may subscribe to are its own filters; what it may receive is below.
    const own = allowedTo(party, 'receive');
    const may = (topic: string) => (party === 'service' ? !topic.startsWith('$') : own.has(topic));
    for (const topic of EVERY_TOPIC) {
      const granted = await client.mqtt.subscribeAsync(topic, { qos: 1 }).then(
        (answers) => answers.every(({ qos }) => qos < 128),
        () => false,
      );
      expect([topic, granted]).toEqual([topic, may(topic)]);
    }
    await client.end();
  });

  const WIDE = [
    '#',
    '+/#',
    'iot/#',
    'iot/1/+/+/up/#',
    'iot/1/home/#',
    'iot/1/home/+/+/+',
    'iot/1/home/+/dn/#',
    '$SYS/#',
  ];
  const WIDE_FOR: Partial<Record<Party, readonly string[]>> = {
    service: WIDE.filter((filter) => filter !== '$SYS/#'),
  };

  test.each(WIDE)('subscribes to %s', async (filter) => {
    const client = await link(party);
    const granted = await client.mqtt.subscribeAsync(filter, { qos: 1 }).then(
      (answers) => answers.every(({ qos }) => qos < 128),
      () => false,
    );
    expect(granted).toBe(WIDE_FOR[party]?.includes(filter) ?? false);
    await client.end();
  });
});

test('of all that is published, a service with every filter receives what the table allows, and no more', async () => {
  const watcher = await link('service');
  await watcher.mqtt.subscribeAsync('#', { qos: 1 });
  const lamp = await link('device');
  await lamp.mqtt.subscribeAsync('iot/1/home/lamp/dn/#', { qos: 1 });
  await lamp.until((received) => received.find(({ topic }) => topic.endsWith('/dn/ctl')));
  const operator = await link('operator');
  await operator.mqtt.publishAsync('iot/1/home/lamp/rq/cmd', Buffer.from('x'), { qos: 1 });
  const talker = await link('service');
  await talker.mqtt.publishAsync('zigbee/last', 'x', { qos: 1 });
  await watcher.until((received) => received.find(({ topic }) => topic === 'zigbee/last'));
  const { receive } = TOPICS.service;
  const allowed = new RegExp(
    `^(${receive
      .map((pattern) =>
        pattern
          .replaceAll('{tenant}', 'home')
          .replace('{free}/#', '(?!iot/|\\$).*')
          .replaceAll(/\{\w+\}/g, '[a-z-]+'),
      )
      .join('|')})$`,
  );
  for (const { topic } of watcher.received) expect(topic).toMatch(allowed);
  for (const client of [watcher, lamp, operator, talker]) await client.end();
});
