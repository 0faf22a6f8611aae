import { describe, expect, it } from 'vitest';
import { backoff } from '#device-sim/backoff.ts';
import { explain } from '#device-sim/link-problem.ts';
import { Notices } from '#device-sim/notices.ts';
import { Rng } from '#device-sim/rng.ts';
import { emptyTally, farewell, summaryLine } from '#device-sim/summary.ts';
import { TimerWheel } from '#device-sim/timer-wheel.ts';

describe('backoff', () => {
  it('doubles its ceiling up to the longest wait', () => {
    const ceilings = [0, 1, 2, 3, 4, 5, 6, 1_000].map((failures) => backoff(failures, 1, 30_000));
    expect(ceilings).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('spreads attempts over all of the wait', () => {
    expect(backoff(3, 0.25, 30_000)).toBe(2_000);
    expect(backoff(3, 0, 30_000)).toBe(0);
  });
});

describe('an error of the link', () => {
  const at = { url: 'wss://hub.example/mqtt', device: 'hall-lamp' };
  const coded = (code: string | number, message = 'x'): Error => Object.assign(new Error(message), { code });

  it.each([
    [coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'), 'untrusted', '--ca'],
    [coded('SELF_SIGNED_CERT_IN_CHAIN'), 'untrusted', '--ca'],
    [coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'untrusted', 'a name in --url'],
    [coded('CERT_HAS_EXPIRED'), 'untrusted', 'renew'],
    [coded('ECONNREFUSED'), 'unreachable', 'trying again'],
    [new Error('connack timeout'), 'unreachable', 'no answer'],
    [coded(4), 'refused', 'hall-lamp'],
    [coded(5), 'refused', 'hall-lamp'],
    [coded(3), 'turned-away', 'not available'],
    [new Error('Unexpected server response: 404'), 'turned-away', 'check the path'],
    [new Error('Unexpected server response: 503'), 'turned-away', 'trying again when it asks to'],
    [coded('EPROTO', 'wrong version\nnumber'), 'broken', 'wrong version'],
  ])('%s is explained in one line', (error, kind, remedy) => {
    const problem = explain(error, at);
    expect(problem.kind).toBe(kind);
    expect(problem.text).toContain(at.url);
    expect(problem.text).toContain(remedy);
    expect(problem.text).not.toContain('\n');
  });
});

describe('notices', () => {
  it('say the same once for all devices, and again after a while', () => {
    const said: string[] = [];
    const notices = new Notices((line) => said.push(line));
    for (let now = 0; now <= 60_000; now += 100) notices.about('refused', 'no', now);
    notices.about('unreachable', 'gone', 0);
    expect(said).toEqual(['no', 'no', 'no', 'gone']);
  });
});

describe('the timer wheel', () => {
  it('wakes nobody early and everybody once', () => {
    const wheel = new TimerWheel<string>(50, 1_000);
    wheel.add(1_120, 'b');
    wheel.add(1_010, 'a');
    wheel.add(0, 'past');
    wheel.add(90_000, 'far');
    expect(wheel.due(1_000)).toEqual(['past']);
    expect(wheel.due(1_049)).toEqual([]);
    expect(wheel.due(1_149)).toEqual(['a']);
    expect(wheel.due(1_150)).toEqual(['b']);
    expect(wheel.due(100_000)).toEqual(['far']);
    expect(wheel.due(200_000)).toEqual([]);
  });
});

describe('the summary', () => {
  it('is one line, in which what is rare appears when it happens', () => {
    const standing = { devices: 12, online: 12, refused: 1 };
    const tally = { ...emptyTally(), sent: 500, done: 3, failed: 1 };
    expect(summaryLine(standing, tally, 305, 5)).toBe(
      '12/12 online · 61 msg/s up · 3 commands done, 1 failed · 0 reconnects · 1 refused',
    );
    expect(summaryLine(standing, { ...tally, rejected: 2, undecodable: 4 }, 0, 5)).toBe(
      '12/12 online · 0 msg/s up · 3 commands done, 1 failed, 2 rejected · 0 reconnects · 1 refused · 4 undecodable',
    );
    expect(farewell(standing, tally, 9.6)).toBe(
      'stopped 12 devices · 500 messages up in 10 s · 3 commands done, 1 failed · 0 reconnects · 1 refused',
    );
  });
});

describe('random numbers', () => {
  it('are uniform and normal as promised', () => {
    const rng = new Rng(7, 'test');
    const count = 20_000;
    const uniform = Array.from({ length: count }, () => rng.next());
    const normal = Array.from({ length: count }, () => rng.normal());
    const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / count;
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    expect(uniform.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(mean(normal)).toBeCloseTo(0, 1);
    expect(mean(normal.map((value) => value * value))).toBeCloseTo(1, 1);
  });
});
