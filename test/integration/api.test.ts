import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { toldDevice, toldDeviceInFull, type ToldDevice } from '#broker/contract/device.ts';
import { audit, type Audit } from '#broker/contract/audit.ts';
import { timeline, type Timeline } from '#broker/contract/timeline.ts';
import { STATUS } from '#firmware-protocol';
import type { ToldSchedule } from '#broker/contract/schedule.ts';
import { ApiClient } from '../support/api-client.ts';
import { ask } from '../support/https.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { TestOperator } from '../support/mqtt-client.ts';
import { TestSimulator } from '../support/simulator.ts';

let hub: TestHub;
let simulator: TestSimulator;
let operator: TestOperator;
let owner: ApiClient;
let viewer: ApiClient;

beforeAll(async () => {
  hub = await startTestHub();
  await hub.addPerson('vera', 'viewer');
  await hub.addPerson('otto', 'operator');
  simulator = await TestSimulator.start(hub, [
    { id: 'hall-lamp', kind: 'lamp' },
    { id: 'heating', kind: 'thermostat' },
  ]);
  await hub.addDevices({ id: 'attic' });
  operator = await TestOperator.connect(hub);
  for (const id of ['hall-lamp', 'heating']) {
    await operator.untilDevice(id, ({ st, dhash, vals }) => st === STATUS.online && !!dhash && !!vals?.size);
  }
  await operator.untilDevice('attic', ({ did }) => did === 'attic');
  [owner, viewer] = [await ApiClient.as(hub), await ApiClient.as(hub, 'vera')];
});

afterAll(async () => {
  await operator.client.end();
  await simulator.stop();
  simulator.remove();
  await hub.close();
});

describe('who may ask', () => {
  test.each([
    ['nobody', {}],
    ['a nonsense token', { Authorization: 'Bearer nonsense' }],
    ['another scheme', { Authorization: 'Basic b3duZXI6eA==' }],
    ['a cookie alone', { Cookie: '__Host-switchyard=x' }],
  ])('%s is told to show a token', async (_who, headers) => {
    for (const path of [
      'devices',
      'groups/x',
      'batches',
      'commands',
      'schedules',
      'audit',
      'devices/a/timeline',
    ]) {
      const answer = await ask(hub, 'GET', `/api/${path}`, headers as Record<string, string>);
      expect([answer.status, answer.headers['www-authenticate']?.slice(0, 6)]).toEqual([401, 'Bearer']);
      expect(JSON.parse(answer.body)).toMatchObject({ error: { code: 'token_refused' } });
    }
  });

  test('a viewer reads, and changes nothing', async () => {
    expect((await viewer.raw('GET', '/devices')).status).toBe(200);
    for (const [method, path] of [
      ['PATCH', '/devices/attic'],
      ['PUT', '/groups/x'],
      ['POST', '/batches'],
      ['POST', '/batches/0000000000000000/cancel'],
      ['POST', '/schedules'],
      ['DELETE', '/schedules/x'],
    ] as const) {
      expect(await viewer.refusal(method, path, {})).toMatchObject({ status: 403, code: 'role_too_low' });
    }
  });

  test('only an administrator reads the audit', async () => {
    const otto = await ApiClient.as(hub, 'otto');
    expect(await otto.refusal('GET', '/audit')).toMatchObject({ status: 403, code: 'role_too_low' });
    expect((await owner.raw('GET', '/audit')).status).toBe(200);
  });
});

describe('devices', () => {
  test('are listed as they are, in pages', async () => {
    const { devices } = await viewer.get<{ devices: ToldDevice[] }>('/devices');
    expect(devices.map((device) => toldDevice.parse(device).id)).toEqual(['attic', 'hall-lamp', 'heating']);
    expect(devices.map(({ presence }) => presence)).toEqual(['never', 'online', 'online']);
    expect(devices[1]).toMatchObject({ model: 'sim-lamp', values: { on: expect.any(Boolean) } });
    expect(devices[1]?.values['colour']).toMatch(/^#[0-9a-f]{6}$/);
    const first = await viewer.get<{ devices: ToldDevice[]; next: string }>('/devices?limit=2');
    expect([first.devices.length, first.next]).toEqual([2, 'hall-lamp']);
    const second = await viewer.get<{ devices: ToldDevice[] }>(`/devices?limit=2&after=${first.next}`);
    expect(second.devices.map(({ id }) => id)).toEqual(['heating']);
    expect(second).not.toHaveProperty('next');
  });

  test('are told in full with what they can do, in the units that people write', async () => {
    const device = toldDeviceInFull.parse(await viewer.get('/devices/heating'));
    const setpoint = device.properties.find(({ key }) => key === 'setpoint');
    expect(setpoint).toMatchObject({
      writable: true,
      persistent: true,
      min: 5,
      max: 30,
      step: 0.5,
      unit: 'Cel',
    });
    expect(device.actions.map(({ key }) => key)).toContain('identify');
  });

  test('are called as people want, which every console and the next hub learns', async () => {
    const told = await owner.ask('PATCH', '/devices/attic', { name: 'Attic fan', tags: ['up', 'up', 'fan'] });
    expect(told).toMatchObject({ id: 'attic', name: 'Attic fan', tags: ['up', 'fan'] });
    await operator.untilDevice('attic', ({ name, tags }) => name === 'Attic fan' && tags?.length === 2);
    expect(await owner.ask('PATCH', '/devices/attic', { place: 'roof' })).toMatchObject({
      name: 'Attic fan',
      place: 'roof',
      tags: ['up', 'fan'],
    });
    const { devices } = await viewer.get<{ devices: ToldDevice[] }>('/devices?tag=fan');
    expect(devices.map(({ id }) => id)).toEqual(['attic']);
  });

  test('that are not there are said', async () => {
    for (const [method, path] of [
      ['GET', '/devices/none'],
      ['PATCH', '/devices/none'],
      ['GET', '/devices/none/timeline'],
    ] as const) {
      const body = method === 'PATCH' ? { name: 'x' } : undefined;
      expect(await owner.refusal(method, path, body)).toEqual({
        status: 404,
        code: 'not_found',
        message: 'there is no device none',
      });
    }
  });
});

describe('groups', () => {
  test('are made, used, replaced and removed', async () => {
    const name = encodeURIComponent('Flur & Küche');
    expect(await owner.ask('PUT', `/groups/${name}`, { selection: { ids: ['hall-lamp'] } })).toEqual({
      name: 'Flur & Küche',
      selection: { ids: ['hall-lamp'] },
      devices: 1,
    });
    const { devices } = await viewer.get<{ devices: ToldDevice[] }>(`/devices?group=${name}`);
    expect(devices.map(({ id }) => id)).toEqual(['hall-lamp']);
    await owner.ask('PUT', `/groups/${name}`, { selection: { model: 'sim-lamp' } });
    expect(await viewer.get('/groups')).toMatchObject({ groups: [{ selection: { model: 'sim-lamp' } }] });
    const schedule = await owner.post<ToldSchedule>('/schedules', {
      name: 'Evening',
      plan: {
        when: { cron: '0 22 * * *', zone: 'UTC' },
        batch: { selection: { group: 'Flur & Küche' }, set: { on: false } },
      },
    });
    expect(await owner.refusal('DELETE', `/groups/${name}`)).toMatchObject({
      status: 409,
      message: expect.stringContaining('the schedule "Evening"') as string,
    });
    expect((await owner.raw('DELETE', `/schedules/${schedule.id}`)).status).toBe(204);
    expect((await owner.raw('DELETE', `/groups/${name}`)).status).toBe(204);
    expect(await owner.refusal('DELETE', `/groups/${name}`)).toMatchObject({ status: 404 });
    expect(await viewer.get('/groups')).toEqual({ groups: [] });
  });
});

describe('a request that cannot be understood says where', () => {
  const batch = { selection: { all: true }, set: { on: true } };
  test.each<[string, string, unknown, RegExp]>([
    ['POST', '/batches', { ...batch, selection: {} }, /^selection: must say which devices/],
    ['POST', '/batches', { ...batch, selection: { all: true, tag: 'x' } }, /^selection: has "all" beside/],
    ['POST', '/batches', { ...batch, selection: { ids: ['a', 7] } }, /^selection\.ids\[1\]: .*string/],
    ['POST', '/batches', { selection: { all: true } }, /needs exactly one of "set" and "run"/],
    ['POST', '/batches', { ...batch, set: {} }, /^set: has no property/],
    ['POST', '/batches', { ...batch, set: { on: null } }, /^set\.on: /],
    ['POST', '/batches', { ...batch, id: 'x' }, /^id: must be sixteen hex digits/],
    ['POST', '/batches', { ...batch, ttl: 3_600_000 }, /^ttl: .*"wait": true/],
    ['POST', '/batches', { ...batch, stopAt: 100 }, /^stopAt: /],
    ['POST', '/batches', { ...batch, speed: 3 }, /speed/],
    ['POST', '/batches', { ...batch, selection: { ids: ['none'] } }, /no device none/],
    ['POST', '/batches', { ...batch, selection: { group: 'none' } }, /no group "none"/],
    ['POST', '/batches/0000000000000000/retry', { id: 7 }, /^id: /],
    [
      'PUT',
      '/groups/g',
      { selection: { group: 'h' } },
      /^selection\.group: a group cannot be made of another/,
    ],
    ['PATCH', '/devices/attic', { tags: [''] }, /^tags\[0\]: /],
    ['PATCH', '/devices/attic', { tags: ['\ud800'] }, /^tags\[0\]: is not well-formed/],
    ['PATCH', '/devices/attic', { colour: 1 }, /colour/],
    ['POST', '/schedules', { name: 'x', plan: { when: { at: -1 }, batch } }, /^plan\.when\.at: /],
    [
      'POST',
      '/schedules',
      { name: 'x', plan: { when: { cron: '* * * * *' }, batch } },
      /^plan\.when\.zone: /,
    ],
    [
      'POST',
      '/schedules',
      { name: 'x', plan: { when: { cron: '* * * *', zone: 'UTC' }, batch } },
      /^plan\.when\.cron: must be five fields .*, not "\* \* \* \*"/,
    ],
    ['GET', '/devices?grup=x', undefined, /^there is no parameter "grup": there are tag, model, group/],
    ['GET', '/groups?limit=1', undefined, /^there is no parameter "limit": there are none here/],
    ...[
      'batches',
      'batches/00000000000000a1/commands',
      'commands',
      'schedules',
      'audit',
      'devices/attic/timeline',
      'devices/attic/history',
      'history',
    ].map((list): [string, string, unknown, RegExp] => [
      'GET',
      `/${list}?grup=x`,
      undefined,
      /^there is no parameter "grup"/,
    ]),
    ['GET', '/commands?limit=0', undefined, /^limit: must be a whole number from 1 to 1000, not "0"/],
    ['GET', '/commands?before=x', undefined, /^before: must be a time in ms or the "next" of a page/],
  ])('%s %s %j', async (method, path, body, message) => {
    const refused = await owner.refusal(method, path, body);
    expect(refused.message).toMatch(message);
    expect([400, 404]).toContain(refused.status);
  });

  test('a body that is not JSON, and one that is too long', async () => {
    const headers = { Authorization: `Bearer ${await hub.token()}` };
    expect((await ask(hub, 'POST', '/api/batches', headers)).status).toBe(400);
    const ids = Array.from({ length: 20_000 }, (_, at) => `${'x'.repeat(50)}${at}`);
    expect(await owner.refusal('POST', '/batches', { ...batch, selection: { ids } })).toMatchObject({
      status: 413,
      code: 'too_large',
    });
  });
});

describe('what happened', () => {
  test('a device tells its presence and the commands in one line of time', async () => {
    const batch = await owner.post<{ id: string }>('/batches', {
      selection: { ids: ['hall-lamp'] },
      set: { brightness: 42 },
    });
    await operator.untilDevice('hall-lamp', ({ vals }) => [...(vals?.values() ?? [])].includes(42));
    const { entries } = timeline.parse(await viewer.get<Timeline>('/devices/hall-lamp/timeline'));
    expect(entries.map(({ t }) => t)).toEqual(entries.map(({ t }) => t).toSorted((a, b) => b - a));
    const [latest] = entries;
    if (latest?.kind !== 'command') throw new Error('the latest is the command');
    expect(latest.command).toMatchObject({
      batch: batch.id,
      who: '@owner',
      wish: false,
      set: { brightness: 42 },
      state: 'done',
    });
    expect(latest.command.steps.map(({ state }) => state)).toEqual(
      expect.arrayContaining(['created', 'sent', 'done']),
    );
    const { commands } = await viewer.get<{ commands: unknown[] }>('/commands?device=hall-lamp&limit=1');
    expect(commands).toEqual([latest.command]);
    const before = await viewer.get<{ commands: unknown[] }>(`/commands?device=hall-lamp&before=${latest.t}`);
    expect(before.commands).toEqual([]);
  });

  test('the audit tells who changed what', async () => {
    const otto = await ApiClient.as(hub, 'otto');
    const before = Date.now();
    await otto.ask('PUT', '/groups/lamps', { selection: { model: 'sim-lamp' } });
    const { entries } = audit.parse(await owner.get<Audit>('/audit?limit=5'));
    expect(entries[0]?.t).toBeGreaterThanOrEqual(before);
    expect(entries[0]).toMatchObject({
      who: '@otto',
      from: expect.stringMatching(/127\.0\.0\.1|::1/) as string,
      action: 'group.save',
      subject: 'lamps',
      detail: { model: 'sim-lamp' },
    });
  });
});
