import { uptime } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  desc,
  downFilter,
  requestTopic,
  rqCmd,
  status,
  STATUS,
  tokenTopic,
  TYPE,
  upTopic,
} from '#firmware-protocol';
import { ACCESS_TOKEN_LIFE } from '#broker/auth/keys.ts';
import { Clock } from '#broker/clock.ts';
import type { ToldDevice } from '#broker/contract/device.ts';
import type { Issued } from '#broker/contract/credential.ts';
import { ApiClient } from '../support/api-client.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connect, connectDevice, TestOperator } from '../support/mqtt-client.ts';
import { own, signInByCode } from '../support/sign-in.ts';
import { ask } from '../support/https.ts';

/** Whoever was sent away has no say any more: not by what is still on its way, and not by a will. */

let hub: TestHub;
/** How much time has passed beyond what the tests took, in ms. */
let passed = 0;
const clock = new Clock({
  wall: () => Date.now() + passed,
  awake: () => performance.now() + passed,
  since: () => uptime() * 1_000 + passed,
});
let owner: ApiClient;
let operator: TestOperator;

beforeAll(async () => {
  hub = await startTestHub(undefined, undefined, clock);
  owner = await ApiClient.as(hub);
  operator = await TestOperator.connect(hub);
});
afterAll(async () => {
  await operator.client.end();
  await hub.close();
});

const LIGHT = { pid: 1, key: 'on', type: TYPE.bool, flags: 1 };
const describedAs = (model: string) =>
  Buffer.from(desc.encode({ proto: [1, 0], model, fw: '1', props: [LIGHT] }));
const command = Buffer.from(
  rqCmd.encode({ id: new Uint8Array(8).fill(9), ttl: 1_000, vals: new Map([[1, true]]) }),
);
const saying = (st: number, sess = 1) => Buffer.from(status.encode({ boot: 1, st, sess }));

test.each(['a person', 'a service'])('%s cannot leave a command behind as a will', async (who) => {
  const id = who.replace(' ', '-');
  let password: string;
  if (who === 'a person') {
    await hub.addPerson(id, 'operator');
    password = await hub.token(id);
  } else {
    password = (await owner.post<{ token: string }>('/services', { id, publish: ['#'] })).token;
  }
  for (const topic of [requestTopic('home', 'lamp', 'cmd'), tokenTopic('home')]) {
    const will = { topic, payload: command, qos: 1 } as const;
    const connecting = connect(hub, { username: `@${id}`, password, will });
    if (topic === tokenTopic('home') && who === 'a service') (await connecting).mqtt.end(true);
    else await expect(connecting).rejects.toMatchObject({ code: 4 });
  }
});

test('the will of a service that was removed is nowhere', async () => {
  const { token } = await owner.post<{ token: string }>('/services', { id: 'gone', publish: ['#'] });
  const will = { topic: 'ha/gone', payload: Buffer.from('boo'), qos: 1, retain: true } as const;
  const client = await connect(hub, { username: '@gone', password: token, will });
  const closed = client.closed();
  await owner.ask('DELETE', '/services/gone');
  await closed;
  await hub.log.line(/^@gone disconnected/);
  const watch = await owner.post<{ token: string }>('/services', {
    id: 'watch',
    publish: ['#'],
    subscribe: ['#'],
  });
  const watcher = await connect(hub, { username: '@watch', password: watch.token });
  await watcher.mqtt.subscribeAsync('ha/#', { qos: 1 });
  await watcher.mqtt.publishAsync('ha/last', 'x', { qos: 1 });
  await watcher.until((received) => received.find(({ topic }) => topic === 'ha/last'));
  expect(watcher.received.map(({ topic }) => topic)).toEqual(['ha/last']);
  await watcher.end();
});

describe('a device', () => {
  const lastWord = (id: string, channel: 'status' | 'desc', payload: Buffer) => ({
    will: { topic: upTopic('home', id, channel), payload, qos: 1, retain: true } as const,
  });

  test('that was disabled is told to be gone by its will', async () => {
    const { secret = '' } = await owner.post<Issued>('/devices', { id: 'lamp1' });
    const client = await connectDevice(
      hub,
      'lamp1',
      secret,
      lastWord('lamp1', 'status', saying(STATUS.lost)),
    );
    await client.mqtt.publishAsync(upTopic('home', 'lamp1', 'status'), saying(STATUS.online), { qos: 1 });
    await operator.untilDevice('lamp1', ({ st }) => st === STATUS.online);
    const closed = client.closed();
    await owner.ask('PATCH', '/devices/lamp1/credential', { disabled: true });
    await closed;
    await operator.untilDevice('lamp1', ({ st }) => st === STATUS.lost);
  });

  test('that was removed does not describe the one that takes its id', async () => {
    const { secret = '' } = await owner.post<Issued>('/devices', { id: 'lamp2' });
    const old = await connectDevice(hub, 'lamp2', secret, lastWord('lamp2', 'desc', describedAs('Old lamp')));
    const closed = old.closed();
    await owner.ask('DELETE', '/devices/lamp2');
    await owner.post<Issued>('/devices', { id: 'lamp2' });
    await closed;
    await hub.log.line(/^lamp2 disconnected/);
    const told = await owner.get<ToldDevice>('/devices/lamp2');
    expect([told.presence, told.model]).toEqual(['never', undefined]);
  });

  test('is not of another model by a hash that the hub knows', async () => {
    const other = await owner.post<Issued>('/devices', { id: 'lock' });
    const lock = await connectDevice(hub, 'lock', other.secret ?? '');
    await lock.mqtt.subscribeAsync(downFilter('home', 'lock'), { qos: 1 });
    await lock.mqtt.publishAsync(upTopic('home', 'lock', 'status'), saying(STATUS.online), { qos: 1 });
    await lock.mqtt.publishAsync(upTopic('home', 'lock', 'desc'), describedAs('Door lock'), { qos: 1 });
    const { dhash } = await operator.untilDevice('lock', (device) => device.dhash !== undefined);
    const claim = { name: 'lamps', uses: 1, expiresAt: Date.now() + 60_000, model: 'Desk lamp' };
    const { token } = await owner.post<{ token: string }>('/claims', claim);
    const bearer = { Authorization: `Bearer ${token}` };
    const answer = await ask(hub, 'POST', '/api/provision', bearer, { id: 'sly', model: 'Desk lamp' });
    const { secret = '' } = JSON.parse(answer.body) as Issued;
    const sly = await connectDevice(hub, 'sly', secret);
    await sly.mqtt.subscribeAsync(downFilter('home', 'sly'), { qos: 1 });
    const pretends = Buffer.from(status.encode({ boot: 1, seq: 1, st: STATUS.online, sess: 1, dhash }));
    await sly.mqtt.publishAsync(upTopic('home', 'sly', 'status'), pretends, { qos: 1 });
    await operator.untilDevice('sly', ({ st }) => st === STATUS.online);
    expect((await owner.get<ToldDevice>('/devices/sly')).model).toBeUndefined();
    for (const client of [sly, lock]) await client.end();
  });
});

test('a link does not last longer because somebody else renews the session that it was made with', async () => {
  await hub.addPerson('ada', 'viewer');
  const { session, cookie } = await signInByCode(hub, 'ada');
  const link = await connect(hub, { username: '@ada', password: session.accessToken });
  const closed = link.closed();
  passed += ACCESS_TOKEN_LIFE - 60_000;
  const answer = await ask(hub, 'POST', '/api/session/refresh', { ...own(hub), Cookie: cookie });
  expect(answer.status).toBe(200);
  passed += 120_000;
  await closed;
  await hub.log.line(/^@ada disconnected: its access has run out/);
});
