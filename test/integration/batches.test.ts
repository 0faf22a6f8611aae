import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BATCH, evBatch, feedTopic, STATUS, type BatchDelta } from '#firmware-protocol';
import { toldBatch, toldCommand, type ToldBatch, type ToldCommand } from '#broker/contract/batch.ts';
import { ApiClient } from '../support/api-client.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { TestOperator } from '../support/mqtt-client.ts';
import { TestSimulator } from '../support/simulator.ts';

const LAMPS = Array.from({ length: 40 }, (_, at) => `lamp-${String(at).padStart(2, '0')}`);

let hub: TestHub;
let simulator: TestSimulator;
let operator: TestOperator;
let api: ApiClient;

beforeAll(async () => {
  hub = await startTestHub();
  simulator = await TestSimulator.start(hub, [
    ...LAMPS.map((id) => ({ id, kind: 'lamp' as const })),
    { id: 'heating', kind: 'thermostat' },
  ]);
  await hub.addDevices({ id: 'unplugged' });
  await watch();
  api = await ApiClient.as(hub);
  await api.ask('PUT', '/groups/lamps', { selection: { model: 'sim-lamp' } });
});

afterAll(async () => {
  await operator.client.end();
  await simulator.stop();
  simulator.remove();
  await hub.close();
});

/** Watches the hub, once all devices are there. */
async function watch(): Promise<void> {
  operator = await TestOperator.connect(hub);
  await operator.client.mqtt.subscribeAsync(feedTopic('home', 'batch'));
  for (const id of [...LAMPS, 'heating']) {
    await operator.untilDevice(id, ({ st, dhash, vals }) => st === STATUS.online && !!dhash && !!vals?.size);
  }
}

const told = (id: string): BatchDelta[] =>
  operator.client.received
    .filter(({ topic }) => topic === feedTopic('home', 'batch'))
    .flatMap(({ payload }) => evBatch.decode(payload).batches)
    .filter((batch) => Buffer.from(batch.id).toString('hex') === id);

/** Waits until the feed tells what `is` wants of a batch, and asks the API for it. */
async function until(id: string, is: (batch: BatchDelta) => boolean): Promise<ToldBatch> {
  await operator.client.until(() => told(id).find(is));
  return toldBatch.parse(await api.get(`/batches/${id}`));
}
const ended = (id: string) => until(id, ({ st }) => st !== BATCH.running);

const commandsOf = async (id: string, query = ''): Promise<ToldCommand[]> => {
  const { commands } = await api.get<{ commands: unknown[] }>(`/batches/${id}/commands${query}`);
  return commands.map((command) => toldCommand.parse(command));
};

const start = (fields: object) => api.post<ToldBatch>('/batches', fields);

describe('one request for many', () => {
  test('is done by each device, and the feed tells how far it is', async () => {
    const { id, state, devices } = await start({
      name: 'half light',
      selection: { group: 'lamps' },
      set: { brightness: 50, colour: '#102030' },
      concurrency: 7,
    });
    expect([state, devices]).toEqual(['running', LAMPS.length]);
    expect(await ended(id)).toMatchObject({
      state: 'done',
      name: 'half light',
      tally: { done: LAMPS.length },
    });
    const devs = await api.get<{ devices: { values: object }[] }>('/devices?group=lamps');
    for (const { values } of devs.devices)
      expect(values).toMatchObject({ brightness: 50, colour: '#102030' });
    for (const { tally, n } of told(id)) expect(tally.reduce((sum, each) => sum + each)).toBe(n);
    expect((await commandsOf(id, '?state=done')).map(({ device }) => device)).toEqual(LAMPS);
    expect(await commandsOf(id, '?state=failed')).toEqual([]);
  });

  test('runs an action', async () => {
    const { id } = await start({ selection: { group: 'lamps' }, run: { action: 'identify' } });
    expect((await ended(id)).tally).toEqual({ done: LAMPS.length });
    expect((await commandsOf(id))[0]?.run).toEqual({ action: 'identify', args: [] });
  });

  test('makes persistent properties wishes', async () => {
    const { id } = await start({ selection: { ids: ['heating'] }, set: { setpoint: 23.5 } });
    expect((await ended(id)).tally).toEqual({ done: 1 });
    expect(await commandsOf(id)).toMatchObject([{ wish: true, set: { setpoint: 23.5 }, state: 'done' }]);
    expect(await api.get('/devices/heating')).toMatchObject({
      values: { setpoint: 23.5 },
      wanted: { setpoint: 23.5 },
    });
  });

  test('says of each device why it could not, and does not repeat it where none of those can', async () => {
    const set = { brightness: 60 };
    const { id } = await start({ selection: { all: true }, set });
    expect((await ended(id)).tally).toEqual({ done: LAMPS.length, rejected: 2 });
    expect(await commandsOf(id, '?state=rejected')).toMatchObject([
      { device: 'heating', code: 5, msg: 'the device has no property "brightness"', set, wish: false },
      { device: 'unplugged', code: 14, msg: 'the device has not described itself yet', set, wish: false },
    ]);
    expect(await api.refusal('POST', `/batches/${id}/retry`, {})).toMatchObject({
      status: 400,
      message: 'the device has no property "brightness" (2 devices, none can do it)',
    });
  });

  test('asked twice with one id happens once', async () => {
    const request = { id: '00112233445566aa', selection: { group: 'lamps' }, set: { brightness: 20 } };
    const [one, two] = await Promise.all([start(request), start(request)]);
    expect([one.id, two.id]).toEqual([request.id, request.id]);
    await ended(one.id);
    await start(request);
    expect(
      (await commandsOf(one.id)).every(
        ({ steps }) => steps.filter(({ state }) => state === 'sent').length === 1,
      ),
    ).toBe(true);
    expect(await api.refusal('POST', '/batches', { ...request, set: { brightness: 21 } })).toMatchObject({
      status: 409,
      code: 'conflict',
    });
  });
});

describe('ending early', () => {
  test('a canary stops at the first failure, and nobody else is asked', async () => {
    const { id } = await start({
      selection: { ids: ['heating', ...LAMPS] },
      set: { brightness: 70 },
      concurrency: 1,
      stopAt: 0,
    });
    const batch = await until(id, ({ st, tally, n }) => st === BATCH.stopped && (tally[10] ?? 0) + 1 === n);
    expect(batch).toMatchObject({ state: 'stopped', tally: { rejected: 1, cancelled: LAMPS.length } });
    expect(batch.msg).toBe('1 of 41 devices failed, which is more than 0 %');
    const [last] = await commandsOf(id, '?state=cancelled&limit=1');
    expect(last?.steps.map(({ state }) => state)).toEqual(['created', 'cancelled']);
  });

  test('cancelling withdraws what has not begun', async () => {
    const { id } = await start({ selection: { group: 'lamps' }, set: { brightness: 80 }, rate: 5 });
    await until(id, ({ tally }) => (tally[3] ?? 0) >= 1);
    expect(await api.post(`/batches/${id}/cancel`)).toMatchObject({
      state: 'cancelled',
      msg: 'cancelled by @owner',
    });
    const over = await until(id, ({ tally, n }) => (tally[3] ?? 0) + (tally[10] ?? 0) === n);
    expect(over.tally.cancelled).toBeGreaterThan(20);
    expect(over.tally.done).toBeGreaterThanOrEqual(1);
  });
});

describe('devices that are away', () => {
  test('are refused, or waited for, as the request says', async () => {
    await simulator.stop('SIGKILL');
    for (const id of LAMPS) await operator.untilDevice(id, ({ st }) => st === STATUS.lost);
    const refused = await start({ selection: { group: 'lamps' }, set: { brightness: 30 } });
    expect((await ended(refused.id)).tally).toEqual({ rejected: LAMPS.length });
    const patient = await start({
      selection: { group: 'lamps' },
      set: { brightness: 31 },
      wait: true,
      ttl: 600_000,
      concurrency: 3,
    });
    simulator = simulator.again();
    expect((await ended(patient.id)).tally).toEqual({ done: LAMPS.length });
  });
});

test('a hub that starts again goes on with a batch, and asks no device twice', async () => {
  const { id } = await start({ selection: { group: 'lamps' }, set: { brightness: 90 }, rate: 20 });
  await until(id, ({ tally }) => (tally[3] ?? 0) >= 5);
  await operator.client.end();
  await hub.restart();
  await watch();
  const batch = await ended(id);
  expect(batch).toMatchObject({ state: 'done', devices: LAMPS.length });
  const commands = await commandsOf(id);
  for (const { steps } of commands) {
    expect(steps.filter(({ state }) => state === 'sent').length).toBeLessThanOrEqual(1);
  }
  // What was under way when the hub went may have ended unheard; nobody was refused for the hub's own absence.
  expect(batch.tally.rejected).toBeUndefined();
  expect(commands.filter(({ state }) => state === 'done').length).toBeGreaterThanOrEqual(LAMPS.length - 5);
});
