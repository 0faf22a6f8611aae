import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Api } from '#broker/http/api.ts';
import { commandRoutes } from '#broker/http/command-routes.ts';
import { answerTo } from '#broker/http/problem.ts';
import { createLog } from '#broker/log/log.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { id8, values } from '../fleet/builders.ts';
import { devicesOf } from '../fleet/selection/views.ts';
import { command, lamp, NOW } from '../store/records.ts';
import { rqCmd } from '#firmware-protocol';

const DEVICES = ['a', 'b.c', 'd_1', 'e-2', 'f'];

let store: SqliteStore;
let ask: (query: string) => Promise<Response>;

beforeEach(async () => {
  store = new SqliteStore(':memory:');
  await store.createDevices(DEVICES.map((id) => ({ ...lamp, id })));
  const request = rqCmd.encode({ id: id8(1), vals: values({ 1: true }), ttl: 1_000 });
  // All at once, as those of a batch are, and one before them.
  const commands = DEVICES.map((device) => ({ ...command, device, request, reported: null }));
  await store.saveProgress({
    commands: [
      { ...command, device: 'a', id: 'aaaaaaaaaaaaaaaa', request, reported: null, createdAt: NOW - 1 },
      ...commands,
    ],
  });
  const routes = commandRoutes({ devices: devicesOf(), records: store } as unknown as Api);
  routes.onError((error, c) => answerTo(error, c, createLog('silent')));
  ask = async (query) => routes.request(`/${query}`);
});
afterEach(() => store.close());

interface Page {
  readonly commands: readonly { readonly device: string; readonly createdAt: number }[];
  readonly next?: string;
}
const page = async (query: string): Promise<Page> => (await (await ask(query)).json()) as Page;

test('pages have as many as were asked for, also of one moment, and together all of them', async () => {
  const found: string[] = [];
  let next: string | undefined = '';
  for (let pages = 0; next !== undefined && pages < 9; pages += 1) {
    const { commands, next: key }: Page = await page(`?limit=2${next && `&before=${next}`}`);
    expect(commands).toHaveLength(2);
    found.push(...commands.map(({ device, createdAt }) => `${device} ${createdAt - NOW}`));
    next = key;
  }
  expect(found).toEqual([...DEVICES.toReversed().map((id) => `${id} 0`), 'a -1']);
});

test('a page may begin at a time, be of one device, and be the last', async () => {
  expect(await page(`?before=${NOW}`)).toMatchObject({ commands: [{ device: 'a', createdAt: NOW - 1 }] });
  const { commands, next } = await page('?device=a&limit=1');
  expect(commands).toMatchObject([{ device: 'a', createdAt: NOW }]);
  const rest = await page(`?device=a&before=${next}`);
  expect(rest).toMatchObject({ commands: [{ device: 'a', createdAt: NOW - 1 }] });
  expect(rest).not.toHaveProperty('next');
});

test.each(['x', '-1', '1.a', '1.a.b', '1e3'])('before=%s is refused', async (before) => {
  const answer = await ask(`?before=${before}`);
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain('before: must be a time in ms or the \\"next\\" of a page');
});
