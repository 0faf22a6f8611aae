import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDevices, removeDevice } from '#broker/commands/devices.ts';
import { withStore, type CommandContext } from '#broker/commands/open-store.ts';
import { startErrorOf } from '../start-errors.ts';
import { NOW } from '../store/records.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const newFolder = (): { data: string } => ({ data: join(temporaryFolder(), 'data') });

const onNewFolder = (work: (context: CommandContext) => Promise<void>): Promise<void> =>
  withStore(newFolder(), work, { mayMake: true });

test('devices are registered with their labels and tags, and the kind goes to their credentials', () =>
  onNewFolder(async (context) => {
    const { devices } = await createDevices(
      context,
      [{ id: 'lamp', name: 'Lamp', place: 'hall', tags: ['light', 'küche'], kind: 'lamp' }, { id: 'kettle' }],
      NOW,
    );
    expect(devices).toEqual([
      { id: 'lamp', secret: expect.any(String) as string, kind: 'lamp' },
      { id: 'kettle', secret: expect.any(String) as string },
    ]);
    expect(await context.store.devices()).toMatchObject([
      { id: 'kettle', name: 'kettle', place: '', tags: [], createdAt: NOW },
      { id: 'lamp', name: 'Lamp', place: 'hall', tags: ['light', 'küche'] },
    ]);
  }));

test.each([
  ['an id is taken', [{ id: 'new' }, { id: 'lamp' }], /there is a device lamp already/],
  ['an id is bad', [{ id: 'new' }, { id: 'Not an id' }], /device "Not an id": id must be/],
  ['an id is given twice', [{ id: 'new' }, { id: 'new' }], /an id is given twice/],
  ['a key is none', [{ id: 'new', publicKey: 'x' }], /publicKey: must be PEM/],
  [
    'a field is misspelt',
    [{ id: 'new', tag: 'x' }],
    /device "new": there is no field "tag", only id, name, place, tags, publicKey, kind/,
  ],
  ['a tag is empty', [{ id: 'new', tags: [''] }], /device "new": tags.0/],
])('none is registered where %s', (_what, requested, problem) =>
  onNewFolder(async (context) => {
    await createDevices(context, [{ id: 'lamp' }], NOW);
    await expect(createDevices(context, requested, NOW)).rejects.toThrow(problem);
    expect((await context.store.devices()).map(({ id }) => id)).toEqual(['lamp']);
    expect(await context.store.audit({ limit: 9 })).toHaveLength(1);
  }),
);

test('what was done stands in the audit', () =>
  onNewFolder(async (context) => {
    await createDevices(context, [{ id: 'lamp' }, { id: 'kettle' }], NOW);
    await removeDevice(context, 'lamp', NOW + 1);
    await expect(removeDevice(context, 'lamp', NOW + 2)).rejects.toThrow('there is no device lamp');
    expect(await context.store.audit({ limit: 9 })).toEqual([
      { t: NOW + 1, who: '@hub', address: '', action: 'device.remove', subject: 'lamp', detail: '' },
      { t: NOW, who: '@hub', address: '', action: 'device.create', subject: 'kettle', detail: '' },
      { t: NOW, who: '@hub', address: '', action: 'device.create', subject: 'lamp', detail: '' },
    ]);
  }));

test('a folder without a store is refused, and not even made', async () => {
  const flags = newFolder();
  const { problem } = await startErrorOf(() => withStore(flags, () => Promise.resolve()));
  expect(problem).toBe(`there is no store in ${flags.data}`);
  expect(existsSync(flags.data)).toBe(false);
});
