import { describe, expect, it } from 'vitest';
import { ACK, CODE } from '#firmware-protocol';
import { acks, Bench, commandId, HUB_EPOCH, lastState } from './bench-device.ts';

const ON = 1;
const BRIGHTNESS = 2;

describe('a command', () => {
  it('is acknowledged as done with the new values and version, and the state follows', () => {
    const lamp = Bench.online('lamp');
    const id = commandId();
    const said = lamp.write({ [ON]: true, [BRIGHTNESS]: 7 }, { id });

    expect(said.map(({ channel }) => channel)).toEqual(['ack', 'state']);
    const [done] = acks(said);
    expect(done).toMatchObject({ st: ACK.done, ver: 2, t: HUB_EPOCH });
    expect(Buffer.from(done?.id ?? [])).toEqual(Buffer.from(id));
    expect(done?.vals?.get(BRIGHTNESS)).toBe(7);
    expect(lastState(said)).toMatchObject({ ver: 2 });
    expect(lastState(said)?.vals.get(BRIGHTNESS)).toBe(7);
    expect(lamp.tally.done).toBe(1);
  });

  it('that changes nothing is done without a new version', () => {
    const lamp = Bench.online('lamp');
    lamp.write({ [ON]: true, [BRIGHTNESS]: 7 });
    const said = lamp.write({ [BRIGHTNESS]: 7 });
    expect(said.map(({ channel }) => channel)).toEqual(['ack']);
    expect(acks(said)[0]).toMatchObject({ st: ACK.done });
  });

  it('that comes again is answered and not run again', () => {
    const lamp = Bench.online('lamp');
    const id = commandId();
    const [first] = acks(lamp.write({ [BRIGHTNESS]: 10 }, { id }));
    lamp.write({ [BRIGHTNESS]: 90 });

    const said = lamp.write({ [BRIGHTNESS]: 10 }, { id });
    expect(said).toHaveLength(1);
    const [again] = acks(said);
    expect(again).toMatchObject({ st: ACK.done, ver: first?.ver });
    expect(again?.seq).toBeGreaterThan(first?.seq ?? Infinity);
    expect(lastState(lamp.tellTime(2))?.vals.get(BRIGHTNESS)).toBe(90);
    expect(lamp.tally.done).toBe(2);
  });

  it('is remembered for sixteen commands, and no longer', () => {
    const lamp = Bench.online('lamp');
    const id = commandId();
    lamp.write({ [BRIGHTNESS]: 10 }, { id });
    for (let n = 0; n < 15; n++) lamp.write({ [BRIGHTNESS]: 20 + n });
    lamp.write({ [BRIGHTNESS]: 10 }, { id });
    expect(lamp.tally.done).toBe(16);
    lamp.write({ [BRIGHTNESS]: 50 });
    lamp.write({ [BRIGHTNESS]: 10 }, { id });
    expect(lamp.tally.done).toBe(18);
  });

  it('that is rejected stays rejected when it comes again', () => {
    const lamp = Bench.online('lamp');
    const id = commandId();
    lamp.write({ [BRIGHTNESS]: 101 }, { id });
    expect(acks(lamp.write({ [BRIGHTNESS]: 50 }, { id }))[0]).toMatchObject({ code: CODE.range });
  });

  it('is rejected as expired by hub time, not by the device clock', () => {
    const lamp = Bench.online('lamp');
    lamp.now += 5_000;
    const late = acks(lamp.write({ [ON]: true }, { exp: HUB_EPOCH + 4_999 }));
    expect(late[0]).toMatchObject({ st: ACK.rejected, code: CODE.expired, msg: 'expired 1 ms ago' });
    expect(acks(lamp.write({ [ON]: true }, { exp: HUB_EPOCH + 5_000 }))[0]).toMatchObject({ st: ACK.done });
  });

  it('is rejected while the time is unknown', () => {
    const lamp = new Bench('lamp');
    lamp.connect();
    const [rejected] = acks(lamp.write({ [ON]: true }));
    expect(rejected).toMatchObject({ st: ACK.rejected, code: CODE.unavailable, t: 0 });
  });

  it('is rejected when it was based on another version', () => {
    const lamp = Bench.online('lamp');
    lamp.write({ [BRIGHTNESS]: 10 });
    const [stale] = acks(lamp.write({ [BRIGHTNESS]: 20 }, { if: 1 }));
    expect(stale).toMatchObject({ st: ACK.rejected, code: CODE.precondition, ver: 2 });
    expect(acks(lamp.write({ [BRIGHTNESS]: 20 }, { if: 2 }))[0]).toMatchObject({ st: ACK.done, ver: 3 });
  });

  it.each([
    ['an unknown property', { 200: true }, CODE.notFound],
    ['a wrong type', { [ON]: 1 }, CODE.invalid],
    ['a value out of range', { [BRIGHTNESS]: 0 }, CODE.range],
    ['a reading', { 4: 12 }, CODE.invalid],
  ])('is rejected for %s, and nothing of it applied', (_what, values, code) => {
    const lamp = Bench.online('lamp');
    const said = lamp.write({ ...values, 3: Uint8Array.of(1, 2, 3) });
    expect(said).toHaveLength(1);
    expect(acks(said)[0]).toMatchObject({ st: ACK.rejected, code, msg: expect.any(String) });
    expect(lamp.tally.rejected).toBe(1);
  });

  it('for an unknown action is rejected as unimplemented', () => {
    expect(acks(Bench.online('lamp').command({ op: 99 }))[0]).toMatchObject({
      st: ACK.rejected,
      code: CODE.unimplemented,
    });
  });

  it.each([
    ['too few arguments', [], CODE.invalid],
    ['no value', [null], CODE.invalid],
    ['a wrong type', ['10'], CODE.invalid],
    ['a value out of range', [65], CODE.range],
  ])('with %s is rejected', (_what, args, code) => {
    const thermostat = Bench.online('thermostat');
    expect(acks(thermostat.command({ op: 1, args }))[0]).toMatchObject({ st: ACK.rejected, code });
  });

  it('that cannot be decoded is counted and ignored', () => {
    const lamp = Bench.online('lamp');
    expect(lamp.heard(lamp.device.received('cmd', Uint8Array.of(0xa1, 0x04), 0))).toEqual([]);
    expect(lamp.tally.undecodable).toBe(1);
  });

  it('that ends while the link is down is answered on the next connection', () => {
    const blind = Bench.online('blind', { intervalMs: 60_000 });
    blind.write({ 1: 0 });
    blind.pass(30_000);
    blind.write({ 1: 50 });
    blind.device.disconnected();
    expect(blind.pass(30_000)).toEqual([]);
    const said = blind.connect();
    expect(said.map(({ channel }) => channel)).toEqual(['status', 'state', 'ack']);
    expect(acks(said)[0]).toMatchObject({ st: ACK.done });
    expect(lastState(said)?.vals.get(1)).toBe(50);
  });
});
