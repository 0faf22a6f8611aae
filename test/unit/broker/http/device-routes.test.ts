import { beforeEach, expect, test } from 'vitest';
import type { Api } from '#broker/http/api.ts';
import { deviceRoutes } from '#broker/http/device-routes.ts';
import { answerTo } from '#broker/http/problem.ts';
import { createLog } from '#broker/log/log.ts';
import { FleetBench } from '../fleet/fleet-bench.ts';

let bench: FleetBench;
let noted: string[];
let get: () => Promise<Response>;
let patch: (body: object) => Promise<Response>;

beforeEach(async () => {
  bench = await FleetBench.with('lamp');
  noted = [];
  const note = (_c: unknown, action: string, subject: string) => {
    noted.push(`${action} ${subject}`);
    return Promise.resolve();
  };
  const routes = deviceRoutes({ devices: bench.fleet } as unknown as Api, note);
  routes.onError((error, c) => answerTo(error, c, createLog('silent')));
  get = async () => routes.request('/lamp');
  patch = async (body) => routes.request('/lamp', { method: 'PATCH', body: JSON.stringify(body) });
});

test('labels that are changed at once by two are both changed, in the store and at hand', async () => {
  await Promise.all([patch({ name: 'Lamp' }), patch({ place: 'hall' }), patch({ tags: ['a', 'a'] })]);
  const labels = { name: 'Lamp', place: 'hall', tags: ['a'] };
  expect(await bench.store.device('lamp')).toMatchObject(labels);
  expect(bench.fleet.device('lamp')).toMatchObject(labels);
  expect(noted).toEqual(['device.label lamp', 'device.label lamp', 'device.label lamp']);
});

test('a device that was removed a moment ago is not there, and nothing is noted', async () => {
  await bench.store.removeDevice('lamp');
  expect((await patch({ name: 'Lamp' })).status).toBe(404);
  expect(noted).toEqual([]);
});

test('a device that never connected is told as that, until it does', async () => {
  const never = (await (await get()).json()) as object;
  expect(never).toMatchObject({ presence: 'never' });
  expect(Object.keys(never)).not.toContain('since');
  expect(Object.keys(never)).not.toContain('seen');
  await bench.online();
  expect(await (await get()).json()).toMatchObject({ presence: 'online', since: bench.now });
});
