import { describe, expect, test } from 'vitest';
import { Timing, type When } from '#broker/fleet/schedules/timing.ts';

const at = (text: string): number => Date.parse(text);
const cron = (expression: string, zone = 'UTC'): When => ({ cron: expression, zone });

/** The next times at which it is due, in UTC. */
function following(when: When, after: string, n: number): string[] {
  const timing = new Timing(when);
  const times: string[] = [];
  for (let next = timing.next(at(after)); next !== undefined && times.length < n; next = timing.next(next)) {
    times.push(new Date(next).toISOString().slice(0, 16));
  }
  return times;
}

describe('when it is due', () => {
  test('once, and then never again', () => {
    const timing = new Timing({ at: 5_000 });
    expect([timing.next(4_999), timing.next(5_000)]).toEqual([5_000, undefined]);
  });

  test('every evening in Seoul, which knows no summer time', () => {
    expect(following(cron('0 22 * * *', 'Asia/Seoul'), '2026-03-28T00:00Z', 3)).toEqual([
      '2026-03-28T13:00',
      '2026-03-29T13:00',
      '2026-03-30T13:00',
    ]);
  });

  test('half past two in Seoul is there every night', () => {
    expect(following(cron('30 2 * * *', 'Asia/Seoul'), '2026-10-24T00:00Z', 2)).toEqual([
      '2026-10-24T17:30',
      '2026-10-25T17:30',
    ]);
  });

  test('a time that Berlin skips in spring is due as soon as the clock has gone forward', () => {
    expect(following(cron('30 2 * * *', 'Europe/Berlin'), '2026-03-28T00:00Z', 3)).toEqual([
      '2026-03-28T01:30',
      '2026-03-29T01:00',
      '2026-03-30T00:30',
    ]);
  });

  test('a time that Berlin has twice in autumn is due the first time only', () => {
    expect(following(cron('30 2 * * *', 'Europe/Berlin'), '2026-10-24T00:00Z', 3)).toEqual([
      '2026-10-24T00:30',
      '2026-10-25T00:30',
      '2026-10-26T01:30',
    ]);
  });

  test('several fixed times in one skipped hour are due once', () => {
    expect(following(cron('0,30 2 * * *', 'Europe/Berlin'), '2026-03-28T12:00Z', 2)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:00',
    ]);
  });

  test('with a step, every passing counts: each half hour of the longer night', () => {
    expect(following(cron('*/30 * * * *', 'Europe/Berlin'), '2026-10-24T23:45Z', 5)).toEqual([
      '2026-10-25T00:00',
      '2026-10-25T00:30',
      '2026-10-25T01:00',
      '2026-10-25T01:30',
      '2026-10-25T02:00',
    ]);
  });

  test('lists, ranges, steps and names', () => {
    const timing = new Timing(cron('*/20,7 8-9 * jan-MAR mon,Wed'));
    expect(new Date(timing.next(at('2026-01-01T00:00Z')) ?? 0).toISOString()).toBe(
      '2026-01-05T08:00:00.000Z',
    );
    expect(timing.next(at('2026-01-05T08:00Z'))).toBe(at('2026-01-05T08:07Z'));
  });

  test('the last day of each month', () => {
    expect(new Timing(cron('0 0 L * *')).next(at('2026-02-01T00:00Z'))).toBe(at('2026-02-28T00:00Z'));
  });

  test('a day that no month has is never due', () => {
    expect(new Timing(cron('0 0 30 2 *')).next(at('2026-01-01'))).toBeUndefined();
  });
});

describe('what cannot be understood', () => {
  test.each<[string, string, RegExp]>([
    ['* * * * * *', 'UTC', /plan\.when\.cron: must be five fields/],
    ['@daily', 'UTC', /plan\.when\.cron: must be five fields .* not "@daily"/],
    ['0 0 15W * *', 'UTC', /plan\.when\.cron: must be five fields/],
    ['0 0 * * 5#2', 'UTC', /plan\.when\.cron: must be five fields/],
    ['61 * * * *', 'UTC', /plan\.when\.cron: .*minute/],
    ['nonsense', 'UTC', /plan\.when\.cron/],
    ['0 22 * * *', 'Europe/Atlantis', /plan\.when\.zone: there is no time zone "Europe\/Atlantis"/],
  ])('%s in %s', (expression, zone, message) => {
    expect(() => new Timing(cron(expression, zone))).toThrow(
      expect.objectContaining({ kind: 'invalid', message: expect.stringMatching(message) }),
    );
  });
});

describe('what has become due', () => {
  const daily = new Timing(cron('0 22 * * *'));
  const from = at('2026-01-01T00:00Z');

  test('up to 30 s late it begins, and a millisecond later it was missed', () => {
    const due = at('2026-01-01T22:00Z');
    expect(daily.due(from, due - 1)).toEqual({ missed: [] });
    expect(daily.due(from, due)).toEqual({ missed: [], begin: due });
    expect(daily.due(from, due + 30_000)).toEqual({ missed: [], begin: due });
    expect(daily.due(from, due + 30_001)).toEqual({ missed: [due] });
  });

  test('what was missed before is reported, and what is due now begins', () => {
    expect(daily.due(from, at('2026-01-03T22:00:10Z'))).toEqual({
      missed: [at('2026-01-01T22:00Z'), at('2026-01-02T22:00Z')],
      begin: at('2026-01-03T22:00Z'),
    });
  });

  test('what is done is not due again', () => {
    expect(daily.due(at('2026-01-03T22:00Z'), at('2026-01-03T22:00:10Z'))).toEqual({ missed: [] });
  });

  test('more than a hundred missed runs are counted', () => {
    const hourly = new Timing(cron('0 * * * *'));
    const { missed, more, begin } = hourly.due(from, at('2026-01-11T00:00Z'));
    expect(missed).toHaveLength(100);
    expect(missed[0]).toBe(at('2026-01-01T01:00Z'));
    expect(more).toEqual({ count: 139, last: at('2026-01-10T23:00Z'), atLeast: false });
    expect(begin).toBe(at('2026-01-11T00:00Z'));
  });

  test('a year of minutes is not counted to the end, and what is due now begins all the same', () => {
    const { missed, more, begin } = new Timing(cron('* * * * *')).due(from, at('2027-01-01T00:00:10Z'));
    expect(missed).toHaveLength(100);
    expect(more).toMatchObject({ count: 1_000, atLeast: true });
    expect(begin).toBe(at('2027-01-01T00:00Z'));
    expect(more?.last).toBeLessThan(begin ?? 0);
    expect(begin ?? 0).toBeGreaterThan(more?.last ?? Infinity);
  });
});
