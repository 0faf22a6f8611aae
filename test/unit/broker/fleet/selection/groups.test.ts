import { afterEach, beforeEach, expect, test } from 'vitest';
import { Groups } from '#broker/fleet/selection/groups.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { devicesOf, view } from './views.ts';

const devices = devicesOf(view('a', { tags: ['hall'] }), view('b'));
let store: SqliteStore;
let groups: Groups;

beforeEach(() => {
  store = new SqliteStore(':memory:');
  groups = new Groups(store, devices);
});
afterEach(() => store.close());

test('a group is stored, told with its size, and there after a restart', async () => {
  await groups.save('ours', { ids: ['a', 'b'] });
  expect(await groups.save('halls', { tag: 'hall' })).toEqual({
    name: 'halls',
    selection: { tag: 'hall' },
    devices: 1,
  });
  const again = new Groups(store, devices);
  await again.load();
  expect(again.list()).toEqual([
    { name: 'halls', selection: { tag: 'hall' }, devices: 1 },
    { name: 'ours', selection: { ids: ['a', 'b'] }, devices: 2 },
  ]);
});

test('many groups are counted in one look at the devices', async () => {
  let looks = 0;
  const counted = { ...devices, devices: () => ((looks += 1), devices.devices()) };
  const many = new Groups(store, counted);
  for (let at = 0; at < 10; at += 1)
    await many.save(`g${at}`, at % 2 ? { tag: 'hall' } : { ids: ['a', 'b'] });
  looks = 0;
  expect(many.list().map((group) => group.devices)).toEqual([2, 1, 2, 1, 2, 1, 2, 1, 2, 1]);
  expect(looks).toBe(1);
});

test('saving replaces, and removing ends it', async () => {
  await groups.save('ours', { ids: ['a'] });
  await groups.save('ours', { ids: ['b'] });
  expect(groups.get('ours').selection).toEqual({ ids: ['b'] });
  await groups.remove('ours');
  expect(() => groups.get('ours')).toThrow(/no group "ours"/);
  await expect(groups.remove('ours')).rejects.toMatchObject({ kind: 'notFound' });
  expect(await store.groups()).toEqual([]);
});

test('a group of a group or of an unknown device is refused, and nothing is stored', async () => {
  await groups.save('ours', { ids: ['a'] });
  await expect(groups.save('more', { group: 'ours' })).rejects.toMatchObject({ kind: 'invalid' });
  await expect(groups.save('more', { ids: ['a', 'x'] })).rejects.toMatchObject({ kind: 'notFound' });
  expect((await store.groups()).map(({ name }) => name)).toEqual(['ours']);
});

test('where the store fails, the group is not there', async () => {
  await store.close();
  await expect(groups.save('ours', { ids: ['a'] })).rejects.toMatchObject({ name: 'StoreError' });
  expect(groups.list()).toEqual([]);
});
