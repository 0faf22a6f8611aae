import { describe, expect, it } from 'vitest';
import { acks, Bench, lastState, type Said } from './bench-device.ts';

const HOUR = 3_600_000;

const readings = (said: readonly Said[], pid: number): number[] =>
  said.flatMap((message) => (message.channel === 'tele' ? [message.vals?.get(pid) as number] : []));

describe('a plug', () => {
  const ON = 1;
  const POWER = 2;
  const ENERGY = 3;
  const RESET = 1;

  it('draws power when it is on, next to none when it is off', () => {
    const plug = Bench.online('plug');
    plug.write({ [ON]: true });
    const on = readings(plug.pass(60_000), POWER);
    plug.write({ [ON]: false });
    const off = readings(plug.pass(60_000), POWER);
    expect(Math.min(...on)).toBeGreaterThan(10 * Math.max(...off));
    expect(new Set(on).size).toBeGreaterThan(10);
  });

  it('counts energy that fits its power, and never backwards', () => {
    const plug = Bench.online('plug', { seed: 4 });
    plug.write({ [ON]: true });
    plug.command({ op: RESET });
    const said = plug.pass(HOUR);
    const energy = readings(said, ENERGY);
    expect(energy).toEqual(energy.toSorted((a, b) => a - b));
    const watts = readings(said, POWER).map((tenths) => tenths / 10);
    const mean = watts.reduce((sum, each) => sum + each, 0) / watts.length;
    expect(energy.at(-1)).toBeGreaterThan(0.99 * mean - 1);
    expect(energy.at(-1)).toBeLessThan(1.01 * mean + 1);
  });

  it('starts counting again when it is told to', () => {
    const plug = Bench.online('plug');
    expect(acks(plug.command({ op: RESET }))).toMatchObject([{ st: 3 }]);
    expect(readings(plug.pass(1_000), ENERGY)[0]).toBeLessThan(2);
  });
});

describe('a lamp', () => {
  it('draws more the brighter it is', () => {
    const lamp = Bench.online('lamp');
    const power = (brightness: number): number => {
      lamp.write({ 1: true, 2: brightness });
      return readings(lamp.pass(10_000), 4).at(-1) as number;
    };
    expect(power(100)).toBeGreaterThan(power(50));
    expect(power(50)).toBeGreaterThan(power(1));
  });
});

describe('a climate sensor', () => {
  it('drains its battery', () => {
    const climate = Bench.online('climate', { intervalMs: 60_000 });
    const battery = lastState(climate.tellTime(2))?.vals.get(5) as number;
    const later = lastState(climate.pass(2 * HOUR))?.vals.get(5) as number;
    expect(battery - later).toBeGreaterThanOrEqual(7);
    expect(battery - later).toBeLessThanOrEqual(9);
  });
});
