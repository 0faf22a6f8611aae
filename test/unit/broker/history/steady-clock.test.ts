import { expect, test } from 'vitest';
import { DAY, HOUR, MINUTE } from '#broker/history/levels.ts';
import { SteadyClock } from '#broker/history/steady-clock.ts';

const NOW = 20_000 * DAY;

test('follows a clock that drifts or is set by minutes', () => {
  const clock = new SteadyClock();
  expect(clock.time(NOW, 0)).toBe(NOW);
  expect(clock.time(NOW + 5 * MINUTE, MINUTE)).toBe(NOW + 5 * MINUTE);
  expect(clock.time(NOW - 30 * MINUTE, 2 * MINUTE)).toBe(NOW - 30 * MINUTE);
});

test('goes on as before while the clock is a year ahead for a while', () => {
  const clock = new SteadyClock();
  clock.time(NOW, 0);
  for (let minute = 1; minute < 60; minute += 1) {
    expect(clock.time(NOW + 365 * DAY + minute * MINUTE, minute * MINUTE)).toBe(NOW + minute * MINUTE);
  }
  expect(clock.time(NOW + HOUR, HOUR)).toBe(NOW + HOUR);
});

test('believes a clock that stands by its new time for an hour, as one that was set after the start', () => {
  const clock = new SteadyClock();
  clock.time(0, 0);
  expect(clock.time(NOW, 1_000)).toBe(1_000);
  expect(clock.time(NOW + HOUR, 1_000 + HOUR)).toBe(NOW + HOUR);
});

test('begins to doubt anew with each jump', () => {
  const clock = new SteadyClock();
  clock.time(NOW, 0);
  clock.time(NOW + 100 * DAY, 1_000);
  clock.time(NOW + 200 * DAY, 30 * MINUTE);
  expect(clock.time(NOW + 200 * DAY + 31 * MINUTE, 61 * MINUTE)).toBe(NOW + 61 * MINUTE);
});
