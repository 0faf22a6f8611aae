import { describe, expect, test } from 'vitest';
import { Throttle, waitAfter, type Pace } from '#broker/auth/throttle.ts';
import { NOW } from './access-bench.ts';

const PACE: Pace = { free: 3, first: 1_000, longest: 10_000, memory: 60_000 };
const MOST = 10_000;

test.each([
  [0, 0],
  [2, 0],
  [3, 1_000],
  [4, 2_000],
  [5, 4_000],
  [6, 8_000],
  [7, 10_000],
  [8, 10_000],
  [5_000, 10_000],
])('after %i failures it takes %i ms', (failed, wait) => expect(waitAfter(PACE, failed)).toBe(wait));

/** So many tries that fail, one after the other, each as soon as it may be. @returns when the last one was made */
function fail(throttle: Throttle, times: number, key = 'ada', now = NOW): number {
  for (let time = 0; time < times; time += 1) {
    now += throttle.wait(key, now);
    throttle.begin(key, now);
  }
  return now;
}

describe('tries', () => {
  test('are free at first, then each waits twice as long as the one before, up to the longest', () => {
    const throttle = new Throttle(PACE);
    const waits: number[] = [];
    for (let now = NOW, time = 0; time < 9; time += 1) {
      const wait = throttle.wait('ada', now);
      waits.push(wait);
      now += wait;
      throttle.begin('ada', now);
    }
    expect(waits).toEqual([0, 0, 0, 1_000, 2_000, 4_000, 8_000, 10_000, 10_000]);
  });

  test('wait less, the more time has passed', () => {
    const throttle = new Throttle(PACE);
    const last = fail(throttle, 4);
    expect([0, 500, 1_999, 2_000, 2_001].map((ms) => throttle.wait('ada', last + ms))).toEqual([
      2_000, 1_500, 1, 0, 0,
    ]);
  });

  test('that are made at once are all counted before any has failed', () => {
    const throttle = new Throttle(PACE);
    const letIn = Array.from({ length: 20 }, () => {
      const mayTry = throttle.wait('ada', NOW) === 0;
      if (mayTry) throttle.begin('ada', NOW);
      return mayTry;
    });
    expect(letIn.filter(Boolean)).toHaveLength(PACE.free);
  });

  test('of one slow nobody else', () => {
    const throttle = new Throttle(PACE);
    const last = fail(throttle, 5);
    expect(throttle.wait('bob', last)).toBe(0);
    expect(throttle.wait('', last)).toBe(0);
  });

  test('are forgotten after a while without one, and not before', () => {
    const throttle = new Throttle({ ...PACE, longest: 100_000 });
    const last = fail(throttle, 9);
    expect(throttle.wait('ada', last + PACE.memory - 1)).toBe(64_000 - PACE.memory + 1);
    expect(throttle.wait('ada', last + PACE.memory)).toBe(0);
    throttle.begin('ada', last + PACE.memory);
    expect(throttle.wait('ada', last + PACE.memory)).toBe(0);
  });

  test('are forgotten where the clock was set back: nobody waits for the difference', () => {
    const throttle = new Throttle(PACE);
    const last = fail(throttle, 9);
    expect(throttle.wait('ada', last - 1)).toBe(0);
    expect(throttle.wait('ada', last)).toBe(10_000);
  });
});

describe('a success', () => {
  test('has all be forgotten, where it is of the key itself', () => {
    const throttle = new Throttle(PACE);
    const last = fail(throttle, 6);
    throttle.forget('ada');
    expect(throttle.wait('ada', last)).toBe(0);
    fail(throttle, PACE.free, 'ada', last);
    expect(throttle.wait('ada', last)).toBe(1_000);
  });

  test('does not count where it is forgiven, and those that failed before it do', () => {
    const throttle = new Throttle(PACE);
    const last = fail(throttle, 4);
    for (let time = 0; time < 9; time += 1) {
      throttle.begin('ada', last);
      throttle.forgive('ada');
    }
    expect(throttle.wait('ada', last)).toBe(2_000);
  });

  test('of a key that nothing is known of changes nothing', () => {
    const throttle = new Throttle(PACE);
    throttle.forget('ada');
    throttle.forgive('ada');
    fail(throttle, PACE.free);
    expect(throttle.wait('ada', NOW)).toBe(1_000);
  });
});

test('so many keys are remembered, and the one that was tried longest ago is forgotten first', () => {
  const throttle = new Throttle(PACE);
  fail(throttle, PACE.free, 'early');
  fail(throttle, PACE.free, 'tried again');
  for (let n = 0; n < MOST - 2; n += 1) throttle.begin(`${n}`, NOW);
  throttle.begin('tried again', NOW);
  expect(throttle.wait('early', NOW)).toBe(1_000);
  throttle.begin('one more', NOW);
  expect(throttle.wait('early', NOW)).toBe(0);
  expect(throttle.wait('tried again', NOW)).toBe(2_000);
  // The first of the others is next.
  fail(throttle, PACE.free - 1, '1', NOW);
  expect(throttle.wait('1', NOW)).toBe(1_000);
});
