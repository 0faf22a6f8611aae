import { afterAll, beforeAll, expect, test } from 'vitest';
import { withStore } from '#broker/commands/open-store.ts';
import type { ToldBatch } from '#broker/contract/batch.ts';
import { toldSchedule, type ToldSchedule } from '#broker/contract/schedule.ts';
import { evBatch, feedTopic, STATUS } from '#firmware-protocol';
import { ApiClient } from '../support/api-client.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { TestOperator } from '../support/mqtt-client.ts';
import { TestSimulator } from '../support/simulator.ts';

let hub: TestHub;
let simulator: TestSimulator;
let api: ApiClient;

beforeAll(async () => {
  hub = await startTestHub();
  simulator = await TestSimulator.start(hub, [{ id: 'hall-lamp', kind: 'lamp' }]);
  api = await ApiClient.as(hub);
});

afterAll(async () => {
  await simulator.stop();
  simulator.remove();
  await hub.close();
});

const batch = { selection: { ids: ['hall-lamp'] }, set: { brightness: 12 } };

test('a schedule switches a lamp at its time, and tells of the run', async () => {
  const operator = await TestOperator.connect(hub);
  await operator.client.mqtt.subscribeAsync(feedTopic('home', 'batch'));
  await operator.untilDevice('hall-lamp', ({ st, dhash }) => st === STATUS.online && !!dhash);
  const at = Date.now() + 500;
  const { id } = await api.post<ToldSchedule>('/schedules', { name: 'soon', plan: { when: { at }, batch } });
  expect(await api.get(`/schedules/${id}`)).toMatchObject({
    next: at,
    runs: [],
    enabled: true,
    who: '@owner',
  });
  await operator.untilDevice('hall-lamp', ({ vals }) => [...(vals?.values() ?? [])].includes(12));
  const started = await operator.client.until((received) =>
    received
      .filter(({ topic }) => topic === feedTopic('home', 'batch'))
      .flatMap(({ payload }) => evBatch.decode(payload).batches)
      .find(({ name, tally }) => name === 'soon' && tally[3] === 1),
  );
  expect(started.since).toBeGreaterThanOrEqual(at);
  const told = toldSchedule.parse(await api.get(`/schedules/${id}`));
  expect(told.runs).toEqual([
    { due: at, outcome: 'started', batch: Buffer.from(started.id).toString('hex') },
  ]);
  expect(told).not.toHaveProperty('next');
  expect(await api.get<ToldBatch>(`/batches/${told.runs[0]?.batch}`)).toMatchObject({ who: '@owner' });
  await operator.client.end();
});

test('what was due while the hub was down is told as missed, and not done', async () => {
  // Half an hour from now: what has just been due would still be done.
  const minute = (new Date().getUTCMinutes() + 30) % 60;
  const { id } = await api.post<ToldSchedule>('/schedules', {
    name: 'hourly',
    plan: { when: { cron: `${minute} * * * *`, zone: 'Asia/Seoul' }, batch },
  });
  const { batches } = await api.get<{ batches: ToldBatch[] }>('/batches');
  // As if the hub had been down for the last three hours.
  const then = Date.now() - 3 * 3_600_000;
  await withStore({ data: hub.settings.data, port: 0, httpPort: 0 }, async ({ store }) => {
    const record = (await store.schedules()).find((schedule) => schedule.id === id);
    if (!record) throw new Error('it is stored');
    await store.saveSchedule({ ...record, doneUntil: then });
  });
  await hub.restart();
  await expect
    .poll(async () => (await api.get<ToldSchedule>(`/schedules/${id}`)).runs.map(({ outcome }) => outcome))
    .toEqual(['missed', 'missed', 'missed']);
  const after = await api.get<{ batches: ToldBatch[] }>('/batches');
  expect(after.batches.map((each) => each.id)).toEqual(batches.map((each) => each.id));
});

test('a schedule is replaced, put out of force and removed', async () => {
  const plan = { when: { cron: '0 22 * * *', zone: 'Asia/Seoul' }, batch };
  const { id, next } = await api.post<ToldSchedule>('/schedules', { name: 'Evening', plan });
  expect(new Date(next ?? 0).toISOString()).toMatch(/T13:00:00\.000Z$/);
  const resting = await api.ask<ToldSchedule>('PUT', `/schedules/${id}`, {
    name: 'Night',
    enabled: false,
    plan,
  });
  expect(resting).toMatchObject({ id, name: 'Night', enabled: false });
  expect(resting).not.toHaveProperty('next');
  const { schedules } = await api.get<{ schedules: ToldSchedule[] }>('/schedules');
  expect(schedules.map(({ name }) => name)).toContain('Night');
  expect((await api.raw('DELETE', `/schedules/${id}`)).status).toBe(204);
  for (const method of ['GET', 'DELETE'] as const) {
    expect(await api.refusal(method, `/schedules/${id}`)).toMatchObject({ status: 404, code: 'not_found' });
  }
});
