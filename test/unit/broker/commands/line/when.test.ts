import { describe, expect, test } from 'vitest';
import { durationOf, momentOf } from '#broker/commands/line/when.ts';

describe('a duration', () => {
  test.each([
    ['45m', 45 * 60_000],
    ['12h', 12 * 3_600_000],
    ['30d', 30 * 86_400_000],
    ['2w', 14 * 86_400_000],
    ['0m', 0],
  ])('%s', (text, length) => expect(durationOf(text)).toBe(length));

  test.each(['', '12', 'h', '1.5h', '-1h', '1 h', '1y', '1H', '100000d', '12hh', '1constructor'])(
    'is not "%s"',
    (text) => expect(durationOf(text)).toBeUndefined(),
  );
});

describe('a moment', () => {
  test.each([
    ['2027-01-31', Date.UTC(2027, 0, 31)],
    ['2028-02-29', Date.UTC(2028, 1, 29)],
    ['2027-01-31T18:00Z', Date.UTC(2027, 0, 31, 18)],
    ['2027-01-31T18:00:30.5Z', Date.UTC(2027, 0, 31, 18, 0, 30, 500)],
    ['2027-01-31T03:00:00+09:00', Date.UTC(2027, 0, 30, 18)],
  ])('%s', (text, time) => expect(momentOf(text)).toBe(time));

  test.each([
    '',
    'tomorrow',
    '2027',
    '2027-02-29',
    '2027-02-31',
    '2027-13-01',
    '2027-01-31T18:00',
    '2027-01-31T25:00Z',
    '2027-01-31 18:00Z',
    '1801418400000',
  ])('is not "%s"', (text) => expect(momentOf(text)).toBeUndefined());
});
