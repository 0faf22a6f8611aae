import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { History } from '#broker/history/history.ts';
import { historyRoutes } from '#broker/http/history-routes.ts';
import { answerTo } from '#broker/http/problem.ts';
import { history as historyAnswer } from '#broker/contract/history.ts';
import { TYPE, type Description } from '#firmware-protocol';
import { TestLog } from '../support/hub.ts';

const NOW = Date.UTC(2026, 10, 22, 12);
const HOUR = 3_600_000;

const METER: Description = {
  proto: [1, 0],
  model: 'meter',
  fw: '1',
  props: [
    { pid: 1, key: 'temperature', type: TYPE.int, scale: -2, unit: '°C' },
    { pid: 2, key: 'power', type: TYPE.float, unit: 'W' },
    { pid: 3, key: 'on', type: TYPE.bool },
    { pid: 4, key: 'mode, "auto"', type: TYPE.enum, enum: ['off', 'heat'] },
  ],
};
/** One whose texts a spreadsheet would take for formulas. */
const SLY: Description = {
  proto: [1, 0],
  model: 'sly',
  fw: '1',
  props: [
    { pid: 1, key: '@SUM(A1)', type: TYPE.enum, unit: '+1', enum: ['=HYPERLINK("x")', '-1', '\tx'] },
    { pid: 2, key: 'level', type: TYPE.int },
  ],
};
const DESCRIPTIONS = new Map<string, Description>([
  ['sly', SLY],
  ['attic', METER],
  ['cellar', METER],
]);

const folder = mkdtempSync(join(tmpdir(), 'switchyard-test-'));
let history: History;
const routes = () =>
  historyRoutes({ history, devices: (id) => DESCRIPTIONS.get(id), now: () => NOW }).onError((error, c) =>
    answerTo(error, c, new TestLog()),
  );
const get = (path: string) => Promise.resolve(routes().request(path));

beforeAll(async () => {
  const keep = { rawHours: 24, minuteDays: 31, hourDays: 366 };
  history = await History.open(join(folder, 'history.db'), keep, new TestLog(), { clock: () => NOW });
  for (let second = 0; second < 7_200; second += 1) {
    const t = NOW - 2 * HOUR + second * 1_000;
    history.record('attic', 1, t, 2_000 + (second % 60));
    if (second % 10 === 0) history.record('attic', 2, t, 0.5 * second);
  }
  history.record('cellar', 3, NOW - HOUR, true);
  history.record('cellar', 4, NOW - HOUR, 1);
  history.record('removed', 1, NOW - HOUR, 1);
  // Before what an export has that is asked for no range.
  for (const value of [0, 1, 2]) history.record('sly', 1, NOW - 30 * HOUR + value, value);
  history.record('sly', 2, NOW - 30 * HOUR, -5);
});

afterAll(async () => {
  await history.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('a chart', () => {
  test('has physical values in buckets, and what was recorded just now', async () => {
    const response = await get(`/devices/attic/history?from=${NOW - 2 * HOUR}&to=${NOW}&points=120`);
    expect(response.status).toBe(200);
    const { from, to, bucket, series } = historyAnswer.parse(await response.json());
    expect({ from, to, bucket }).toEqual({ from: NOW - 2 * HOUR, to: NOW, bucket: 60_000 });
    expect(series.map(({ key }) => key)).toEqual(['temperature', 'power']);
    const [temperature] = series;
    expect(temperature?.t).toEqual(
      Array.from({ length: 120 }, (_, minute) => NOW - 2 * HOUR + minute * 60_000),
    );
    expect(temperature?.min).toEqual(Array<number>(120).fill(20));
    expect(temperature?.max).toEqual(Array<number>(120).fill(20.59));
    expect(temperature?.mean[0]).toBeCloseTo(20.295, 10);
    expect(temperature?.last[119]).toBe(20.59);
  });

  test('has the properties that were asked for, and leaves gaps empty', async () => {
    const response = await get(
      `/devices/attic/history?property=power&from=2026-11-22T00:00:00Z&to=2026-11-22T12:00:00Z&points=12`,
    );
    const { series } = historyAnswer.parse(await response.json());
    expect(series).toHaveLength(1);
    expect(series[0]?.t).toEqual([NOW - 2 * HOUR, NOW - HOUR]);
  });

  test.each([
    ['from=yesterday', /"from" must be .*"yesterday"/],
    ['from=2026-13-01', /"from" must be/],
    ['from=2031-01-01', /"from" is not before now, where the range ends/],
    ['from=5&to=5', /"from" must be before "to"/],
    ['points=0', /"points" must be from 1 to 5000/],
    ['points=1e9', /"points"/],
    ['property=color', /"property": .*"color"/],
    [
      Array.from({ length: 129 }, (_, at) => `property=p${at}`).join('&'),
      /"property": 129 are more than the 128/,
    ],
  ])('refuses %s and says what is wrong', async (query, message) => {
    const response = await get(`/devices/attic/history?${query}`);
    expect(response.status).toBe(400);
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    expect(error.code).toBe('bad_request');
    expect(error.message).toMatch(message);
  });

  test('is not found for a device that is not known, also where something is kept of it', async () => {
    expect((await get('/devices/removed/history')).status).toBe(404);
    expect((await get('/history?device=attic&device=removed')).status).toBe(404);
  });
});

describe('an export', () => {
  test('is CSV with a header and quotes where they are needed', async () => {
    const response = await get('/history?device=cellar');
    expect(response.headers.get('Content-Type')).toMatch(/^text\/csv/);
    expect(response.headers.get('Content-Disposition')).toBe(
      'attachment; filename="history-2026-11-21-to-2026-11-22.csv"',
    );
    expect(await response.text()).toBe(
      'time,device,property,unit,value\r\n' +
        '2026-11-22T11:00:00.000Z,cellar,on,,true\r\n' +
        '2026-11-22T11:00:00.000Z,cellar,"mode, ""auto""",,heat\r\n',
    );
  });

  test('has an apostrophe before texts that a spreadsheet would take for formulas, and none before numbers', async () => {
    const response = await get(`/history?device=sly&from=${NOW - 40 * HOUR}`);
    const [, ...lines] = (await response.text()).trimEnd().split('\r\n');
    expect(lines.map((line) => line.replace(/^.*?,sly,/, ''))).toEqual([
      `'@SUM(A1),'+1,"'=HYPERLINK(""x"")"`,
      `'@SUM(A1),'+1,'-1`,
      `'@SUM(A1),'+1,'\tx`,
      'level,,-5',
    ]);
    const json = await get(`/history?device=sly&from=${NOW - 40 * HOUR}&format=ndjson`);
    expect(JSON.parse((await json.text()).split('\n')[0] ?? '')).toMatchObject({
      property: '@SUM(A1)',
      unit: '+1',
    });
  });

  test('of thousands of devices looks at a description once, however often a property is named', async () => {
    let reads = 0;
    const props = new Proxy([{ pid: 1, key: 'k', type: TYPE.int }], {
      get: (target, key) => {
        if (key === 'filter' || key === 'some' || key === 'find') reads += 1;
        return Reflect.get(target, key) as unknown;
      },
    });
    const app = historyRoutes({
      history: {
        devices: () => Array.from({ length: 10_000 }, (_, at) => `d${at}`),
        query: () => Promise.reject(new Error('not asked')),
        export: async function* () {},
      },
      devices: () => description,
      now: () => NOW,
    });
    const description: Description = { ...METER, props };
    const query = Array.from({ length: 1_000 }, () => 'property=k').join('&');
    expect((await app.request(`/history?${query}`)).status).toBe(200);
    expect(reads).toBe(1);
  });

  test('has every sample of every device, by device, property and time', async () => {
    const response = await get('/history?format=ndjson');
    const rows = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { time: string; device: string; property: string; value: unknown });
    expect(rows).toHaveLength(7_200 + 720 + 2);
    expect(rows[61]).toEqual({
      time: '2026-11-22T10:01:01.000Z',
      device: 'attic',
      property: 'temperature',
      unit: '°C',
      value: 20.01,
    });
    const order = rows.map(
      ({ device, property, time }) => `${device} ${property === 'temperature' ? 1 : 2} ${time}`,
    );
    expect(order).toEqual(order.toSorted());
  });

  test('has minutes or hours where they are asked for, and only what was asked for', async () => {
    const response = await get('/history?resolution=hour&property=temperature&device=attic');
    expect((await response.text()).split('\r\n')).toEqual([
      'time,device,property,unit,min,max,mean,last,count',
      expect.stringMatching(/^2026-11-22T10:00:00.000Z,attic,temperature,°C,20,20.59,20.29\d*,20.59,3600$/),
      expect.stringMatching(/^2026-11-22T11:00:00.000Z,attic,temperature,°C,20,20.59,20.29\d*,20.59,3600$/),
      '',
    ]);
    const minutes = await get('/history?resolution=minute&device=attic&format=ndjson');
    expect((await minutes.text()).trimEnd().split('\n')).toHaveLength(240);
  });

  test.each(['resolution=second', 'format=xlsx', 'to=never'])('refuses %s', async (query) => {
    expect((await get(`/history?${query}`)).status).toBe(400);
  });
});
