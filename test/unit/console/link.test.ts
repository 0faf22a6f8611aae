import { describe, expect, it } from 'vitest';
import { backoff } from '#console/link/backoff.ts';
import { RateMeter } from '#console/link/rate.ts';
import { codeFrom } from '#console/session/code.ts';
import { isStale, renewIn } from '#console/session/renewal.ts';
import { NOON } from './samples.ts';

describe('the wait before the next try', () => {
  it('doubles up to half a minute', () => {
    expect([1, 2, 3, 4, 5, 6, 60].map((failures) => backoff(failures, 1))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000,
    ]);
  });

  it('is spread over its upper half', () => {
    expect(backoff(3, 0)).toBe(2_000);
    expect(backoff(3, 0.5)).toBe(3_000);
  });
});

describe('the rate', () => {
  it('is that of the last seconds', () => {
    const meter = new RateMeter(3);
    const second = (count: number): number => {
      for (let n = 0; n < count; n++) meter.count();
      return meter.tick();
    };
    expect([second(6), second(0), second(3), second(0)]).toEqual([6, 3, 3, 1]);
    meter.reset();
    expect(second(4)).toBe(4);
  });
});

describe('a token', () => {
  it('is renewed a minute and a half before it expires, or half way', () => {
    expect(renewIn(NOON + 900_000, NOON)).toBe(810_000);
    expect(renewIn(NOON + 60_000, NOON)).toBe(30_000);
  });

  it('is not renewed over and over where clocks disagree', () => {
    expect(renewIn(NOON - 3_600_000, NOON)).toBe(5_000);
  });

  it('is stale when it may expire while a link is made', () => {
    expect(isStale(NOON + 29_999, NOON)).toBe(true);
    expect(isStale(NOON + 30_001, NOON)).toBe(false);
  });
});

describe('a sign-in code', () => {
  it.each([
    ['abc', 'abc'],
    [' abc\n', 'abc'],
    ['https://hub:8443/sign-in#abc-_1', 'abc-_1'],
    ['https://hub:8443/sign-in#', ''],
  ])('is read from %j', (pasted, code) => {
    expect(codeFrom(pasted)).toBe(code);
  });
});
