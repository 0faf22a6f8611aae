import { describe, expect, it } from 'vitest';
import { ACK, CODE, RESEND } from '#firmware-protocol';
import { acks, Bench, lastState, type Said } from './bench-device.ts';

const SETPOINT = 1;
const ROOM = 2;
const MODE = 3;
const DEMAND = 4;
const BOOSTING = 5;
const OFF = 0;
const COMFORT = 1;
const BOOST = 1;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const readings = (said: readonly Said[], pid: number): number[] =>
  said.flatMap((message) => (message.channel === 'tele' ? [message.vals?.get(pid) as number] : []));

function inMode(mode: number, seed = 1): Bench {
  const bench = Bench.online('thermostat', { seed, intervalMs: MINUTE });
  bench.write({ [MODE]: mode });
  return bench;
}

describe('a thermostat', () => {
  it.each([1, 2, 3])('brings the room to the setpoint and keeps it there (seed %i)', (seed) => {
    const thermostat = inMode(COMFORT, seed);
    thermostat.desire({ ver: 1, vals: new Map([[SETPOINT, 210]]) });
    thermostat.pass(3 * HOUR);
    for (const room of readings(thermostat.pass(2 * HOUR), ROOM))
      expect(Math.abs(room - 2_100)).toBeLessThan(60);
  });

  it('has inertia: a room does not jump', () => {
    const thermostat = inMode(COMFORT);
    thermostat.pass(3 * HOUR);
    thermostat.desire({ ver: 1, vals: new Map([[SETPOINT, 260]]) });
    const rooms = readings(thermostat.pass(HOUR), ROOM);
    const steps = rooms.slice(1).map((room, at) => Math.abs(room - (rooms[at] as number)));
    expect(Math.max(...steps)).toBeLessThan(120);
    expect(rooms.at(-1)).toBeGreaterThan((rooms[0] as number) + 200);
  });

  it('lets the room cool down when it is off', () => {
    const thermostat = inMode(OFF);
    const said = thermostat.pass(5 * HOUR);
    expect(new Set(readings(said, DEMAND))).toEqual(new Set([0]));
    expect(readings(said, ROOM).at(-1)).toBeLessThan(1_400);
  });

  it('behaves the same however often it is looked at', () => {
    const settled = (intervalMs: number): number => {
      const bench = Bench.online('thermostat', { intervalMs });
      bench.write({ [MODE]: COMFORT });
      bench.desire({ ver: 1, vals: new Map([[SETPOINT, 200]]) });
      return readings(bench.pass(6 * HOUR), ROOM).at(-1) as number;
    };
    expect(Math.abs(settled(HOUR) - settled(10_000))).toBeLessThan(120);
  });

  it('heats fully for the minutes of a boost, and tells when that is over', () => {
    const thermostat = inMode(COMFORT);
    const said = thermostat.command({ op: BOOST, args: [10] });
    expect(acks(said)).toMatchObject([{ st: ACK.done }]);
    expect(lastState(said)?.vals.get(BOOSTING)).toBe(true);
    expect(new Set(readings(thermostat.pass(9 * MINUTE), DEMAND))).toEqual(new Set([100]));
    expect(lastState(thermostat.pass(MINUTE))?.vals.get(BOOSTING)).toBe(false);
  });

  it('does not boost while it is off', () => {
    const failed = acks(inMode(OFF).command({ op: BOOST, args: [10] }));
    expect(failed).toMatchObject([{ st: ACK.failed, code: CODE.precondition }]);
  });
});

describe('a desired document', () => {
  const wanting = (ver: number, setpoint: number) => ({ ver, vals: new Map([[SETPOINT, setpoint]]) });

  it('is applied when its version is newer, and reported', () => {
    const thermostat = Bench.online('thermostat');
    expect(thermostat.desire(wanting(3, 225))).toMatchObject([{ channel: 'state', dver: 3, ver: 2 }]);
    expect(lastState(thermostat.tellTime(RESEND.state))?.vals.get(SETPOINT)).toBe(225);
  });

  it.each([3, 2])('of version %i is ignored once version 3 is applied', (ver) => {
    const thermostat = Bench.online('thermostat');
    thermostat.desire(wanting(3, 225));
    expect(thermostat.desire(wanting(ver, 180))).toEqual([]);
    expect(lastState(thermostat.tellTime(RESEND.state))).toMatchObject({ dver: 3, ver: 2 });
  });

  it('is reported as applied also where it changes no value', () => {
    const thermostat = Bench.online('thermostat');
    thermostat.desire(wanting(3, 225));
    expect(thermostat.desire(wanting(4, 225))).toMatchObject([{ dver: 4, ver: 3 }]);
  });

  it('is applied as far as it can be, with an error for each property that cannot', () => {
    const thermostat = Bench.online('thermostat');
    const vals = new Map([
      [SETPOINT, 190],
      [MODE, OFF],
      [ROOM, 2_000],
      [77, 1],
    ]);
    const [state] = thermostat.desire({ ver: 1, vals });
    expect(state).toMatchObject({
      errs: new Map([
        [MODE, CODE.invalid],
        [ROOM, CODE.invalid],
        [77, CODE.notFound],
      ]),
    });
    expect(lastState(thermostat.desire(wanting(2, 200)))?.errs).toBeUndefined();
  });

  it('is the only way to a persistent property', () => {
    const [rejected] = acks(Bench.online('thermostat').write({ [SETPOINT]: 200 }));
    expect(rejected).toMatchObject({ st: ACK.rejected, code: CODE.invalid });
  });
});
