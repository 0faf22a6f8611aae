import { describe, expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '#broker/history/levels.ts';
import { gridFor } from '#broker/history/resolution.ts';
import { horizonsAt } from '#broker/history/retention.ts';

const NOW = 20_000 * DAY + 5 * HOUR + 20 * MINUTE;
const horizons = horizonsAt(NOW, { rawHours: 24, minuteDays: 31, hourDays: 366 });

test('horizons stand at whole hours, days and rows of hours, and keep at least what was asked', () => {
  expect(horizons.raw).toBe(NOW - 24 * HOUR - 20 * MINUTE);
  expect(horizons.minute).toBe(NOW - 31 * DAY - 5 * HOUR - 20 * MINUTE);
  expect(horizons.hour).toBeLessThanOrEqual(NOW - 366 * DAY);
  expect(horizons.hour % (32 * DAY)).toBe(0);
});

describe('buckets', () => {
  test.each([
    ['a day', DAY, 1_000, 87_000],
    ['an hour', HOUR, 1_000, 4_000],
    ['a second', 1_000, 1_000, 1],
    ['a week, whole minutes', 7 * DAY, 1_000, 11 * MINUTE],
    ['two days finely, minutes at least', 2 * DAY, 10_000, MINUTE],
    ['three months, whole hours', 90 * DAY, 1_000, 3 * HOUR],
    ['three months finely, hours at least', 90 * DAY, 10_000, HOUR],
  ])('for %s', (_name, range, points, width) => {
    const grid = gridFor(NOW - range, NOW, points, horizons);
    expect(grid.width).toBe(width);
    expect(grid.from % width).toBe(0);
    expect(grid.from).toBeLessThanOrEqual(NOW - range);
    expect(grid.from + grid.size * width).toBeGreaterThanOrEqual(NOW);
    expect(grid.size).toBeLessThanOrEqual(points + 1);
  });
});
