import { describe, expect, test } from 'vitest';
import { SignInGuard, type Attempt } from '#broker/auth/sign-in-guard.ts';
import { MINUTE, NOW } from './access-bench.ts';

const HOME = '192.0.2.7';

/** So many tries that fail, each as soon as it may be. @returns when the last one was made */
function fail(guard: SignInGuard, attempt: Attempt, times: number, now = NOW): number {
  for (let time = 0; time < times; time += 1) {
    now += guard.wait(attempt, now);
    guard.begin(attempt, now);
  }
  return now;
}

describe('an account', () => {
  test('is slowed after five tries, wherever they come from', () => {
    const guard = new SignInGuard();
    const from = (n: number): Attempt => ({ account: 'ada', address: `198.51.100.${n}` });
    for (let n = 0; n < 5; n += 1) {
      expect(guard.wait(from(n), NOW)).toBe(0);
      guard.begin(from(n), NOW);
    }
    expect(guard.wait(from(5), NOW)).toBe(1_000);
    guard.begin(from(5), NOW);
    expect(guard.wait(from(6), NOW)).toBe(2_000);
    expect(guard.wait({ account: 'bob', address: '198.51.100.6' }, NOW)).toBe(0);
  });

  test('never waits for longer than a minute, however many try', () => {
    const guard = new SignInGuard();
    for (let n = 0; n < 250; n += 1) guard.begin({ account: 'ada', address: `198.51.100.${n}` }, NOW);
    expect(guard.wait({ account: 'ada', address: HOME }, NOW)).toBe(MINUTE);
  });

  test('is not slowed by strangers where it is used already', () => {
    const guard = new SignInGuard();
    for (let n = 0; n < 250; n += 1) guard.begin({ account: 'ada', address: `198.51.100.${n}` }, NOW);
    expect(guard.wait({ account: 'ada', address: HOME, isKnown: true }, NOW)).toBe(0);
    expect(guard.wait({ account: 'ada', address: HOME, isKnown: false }, NOW)).toBe(MINUTE);
  });

  test('is slowed where it is used already by what is tried from there', () => {
    const guard = new SignInGuard();
    const attempt = { account: 'ada', address: HOME, isKnown: true };
    for (let n = 0; n < 21; n += 1) guard.begin(attempt, NOW);
    expect(guard.wait(attempt, NOW)).toBe(2_000);
  });

  test('is free again once its person has signed in', () => {
    const guard = new SignInGuard();
    const attempt = { account: 'ada', address: HOME };
    const last = fail(guard, attempt, 8);
    expect(guard.wait(attempt, last)).toBeGreaterThan(0);
    guard.succeeded(attempt);
    expect(guard.wait(attempt, last)).toBe(0);
  });
});

test('what was not tried after all does not count', () => {
  const guard = new SignInGuard();
  const attempt = { account: 'ada', address: HOME };
  for (let n = 0; n < 40; n += 1) {
    expect(guard.wait(attempt, NOW)).toBe(0);
    guard.begin(attempt, NOW);
    guard.undo(attempt);
  }
  fail(guard, attempt, 5);
  guard.undo({ address: '192.0.2.8' });
  expect(guard.wait(attempt, NOW)).toBe(1_000);
});

describe('an address', () => {
  const guess = (n: number, address = HOME): Attempt => ({ account: `name ${n}`, address });

  test('is slowed after twenty tries, whatever they are', () => {
    const guard = new SignInGuard();
    for (let n = 0; n < 20; n += 1) {
      expect(guard.wait(guess(n), NOW)).toBe(0);
      guard.begin(n % 2 ? guess(n) : { address: HOME }, NOW);
    }
    expect(guard.wait(guess(20), NOW)).toBe(1_000);
    expect(guard.wait({ address: HOME }, NOW)).toBe(1_000);
    expect(guard.wait(guess(20, '192.0.2.8'), NOW)).toBe(0);
  });

  test('waits for a quarter of an hour at most', () => {
    const guard = new SignInGuard();
    for (let n = 0; n < 200; n += 1) guard.begin({ address: HOME }, NOW);
    expect(guard.wait({ address: HOME }, NOW)).toBe(15 * MINUTE);
  });

  test('is forgiven what succeeds, and not what failed: who has an account cannot try others for it', () => {
    const guard = new SignInGuard();
    for (let n = 0; n < 20; n += 1) guard.begin(guess(n), NOW);
    const own = { account: 'eve', address: HOME };
    guard.begin(own, NOW);
    guard.succeeded(own);
    expect(guard.wait(guess(20), NOW)).toBe(1_000);
  });

  test('that signs in over and over is never slowed', () => {
    const guard = new SignInGuard();
    const own = { account: 'ada', address: HOME };
    for (let n = 0; n < 100; n += 1) {
      expect(guard.wait(own, NOW)).toBe(0);
      guard.begin(own, NOW);
      guard.succeeded(own);
    }
  });

  test.each([
    ['2001:db8:1:2::1', '2001:db8:1:2:ffff:ffff:ffff:ffff', true],
    ['2001:db8:1:2::1', '2001:db8:1:2:3:4:5:6', true],
    ['2001:db8::1', '2001:db8:0:0:5::', true],
    ['2001:db8::', '2001:db8::1', true],
    ['::1', '::2', true],
    ['fe80::1%eth0', 'fe80::2%eth0', true],
    ['2001:db8:1:2::1', '2001:db8:1:3::1', false],
    ['2001:db8:1:2::1', '2001:db8:2:2::1', false],
    ['2001:db8::1', '2001:db8:0:1::1', false],
    ['1::', '2::', false],
    ['1::3:4:5:6:7', '1::9:4:5:6:7', false],
    ['1::3:4:5:6:7', '1::3:9:9:9:9', true],
    ['::1', '1::1', false],
    ['192.0.2.7', '192.0.2.8', false],
    ['::ffff:192.0.2.7', '::ffff:192.0.2.8', false],
    ['', '192.0.2.7', false],
  ])('of IPv6 is its network of 64 bits: %s and %s are one: %s', (one, other, isOne) => {
    const guard = new SignInGuard();
    for (let n = 0; n < 20; n += 1) guard.begin({ address: one }, NOW);
    expect(guard.wait({ address: one }, NOW)).toBe(1_000);
    expect(guard.wait({ address: other }, NOW)).toBe(isOne ? 1_000 : 0);
  });
});

test('the longer of both waits counts', () => {
  const guard = new SignInGuard();
  const attempt = { account: 'ada', address: HOME };
  for (let n = 0; n < 21; n += 1) guard.begin({ address: HOME }, NOW);
  for (let n = 0; n < 5; n += 1) guard.begin({ account: 'ada', address: `198.51.100.${n}` }, NOW);
  expect(guard.wait(attempt, NOW)).toBe(2_000);
  for (let n = 0; n < 2; n += 1) guard.begin({ account: 'ada', address: `198.51.100.${n}` }, NOW);
  expect(guard.wait(attempt, NOW)).toBe(4_000);
});
