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

describe('so many keys are remembered', () => {
  const others = (throttle: Throttle, tries: number): void => {
    for (let n = 0; n < MOST; n += 1) fail(throttle, tries, `${n}`);
  };

  test.each([
    ['that need not wait yet', PACE.free - 1],
    ['that have to wait', PACE.free],
  ])('%s, and the one that was tried longest ago is forgotten first', (_which, tries) => {
    const throttle = new Throttle(PACE);
    /** What a key has to wait where it fails until it has to. */
    const waitOf = (key: string): number => {
      fail(throttle, PACE.free - tries, key);
      return throttle.wait(key, NOW);
    };
    fail(throttle, tries, 'early');
    fail(throttle, tries, 'late');
    for (let n = 0; n < MOST - 1; n += 1) fail(throttle, tries, `${n}`);
    expect(waitOf('late')).toBe(1_000);
    expect(waitOf('early')).toBe(0);
  });

  test('and those that have to wait whatever others try', () => {
    const throttle = new Throttle(PACE);
    fail(throttle, PACE.free, 'ada');
    others(throttle, PACE.free - 1);
    throttle.begin('one more', NOW);
    expect(throttle.wait('ada', NOW)).toBe(1_000);
  });

  test('and none of which nothing counts', () => {
    const throttle = new Throttle(PACE);
    fail(throttle, PACE.free - 1, 'ada');
    for (let n = 0; n <= MOST; n += 1) {
      throttle.begin(`${n}`, NOW);
      throttle.forgive(`${n}`);
    }
    throttle.begin('ada', NOW);
    expect(throttle.wait('ada', NOW)).toBe(1_000);
  });

  test('and new ones are counted while as many have to wait', () => {
    const throttle = new Throttle(PACE);
    others(throttle, PACE.free);
    fail(throttle, PACE.free, 'ada');
    expect(throttle.wait('ada', NOW)).toBe(1_000);
  });

  test('and one that is tried again is not the one that was tried longest ago', () => {
    const throttle = new Throttle(PACE);
    fail(throttle, PACE.free, 'again');
    fail(throttle, PACE.free, 'early');
    throttle.begin('again', NOW);
    for (let n = 0; n < MOST - 1; n += 1) fail(throttle, PACE.free, `${n}`);
    expect(throttle.wait('again', NOW)).toBe(2_000);
    expect(throttle.wait('early', NOW)).toBe(0);
  });
});
