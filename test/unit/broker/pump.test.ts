import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Pump } from '#broker/fleet/pump.ts';

/** A pump on clocks that the test moves. */
function bench(run: (now: number) => number | undefined = () => undefined) {
  const runs: number[] = [];
  const failures: unknown[] = [];
  const pump = new Pump(
    () => Date.now(),
    (now) => {
      runs.push(now);
      return run(now);
    },
    (error) => failures.push(error),
  );
  return { pump, runs, failures };
}

beforeEach(() => {
  vi.useFakeTimers({
    now: 1_000_000,
    toFake: ['Date', 'setImmediate', 'clearImmediate', 'setTimeout', 'clearTimeout'],
  });
});
afterEach(() => {
  vi.useRealTimers();
});

const turn = () => vi.advanceTimersByTime(0);

describe('a pump', () => {
  test('that is not woken does nothing', () => {
    const { runs } = bench();
    vi.advanceTimersByTime(10_000);
    expect(runs).toEqual([]);
  });

  test('runs once at the end of a turn, however often it was woken', () => {
    const { pump, runs } = bench();
    for (let time = 0; time < 5; time += 1) pump.wake();
    expect(runs).toEqual([]);
    turn();
    expect(runs).toEqual([1_000_000]);
    pump.wake();
    turn();
    expect(runs).toHaveLength(2);
  });

  test('runs again when it was asked to', () => {
    const { pump, runs } = bench((now) => (now === 1_000_000 ? now + 300 : undefined));
    pump.wake();
    vi.advanceTimersByTime(299);
    expect(runs).toEqual([1_000_000]);
    vi.advanceTimersByTime(2);
    expect(runs).toHaveLength(2);
  });

  test('that is woken before does not run twice for it', () => {
    const { pump, runs } = bench((now) => now + 300);
    pump.wake();
    vi.advanceTimersByTime(200);
    pump.wake();
    vi.advanceTimersByTime(250);
    expect(runs).toEqual([1_000_000, 1_000_200]);
  });

  test('looks each second, however long nothing is due', () => {
    const { pump, runs } = bench((now) => now + 10 ** 12);
    pump.wake();
    vi.advanceTimersByTime(2_010);
    expect(runs).toHaveLength(3);
  });

  test('does not spin where something was due long ago', () => {
    const { pump, runs } = bench(() => 0);
    pump.wake();
    vi.advanceTimersByTime(10);
    expect(runs.length).toBeGreaterThan(1);
    expect(runs.length).toBeLessThanOrEqual(11);
  });

  test('that is stopped runs no more', () => {
    const { pump, runs } = bench((now) => now + 10);
    pump.wake();
    turn();
    pump.wake();
    pump.stop();
    pump.wake();
    vi.advanceTimersByTime(10_000);
    expect(runs).toHaveLength(1);
  });

  test('goes on after a fault, a second later, and says what it was', () => {
    const fault = new Error('no such device');
    const { pump, runs, failures } = bench((now) => {
      if (now === 1_000_000) throw fault;
      return undefined;
    });
    pump.wake();
    vi.advanceTimersByTime(999);
    expect(runs).toHaveLength(1);
    expect(failures).toEqual([fault]);
    vi.advanceTimersByTime(2);
    expect(runs).toHaveLength(2);
    expect(failures).toHaveLength(1);
  });
});
