import { once } from 'node:events';
import { generate } from 'mqtt-packet';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import {
  ACK,
  ack,
  cmd,
  COMMAND,
  desc,
  FLAG,
  requestTopic,
  rqCancel,
  rqCmd,
  status,
  STATUS,
  TYPE,
  upTopic,
} from '#firmware-protocol';
import { audit, type Audit } from '#broker/contract/audit.ts';
import type { ToldSchedule } from '#broker/contract/schedule.ts';
import { ApiClient } from '../support/api-client.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { ask } from '../support/https.ts';
import { connectDevice, TestOperator, type TestClient } from '../support/mqtt-client.ts';

let hub: TestHub;
let owner: ApiClient;
let lamp: TestClient;
let operator: TestOperator;

beforeAll(async () => {
  hub = await startTestHub();
  const secrets = await hub.addDevices({ id: 'lamp' });
  owner = await ApiClient.as(hub);
  operator = await TestOperator.connect(hub);
  lamp = await connectDevice(hub, 'lamp', secrets.get('lamp') ?? '');
  await lamp.mqtt.subscribeAsync('iot/1/home/lamp/dn/#', { qos: 1 });
  const say = (channel: 'status' | 'desc', payload: Uint8Array) =>
    lamp.mqtt.publishAsync(upTopic('home', 'lamp', channel), Buffer.from(payload), { qos: 1 });
  await say('status', status.encode({ boot: 1, sess: 1, st: STATUS.online }));
  const light = { pid: 1, key: 'on', type: TYPE.bool, flags: FLAG.writable };
  await say('desc', desc.encode({ proto: [1, 0], model: 'lamp', fw: '1', props: [light] }));
  await operator.untilDevice('lamp', ({ st, dhash }) => st === STATUS.online && !!dhash);
});
afterAll(async () => {
  await lamp.end();
  await operator.client.end();
  await hub.close();
});

const entriesOf = async (query: string): Promise<Audit['entries']> =>
  audit.parse(await owner.get(`/audit?limit=1000&${query}`)).entries;

const idOf = (number: number): Buffer => Buffer.from(number.toString(16).padStart(16, '0'), 'hex');
const isId = (number: number, id: Uint8Array): boolean => idOf(number).equals(id);
const switchOn = (number: number) => ({ id: idOf(number), ttl: 10_000, vals: new Map([[1, true]]) });

/** Resolves once the lamp is told of a command. */
const reachesLamp = (number: number) =>
  lamp.until((received) =>
    received.find(({ topic, payload }) => topic.endsWith('/dn/cmd') && isId(number, cmd.decode(payload).id)),
  );

/** The lamp says that it has done it. */
const answer = (number: number) =>
  lamp.mqtt.publishAsync(
    upTopic('home', 'lamp', 'ack'),
    Buffer.from(ack.encode({ boot: 1, seq: number, t: 0, id: idOf(number), st: ACK.done })),
    { qos: 1 },
  );

const packet = (channel: 'cmd' | 'cancel', payload: Uint8Array): Buffer =>
  generate({
    cmd: 'publish',
    topic: requestTopic('home', 'lamp', channel),
    payload: Buffer.from(payload),
    qos: 0,
    dup: false,
    retain: false,
  });

test('a command is in the audit by the time that its device hears of it', async () => {
  for (const number of [0xa1, 0xa2, 0xa3]) {
    await operator.command('lamp', switchOn(number));
    await reachesLamp(number);
    const [latest] = await entriesOf('action=command');
    expect(latest).toMatchObject({
      who: '@owner',
      subject: 'lamp',
      detail: { id: idOf(number).toString('hex'), set: { on: true } },
    });
    await answer(number);
  }
});

test('a flood of requests over one link washes nothing out of the audit', async () => {
  const { token } = await owner.post<{ token: string }>('/services', { id: 'flood', publish: ['#'] });
  const socket = new WebSocket(hub.wss, 'mqtt', { ca: hub.ca });
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  const user = { clientId: 'flood', username: '@flood', password: Buffer.from(token) };
  socket.send(generate({ cmd: 'connect', keepalive: 0, ...user }));
  await once(socket, 'message');

  const commands = Array.from({ length: 30 }, (_, at) => 0xf000 + at);
  const packets = commands.map((number) => {
    const cancels = Array.from({ length: 1_000 }, (_, at) =>
      packet('cancel', rqCancel.encode({ id: idOf(number * 0x10000 + at) })),
    );
    return Buffer.concat([packet('cmd', rqCmd.encode(switchOn(number))), ...cancels]);
  });
  for (const some of packets) socket.send(some);
  const last = commands.at(-1) ?? 0;
  await operator.untilCommand(idOf(last), COMMAND.created, COMMAND.sent, COMMAND.rejected);
  const noted = await entriesOf('who=@flood');
  expect(noted.map(({ action, detail }) => [action, (detail as { id: string }).id]).reverse()).toEqual(
    commands.map((number) => ['command', idOf(number).toString('hex')]),
  );
});

test('a schedule does not command in the name of somebody who was removed or may less by now', async () => {
  await hub.addPerson('bob', 'operator');
  await hub.addPerson('kim', 'operator');
  const { token } = await owner.post<{ token: string }>('/services', { id: 'timer', role: 'operator' });
  const at = Date.now() + 1_500;
  const plan = { when: { at }, batch: { selection: { all: true }, set: { on: true } } };
  const make = async (name: string, authorization: string): Promise<string> => {
    const { body } = await ask(hub, 'POST', '/api/schedules', { authorization }, { name, plan });
    return (JSON.parse(body) as { id: string }).id;
  };
  const made = new Map<string, string>();
  for (const person of ['bob', 'kim', 'owner']) {
    made.set(`@${person}`, await make(person, `Bearer ${await hub.token(person)}`));
  }
  made.set('@timer', await make('timer', `Bearer ${token}`));
  await owner.ask('DELETE', '/people/bob');
  await owner.ask('PATCH', '/people/kim', { role: 'viewer' });
  await owner.ask('PATCH', '/services/timer', { disabled: true });

  await expect.poll(() => entriesOf('action=schedule.run'), { timeout: 10_000 }).toHaveLength(4);
  const said = new Map((await entriesOf('action=schedule.run')).map((entry) => [entry.who, entry]));
  const why = (reason: string) => expect.stringContaining(reason) as string;
  for (const [who, expected] of [
    ['@bob', { outcome: 'failed', msg: why('@bob, in whose name it runs, was removed') }],
    ['@kim', { outcome: 'failed', msg: why('has no longer the role operator') }],
    ['@timer', { outcome: 'failed', msg: why('is disabled') }],
    ['@owner', { outcome: 'started', batch: why('') }],
  ] as const) {
    const id = made.get(who) ?? '';
    expect(said.get(who)).toMatchObject({ subject: id, detail: { name: who.slice(1), ...expected } });
    expect((await owner.get<ToldSchedule>(`/schedules/${id}`)).runs).toMatchObject([
      { due: at, ...expected },
    ]);
  }
  const { batches } = await owner.get<{ batches: { who: string }[] }>('/batches');
  expect(batches.map(({ who }) => who)).toEqual(['@owner']);
});

test('what a schedule is to do stands in the audit, in short', async () => {
  const plan = (fields: object) => ({
    when: { cron: '0 22 * * *', zone: 'Asia/Seoul' },
    batch: { selection: { ids: ['lamp'] }, ...fields },
  });
  const set = { name: 'Evening', plan: plan({ set: { on: false } }) };
  const run = { name: 'Night', enabled: false, plan: plan({ run: { action: 'blink', args: [3] } }) };
  const { id } = await owner.post<ToldSchedule>('/schedules', set);
  await owner.ask('PUT', `/schedules/${id}`, run);
  const details = (await entriesOf(`action=schedule.save&subject=${id}`)).map(({ detail }) => detail);
  const inShort = { selection: { ids: 1 }, ttl: 10_000, wait: false, concurrency: 1_000 };
  const when = { cron: '0 22 * * *', zone: 'Asia/Seoul' };
  expect(details).toEqual([
    { name: 'Night', enabled: false, when, batch: { ...inShort, run: { action: 'blink', args: [3] } } },
    { name: 'Evening', enabled: true, when, batch: { ...inShort, set: { on: false } } },
  ]);
});
