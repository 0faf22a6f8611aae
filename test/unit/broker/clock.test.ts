import { describe, expect, test } from 'vitest';
import { Clock } from '#broker/clock.ts';

const START = 1_800_000_000_000;

/** A machine whose clocks a test moves, and what the hub's clock says of it. */
class Machine {
  readonly jumps: { by: number; now: number }[] = [];
  readonly clock: Clock;
  #wall = START;
  #awake = 500;
  #since = 10_000_000;

  constructor() {
    const wall = () => this.#wall;
    this.clock = new Clock({ wall, awake: () => this.#awake, since: () => this.#since });
    this.clock.onJump((by, now) => this.jumps.push({ by, now }));
  }

  pass(ms: number): number {
    this.#wall += ms;
    this.#awake += ms;
    this.#since += ms;
    return this.clock.now();
  }

  sleep(ms: number): number {
    this.#wall += ms;
    this.#since += ms;
    return this.clock.now();
  }

  set(by: number): void {
    this.#wall += by;
  }
}

test('the time is that of the wall clock', () => {
  const machine = new Machine();
  expect(machine.pass(1_234)).toBe(START + 1_234);
  expect(machine.jumps).toEqual([]);
});

describe('a clock that is set', () => {
  test.each([3_600_000, -3_600_000, 1_001, -1_001])('by %i ms is told, once, with the new time', (by) => {
    const machine = new Machine();
    machine.pass(60_000);
    machine.set(by);
    const now = machine.clock.now();
    expect(now).toBe(START + 60_000 + by);
    expect(machine.jumps).toEqual([{ by, now }]);
    machine.pass(60_000);
    expect(machine.jumps).toHaveLength(1);
  });

  test('is told before anybody is told the new time', () => {
    const machine = new Machine();
    machine.set(5_000);
    const heard: string[] = [];
    machine.clock.onJump(() => heard.push('jump'));
    heard.push(String(machine.clock.now()));
    expect(heard).toEqual(['jump', String(START + 5_000)]);
  });

  test('and set back again is told twice', () => {
    const machine = new Machine();
    machine.set(5_000);
    machine.clock.now();
    machine.set(-5_000);
    machine.clock.now();
    expect(machine.jumps.map(({ by }) => by)).toEqual([5_000, -5_000]);
  });

  test('by no more than a second is not worth telling', () => {
    const machine = new Machine();
    machine.set(1_000);
    machine.pass(60_000);
    expect(machine.jumps).toEqual([]);
  });
});

describe('a machine that sleeps', () => {
  test('has not set its clock', () => {
    const machine = new Machine();
    expect(machine.sleep(8 * 3_600_000)).toBe(START + 8 * 3_600_000);
    expect(machine.jumps).toEqual([]);
  });

  test('and sets its clock when it wakes up has set it by no more than that', () => {
    const machine = new Machine();
    machine.set(-90_000);
    machine.sleep(3_600_000);
    expect(machine.jumps.map(({ by }) => by)).toEqual([-90_000]);
  });
});

test('a clock that is slewed for hours has not been set, nor is it told so when the machine has slept then', () => {
  const machine = new Machine();
  for (let second = 0; second < 10_000; second += 1) {
    machine.set(0.5);
    machine.pass(1_000);
  }
  machine.sleep(3_600_000);
  expect(machine.jumps).toEqual([]);
});
