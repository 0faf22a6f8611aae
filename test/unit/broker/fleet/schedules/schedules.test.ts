import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { scheduleRequest } from '#broker/contract/schedule.ts';
import { batchIdOf } from '#broker/fleet/schedules/schedule-record.ts';
import { Schedules } from '#broker/fleet/schedules/schedules.ts';
import { StoreError } from '#broker/store/store-error.ts';
import { createLog } from '#broker/log/log.ts';
import { BatchBench } from '../batches/batch-bench.ts';

const HOUR = 3_600_000;
const at = (text: string): number => Date.parse(text);
/** Eight in the evening in Seoul. */
const START = at('2026-11-22T20:00+09:00');
const LIGHTS_OFF = at('2026-11-22T22:00+09:00');

let bench: BatchBench;
let schedules: Schedules;
let ids = 0;
/** Why nothing may be done in somebody's name any longer. */
let refusal: string | undefined;

const start = (): Schedules =>
  new Schedules({
    store: bench.store,
    batches: bench.batches,
    refusal: (who) => Promise.resolve(refusal && `${who} ${refusal}`),
    log: createLog('silent'),
    newId: () => `s${(ids += 1)}`,
    wake: () => undefined,
  });

beforeEach(async () => {
  ids = 0;
  refusal = undefined;
  bench = await BatchBench.with(2);
  schedules = start();
});
afterEach(() => bench.store.close());

const request = (when: object = { cron: '0 22 * * *', zone: 'Asia/Seoul' }, fields: object = {}) =>
  scheduleRequest.parse({
    name: 'Evening',
    plan: { when, batch: { selection: { all: true }, set: { on: false } } },
    ...fields,
  });
const create = (when?: object, fields?: object) => schedules.create(request(when, fields), '@ada', START);
/** Does what is due, and returns when the next is. */
async function run(now: number): Promise<number | undefined> {
  schedules.run(now);
  await schedules.idle();
  return schedules.run(now);
}
const audited = () => bench.store.audit({ limit: 100 });
const started = async () => (await bench.batches.list({ limit: 100 })).length;

describe('a run', () => {
  test('begins a batch when it is due, once, and says which', async () => {
    const { id, next } = await create();
    expect(next).toBe(LIGHTS_OFF);
    await run(LIGHTS_OFF - 1);
    expect(await started()).toBe(0);
    await run(LIGHTS_OFF + 3);
    await run(LIGHTS_OFF + 20_000);
    const told = await schedules.get(id);
    expect(told.runs).toEqual([{ due: LIGHTS_OFF, outcome: 'started', batch: batchIdOf(id, LIGHTS_OFF) }]);
    expect(told.next).toBe(LIGHTS_OFF + 24 * HOUR);
    expect(await bench.batches.list({ limit: 9 })).toMatchObject([
      { name: 'Evening', who: '@ada', devices: 2 },
    ]);
  });

  test('once at a time, and then no more', async () => {
    const { id } = await create({ at: LIGHTS_OFF });
    await run(LIGHTS_OFF);
    const told = await schedules.get(id);
    expect(told.runs).toHaveLength(1);
    expect(told).not.toHaveProperty('next');
    expect(await run(LIGHTS_OFF + HOUR)).toBeUndefined();
  });

  test('that is for nobody is reported as failed with the reason', async () => {
    bench.devices.map.clear();
    const { id } = await create();
    await run(LIGHTS_OFF);
    expect((await schedules.get(id)).runs).toEqual([
      { due: LIGHTS_OFF, outcome: 'failed', msg: 'no device is registered' },
    ]);
    expect(await audited()).toMatchObject([
      { detail: '{"name":"Evening","outcome":"failed","msg":"no device is registered"}' },
    ]);
  });

  test('stands in the audit once, in the name of whoever saved the schedule', async () => {
    const { id } = await create();
    await run(LIGHTS_OFF + 3);
    await run(LIGHTS_OFF + 20_000);
    const detail = { name: 'Evening', outcome: 'started', batch: batchIdOf(id, LIGHTS_OFF) };
    expect(await audited()).toEqual([
      {
        t: LIGHTS_OFF + 3,
        who: '@ada',
        address: '',
        action: 'schedule.run',
        subject: id,
        detail: JSON.stringify(detail),
      },
    ]);
  });

  test('is not begun in the name of somebody who may no longer command, and tells why', async () => {
    const { id } = await create();
    refusal = 'was removed';
    await run(LIGHTS_OFF);
    expect(await started()).toBe(0);
    const told = await schedules.get(id);
    expect(told.runs).toEqual([{ due: LIGHTS_OFF, outcome: 'failed', msg: '@ada was removed' }]);
    expect(told.next).toBe(LIGHTS_OFF + 24 * HOUR);
    expect(await audited()).toMatchObject([
      { action: 'schedule.run', detail: expect.stringContaining('@ada was removed') },
    ]);
    refusal = undefined;
    await run(LIGHTS_OFF + 24 * HOUR);
    expect(await started()).toBe(1);
  });

  test('is waited for', async () => {
    await create();
    expect(await run(START)).toBe(LIGHTS_OFF);
    expect(await run(LIGHTS_OFF)).toBe(LIGHTS_OFF + 24 * HOUR);
  });
});

describe('what was missed', () => {
  test('while the hub was down is reported and not begun', async () => {
    const { id } = await create();
    await run(START);
    schedules = start();
    await schedules.load();
    await run(LIGHTS_OFF + 25 * HOUR);
    expect(await audited()).toEqual([]);
    const { runs } = await schedules.get(id);
    expect(runs).toMatchObject([
      { due: LIGHTS_OFF + 24 * HOUR, outcome: 'missed' },
      { due: LIGHTS_OFF, outcome: 'missed' },
    ]);
    expect(await started()).toBe(0);
    await run(LIGHTS_OFF + 26 * HOUR);
    expect((await schedules.get(id)).runs).toHaveLength(2);
  });

  test('many times ends with one line that says how many', async () => {
    const { id } = await create({ cron: '*/5 * * * *', zone: 'UTC' });
    await run(START + 24 * HOUR + 60_000);
    const [last] = (await schedules.get(id)).runs;
    expect(last).toMatchObject({ outcome: 'missed', msg: '188 more were missed until then' });
    expect(await bench.store.runs(id, 1_000)).toHaveLength(101);
  });

  test('does not count what was due while it was not in force', async () => {
    const { id } = await create(undefined, { enabled: false });
    await run(LIGHTS_OFF + HOUR);
    const told = await schedules.replace(id, request(), '@bob', LIGHTS_OFF + HOUR);
    await run(LIGHTS_OFF + HOUR);
    expect(told.who).toBe('@bob');
    expect((await schedules.get(id)).runs).toEqual([]);
    expect(await started()).toBe(0);
  });
});

describe('a hub that is killed', () => {
  test('between the batch and the note of it begins it no second time', async () => {
    const { id } = await create();
    await bench.batches.start(
      { ...request().plan.batch, name: 'Evening', id: batchIdOf(id, LIGHTS_OFF) },
      '@ada',
      LIGHTS_OFF,
    );
    schedules = start();
    await schedules.load();
    refusal = 'was removed';
    await run(LIGHTS_OFF + 5_000);
    expect(await started()).toBe(1);
    expect((await schedules.get(id)).runs).toMatchObject([
      { outcome: 'started', batch: batchIdOf(id, LIGHTS_OFF) },
    ]);
  });

  test('and comes back later than a run may begin tells that it did begin', async () => {
    const { id } = await create();
    await bench.batches.start({ ...request().plan.batch, id: batchIdOf(id, LIGHTS_OFF) }, '@ada', LIGHTS_OFF);
    schedules = start();
    await schedules.load();
    await run(LIGHTS_OFF + HOUR);
    expect((await schedules.get(id)).runs).toMatchObject([{ outcome: 'started' }]);
    expect(await started()).toBe(1);
    expect(await audited()).toMatchObject([{ action: 'schedule.run', subject: id }]);
  });
});

describe('a clock that jumps', () => {
  test('forward over a run reports it as missed', async () => {
    const { id } = await create();
    await run(LIGHTS_OFF - 60_000);
    await run(LIGHTS_OFF + 31_000);
    expect((await schedules.get(id)).runs).toMatchObject([{ outcome: 'missed' }]);
    expect(await started()).toBe(0);
  });

  test('back over a run does not begin it again', async () => {
    const { id } = await create();
    await run(LIGHTS_OFF);
    await run(LIGHTS_OFF - 600_000);
    await run(LIGHTS_OFF);
    expect((await schedules.get(id)).runs).toHaveLength(1);
    expect(await started()).toBe(1);
  });

  test('back after a run that could not be stored does not put it off', async () => {
    const { id } = await create();
    const { saveRuns } = bench.store;
    bench.store.saveRuns = () => Promise.reject(new StoreError('full', 'the disk is full'));
    expect(await run(LIGHTS_OFF + 20_000)).toBe(LIGHTS_OFF + 21_000);
    bench.store.saveRuns = saveRuns;
    await run(LIGHTS_OFF + 1_000);
    expect((await schedules.get(id)).runs).toMatchObject([{ outcome: 'started' }]);
  });

  test('years ahead and back again leaves the schedule in force', async () => {
    const { id } = await create();
    await run(START + 8_760 * HOUR);
    await run(START + 60_000);
    await run(LIGHTS_OFF);
    expect((await bench.store.runs(id, 1_000)).filter(({ outcome }) => outcome === 'started')).toHaveLength(
      1,
    );
  });
});

describe('where the store fails', () => {
  test('nothing is made, and the run is tried again', async () => {
    const { id } = await create();
    await bench.store.close();
    await expect(create()).rejects.toMatchObject({ name: 'StoreError' });
    await expect(schedules.remove(id)).rejects.toMatchObject({ name: 'StoreError' });
    expect(await run(LIGHTS_OFF)).toBe(LIGHTS_OFF + 1_000);
    await expect(schedules.get('s2')).rejects.toMatchObject({ kind: 'notFound' });
  });
});

describe('what cannot be a schedule', () => {
  test.each<[object, RegExp]>([
    [{ at: START - 1 }, /^plan\.when\.at is in the past$/],
    [{ cron: '0 0 30 2 *', zone: 'UTC' }, /plan\.when: it would never be due/],
    [{ cron: '0 22 * *', zone: 'UTC' }, /plan\.when\.cron/],
    [{ cron: '0 22 * * *', zone: 'Seoul' }, /plan\.when\.zone/],
  ])('%j', async (when, message) => {
    await expect(create(when)).rejects.toThrow(
      expect.objectContaining({ message: expect.stringMatching(message) }),
    );
    expect(await bench.store.schedules()).toEqual([]);
  });
});

test('a schedule that is removed while it runs stays removed, and the audit has what it did', async () => {
  const { id } = await create();
  schedules.run(LIGHTS_OFF);
  await schedules.remove(id);
  await schedules.idle();
  expect([await schedules.list(), await bench.store.schedules()]).toEqual([[], []]);
  expect(await audited()).toMatchObject([{ action: 'schedule.run', who: '@ada', subject: id }]);
});
