import { beforeEach, describe, expect, test } from 'vitest';
import {
  changeService,
  createService,
  listServices,
  removeService,
  rotateService,
  type NewService,
} from '#broker/auth/services.ts';
import { tokenReader, type Identify } from '#broker/auth/authenticate.ts';
import type { ServiceChange } from '#broker/contract/service.ts';
import { faultOf, newAccess, NOW } from './access-bench.ts';

const request: NewService = {
  ...{ id: 'node-red', publish: ['flows/#'], subscribe: ['#'] },
  role: 'viewer',
  expiresAt: NOW + 1_000,
};
const told = { ...request, name: 'node-red', disabled: false, createdAt: NOW, changedAt: NOW };

let access: Awaited<ReturnType<typeof newAccess>>;
let identify: Identify;
let token: string;

beforeEach(async () => {
  access = await newAccess();
  identify = tokenReader(access.store, access.keys, access.tenant);
  ({ token } = await createService(access, request, NOW));
});

const generation = async (): Promise<number | undefined> =>
  (await access.store.service('node-red'))?.generation;

describe('a service', () => {
  test('is made with a token that is told once: only a keyed hash is kept', async () => {
    const made = await createService(access, { ...request, id: 'script', name: 'A script' }, NOW);
    expect(made).toEqual({
      service: { ...told, id: 'script', name: 'A script' },
      token: expect.stringMatching(/^swy\.script\.[\w-]{43}$/) as string,
    });
    expect(await identify(made.token, NOW)).toMatchObject({ kind: 'service', id: 'script' });
    const stored = Buffer.from((await access.store.service('script'))?.tokenMac ?? []);
    expect(stored).toHaveLength(32);
    expect(made.token).not.toContain(stored.toString('base64url'));
  });

  test('is told without its token, in the order of ids', async () => {
    await createService(access, { ...request, id: 'a' }, NOW);
    expect(await listServices(access)).toEqual([{ ...told, id: 'a', name: 'a' }, told]);
  });

  test.each([
    ['taken by a service', 'node-red', 'conflict: @node-red is there already'],
    ['taken by a person', 'ada', 'conflict: @ada is there already'],
    ['the hub’s', 'hub', 'conflict: @hub is the hub itself'],
    ['the fleet’s', 'fleet', 'conflict: @fleet is the hub itself'],
  ])('is refused with an id that is %s', async (_what, id, fault) => {
    expect(await faultOf(() => createService(access, { ...request, id, role: 'admin' }, NOW))).toContain(
      fault,
    );
    expect(await listServices(access)).toEqual([told]);
    expect(await identify(token, NOW)).toMatchObject({ role: 'viewer' });
  });
});

describe('a change', () => {
  test.each<[string, ServiceChange]>([
    ['nothing', {}],
    ['the name', { name: 'Flows' }],
    ['the name, and undefined all else', { name: 'Flows', publish: undefined, disabled: undefined }],
  ])('that is no change of what it may do ends no link: %s', async (_what, change) => {
    const { name = told.name } = change;
    expect(await changeService(access, 'node-red', change)).toEqual({ ...told, name });
    expect(await generation()).toBe(1);
  });

  test.each<[string, ServiceChange]>([
    ['where it may publish', { publish: ['a/b'] }],
    ['what it may receive', { subscribe: [] }],
    ['what it is to HTTP', { role: null }],
    ['when it ends', { expiresAt: null }],
    ['that it is barred', { disabled: true }],
    ['that it is not', { disabled: false }],
    ['its name and more', { name: 'Flows', role: 'admin' }],
  ])('of anything else has its links end: %s', async (_what, change) => {
    expect(await changeService(access, 'node-red', change)).toEqual({ ...told, ...change });
    expect(await generation()).toBe(2);
    expect(await access.store.service('node-red')).toMatchObject({ disabled: change.disabled ? 1 : 0 });
  });

  test('keeps the token', async () => {
    await changeService(access, 'node-red', { role: 'admin' });
    expect(await identify(token, NOW)).toMatchObject({ role: 'admin' });
  });
});

describe('another token', () => {
  test('is told once, and the one before is worth nothing', async () => {
    const made = await rotateService(access, 'node-red', NOW + 5);
    expect(made.service).toEqual({ ...told, changedAt: NOW + 5 });
    expect(await generation()).toBe(2);
    expect(await identify(token, NOW)).toMatchObject({ kind: 'denied' });
    expect(await identify(made.token, NOW)).toMatchObject({ kind: 'service', generation: 2 });
  });

  test('that was made while a grant was changed stays', async () => {
    const [made] = await Promise.all([
      rotateService(access, 'node-red', NOW),
      changeService(access, 'node-red', { publish: [] }),
    ]);
    expect(await identify(made.token, NOW)).toMatchObject({ kind: 'service', publish: [], generation: 3 });
  });
});

test('a service that is removed is gone with its token', async () => {
  await removeService(access, 'node-red');
  expect(await listServices(access)).toEqual([]);
  expect(await identify(token, NOW)).toEqual({ kind: 'denied', cause: 'there is no service @node-red' });
});

test.each<[string, () => Promise<unknown>]>([
  ['changed', () => changeService(access, 'none', { disabled: true })],
  ['given a token', () => rotateService(access, 'none', NOW)],
  ['removed', () => removeService(access, 'none')],
])('what is not there cannot be %s', async (_what, attempt) => {
  expect(await faultOf(attempt)).toBe('notFound: there is no service none');
  expect(await listServices(access)).toEqual([told]);
});
