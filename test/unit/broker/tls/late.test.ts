import { expect, test } from 'vitest';
import { isLate } from '#broker/tls/late.ts';

const DAY = 86_400_000;

test.each([
  ['a year', 366, 351, false],
  ['a year', 366, 352.1, true],
  ['ninety days', 90, 60, false],
  ['ninety days', 90, 76.1, true],
  ['six days', 6, 4.9, false],
  ['six days', 6, 5.1, true],
  ['a year', 366, 400, true],
])('a certificate for %s (%d days) is late after %d: %s', (_life, days, after, expected) => {
  const dates = { validFromDate: new Date(0), validToDate: new Date(days * DAY) };
  expect(isLate(dates, after * DAY)).toBe(expected);
});
