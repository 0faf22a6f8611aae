import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TokenBucket } from '#broker/links/door/token-bucket.ts';

test('lets through as many at once as in a second, and then one after the other', () => {
  const bucket = new TokenBucket(10, 0);
  for (let taken = 0; taken < 10; taken += 1) {
    expect(bucket.wait(0)).toBe(0);
    bucket.take(0);
  }
  expect(bucket.wait(0)).toBe(100);
  expect(bucket.wait(60)).toBeCloseTo(40);
  expect(bucket.wait(100)).toBe(0);
});

test('is full again after a second without anybody, and not fuller after an hour', () => {
  const bucket = new TokenBucket(2, 0);
  bucket.take(0);
  expect(bucket.isFull(400)).toBe(false);
  expect(bucket.isFull(500)).toBe(true);
  for (let taken = 0; taken < 2; taken += 1) bucket.take(3_600_000);
  expect(bucket.wait(3_600_000)).toBe(500);
});

test('lets through no more than the burst and the rate, whenever somebody comes', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 50 }),
      fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }),
      (rate, pauses) => {
        const bucket = new TokenBucket(rate, 0);
        let [now, through] = [0, 0];
        for (const pause of pauses) {
          now += pause;
          if (bucket.wait(now) > 0) continue;
          bucket.take(now);
          through += 1;
        }
        expect(through).toBeLessThanOrEqual(rate + (now * rate) / 1_000 + 1e-6);
      },
    ),
  );
});
