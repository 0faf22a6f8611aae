import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BURST, Bucket, dueAfter, LONGEST_WAIT, waitUntilDue } from '#broker/links/rates/bucket.ts';

/** Takes from a rate, and returns how long to wait. */
function takeFrom(bucket: Bucket, cost: number, now: number): number {
  bucket.take(cost, now);
  return bucket.overdue(now);
}

describe('a rate', () => {
  test('lets as much through at once as it does in a second, and then asks to wait', () => {
    const bucket = new Bucket(100);
    for (let taken = 0; taken < 100; taken += 1) expect(takeFrom(bucket, 1, 5_000)).toBe(0);
    expect(takeFrom(bucket, 1, 5_000)).toBe(10);
    expect(takeFrom(bucket, 5, 5_000)).toBe(60);
  });

  test('has given back after a wait what was asked for', () => {
    const bucket = new Bucket(100);
    bucket.take(100, 0);
    const wait = takeFrom(bucket, 25, 0);
    expect(wait).toBe(250);
    expect(takeFrom(bucket, 1, wait)).toBe(10);
  });

  test('has all of it back after a pause, and no more than that after a long one', () => {
    const bucket = new Bucket(1_000);
    bucket.take(1_000, 0);
    for (const now of [BURST, 3_600_000]) {
      expect(takeFrom(bucket, 1_000, now)).toBe(0);
      expect(takeFrom(bucket, 1, now)).toBe(1);
    }
  });

  test('never has anybody wait for longer than five seconds, nor those who come later', () => {
    const bucket = new Bucket(10);
    for (let taken = 0; taken < 1_000; taken += 1) bucket.take(1_000, 0);
    expect(takeFrom(bucket, 1, 0)).toBe(LONGEST_WAIT);
    expect(takeFrom(bucket, 1, LONGEST_WAIT)).toBe(100);
  });

  test('counts what came as far as anybody waits for it, and nothing beyond', () => {
    const bucket = new Bucket(100);
    expect(bucket.take(150, 0)).toBe(150);
    expect(bucket.take(1_000, 0)).toBe((100 * (BURST + LONGEST_WAIT)) / 1_000 - 150);
    expect(bucket.take(1_000, 0)).toBe(0);
    expect(bucket.take(1_000, 1_000)).toBe(100);
  });

  test('asks nothing of who sends nothing', () => {
    const due = dueAfter(-Infinity, 0, 10, 70);
    expect(waitUntilDue(due, 70)).toBe(0);
  });
});

describe('whoever asks before', () => {
  test('is told how long it would be, and takes nothing by asking', () => {
    const bucket = new Bucket(10);
    for (let taken = 0; taken < 10; taken += 1) {
      expect(bucket.wait(0)).toBe(0);
      bucket.take(1, 0);
    }
    for (let asked = 0; asked < 3; asked += 1) expect(bucket.wait(0)).toBe(100);
    expect(bucket.wait(60)).toBe(40);
    expect(bucket.wait(100)).toBe(0);
    expect(bucket.isFull(999)).toBe(false);
    expect(bucket.isFull(1_000)).toBe(true);
  });

  test('and comes only where there is no wait, is never more than the rate and a burst', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }),
        (perSecond, pauses) => {
          const bucket = new Bucket(perSecond);
          let [now, through] = [0, 0];
          for (const pause of pauses) {
            now += pause;
            if (bucket.wait(now) > 0) continue;
            bucket.take(1, now);
            through += 1;
          }
          expect(through).toBeLessThanOrEqual(((now + BURST) * perSecond) / 1_000 + 1e-6);
        },
      ),
    );
  });
});

/** What came: how much at once, and how long it took its time beside any wait, in ms. */
const arrivals = fc.array(
  fc.record({ cost: fc.integer({ min: 0, max: 40 }), pause: fc.integer({ min: 0, max: 400 }) }),
  { minLength: 1, maxLength: 200 },
);

/** Lets arrivals through, each after the wait that the one before it was told. */
function letThrough(perSecond: number, came: readonly { cost: number; pause: number }[]) {
  const bucket = new Bucket(perSecond);
  let now = 1_000;
  return came.map(({ cost, pause }) => {
    now += pause;
    const at = now;
    const wait = takeFrom(bucket, cost, now);
    now += wait;
    return { at, cost, wait };
  });
}

describe('whoever waits as told', () => {
  const rates = fc.integer({ min: 20, max: 5_000 });

  test('has sent, in any span of time, no more than the rate, a burst and what came last', () => {
    fc.assert(
      fc.property(rates, arrivals, (perSecond, came) => {
        const through = letThrough(perSecond, came);
        for (const [first, { at: from }] of through.entries()) {
          let sum = 0;
          for (const { at, cost } of through.slice(first)) {
            const allowed = (perSecond * (at - from + BURST)) / 1_000;
            expect(sum).toBeLessThanOrEqual(allowed + 40 + 1e-6);
            sum += cost;
          }
        }
      }),
    );
  });

  test('waits for nothing as long as it is below the rate', () => {
    fc.assert(
      fc.property(rates, arrivals, (perSecond, came) => {
        const below = came.map(({ cost }) => ({ cost, pause: (cost * 1_000) / perSecond }));
        for (const { wait } of letThrough(Math.max(perSecond, 40), below)) expect(wait).toBeLessThan(1e-6);
      }),
    );
  });

  test('waits no longer than it takes to pay for what it sent', () => {
    fc.assert(
      fc.property(rates, arrivals, (perSecond, came) => {
        for (const { cost, wait } of letThrough(perSecond, came)) {
          expect(wait).toBeLessThanOrEqual((cost * 1_000) / perSecond + 1e-6);
        }
      }),
    );
  });
});
