import { describe, expect, it } from 'vitest';
import { RESEND, status, STATUS } from '#firmware-protocol';
import { Device } from '#device-sim/device.ts';
import { birthOf, KINDS } from '#device-sim/kinds/index.ts';
import { Bench, HUB_EPOCH } from './bench-device.ts';

describe('a device', () => {
  it('says what it is and how it is when it connects, and what it is only once', () => {
    const lamp = new Bench('lamp');
    const said = lamp.connect();
    expect(said.map(({ channel }) => channel)).toEqual(['status', 'desc', 'state']);
    expect(said[0]).toMatchObject({ st: STATUS.online, boot: 1, sess: 1, dhash: birthOf(lamp.kind).dhash });
    lamp.device.disconnected();
    expect(lamp.connect().map(({ channel }) => channel)).toEqual(['status', 'state']);
  });

  it('numbers what it sends without gaps, across connections', () => {
    const plug = Bench.online('plug');
    const said = [...plug.pass(5_000), ...plug.command({ op: 1 })];
    plug.device.disconnected();
    plug.pass(5_000);
    said.push(...plug.connect(), ...plug.pass(3_000), ...plug.heard(plug.device.leaving(plug.now)));
    const numbers = said.flatMap((message) => ('seq' in message ? [message.seq] : []));
    expect(numbers).toEqual(numbers.map((_, at) => 3 + at));
  });

  it('names in its will the connection that the will is for', () => {
    const lamp = new Bench('lamp');
    for (const sess of [1, 2, 3]) {
      expect(status.decode(lamp.device.connecting())).toEqual({ boot: 1, st: STATUS.lost, sess });
      expect(lamp.heard(lamp.device.connected(0))[0]).toMatchObject({ sess });
      lamp.device.disconnected();
    }
  });

  it('sends again what the hub misses', () => {
    const lamp = Bench.online('lamp');
    const channels = (op: number): string[] => lamp.tellTime(op).map(({ channel }) => channel);
    expect(channels(RESEND.desc)).toEqual(['desc']);
    expect(channels(RESEND.state)).toEqual(['state']);
    expect(channels(RESEND.status)).toEqual(['status']);
    expect(channels(RESEND.desc | RESEND.state | RESEND.status)).toEqual(['status', 'desc', 'state']);
  });

  it('gives hub time once it knows it, and leaves it to the receiver before', () => {
    const climate = new Bench('climate');
    climate.connect();
    expect(climate.pass(1_000)).toMatchObject([{ channel: 'tele', t: 0 }]);
    climate.tellTime();
    expect(climate.pass(1_000)).toMatchObject([{ channel: 'tele', t: expect.any(Number) }]);
    climate.now = 60_000;
    const [state] = climate.tellTime(RESEND.state).slice(-1);
    expect(state).toMatchObject({ channel: 'state', t: HUB_EPOCH + 60_000 });
  });

  it('takes readings once a period at a point of its own, without making up for missed ones', () => {
    const plug = Bench.online('plug');
    expect(plug.pass(10_000)).toHaveLength(10);
    const late = plug.now + 5_500;
    expect(plug.heard(plug.device.advance(late))).toHaveLength(1);
    expect(plug.device.wakeAt).toBeGreaterThan(late);
    expect(plug.device.wakeAt).toBeLessThanOrEqual(late + 1_000);

    const phases = ['a', 'b', 'c', 'd'].map((id) => new Bench('plug', { id }).device.wakeAt);
    expect(new Set(phases).size).toBe(4);
  });

  it('ends what goes on and says good-bye when it is switched off', () => {
    const blind = Bench.online('blind');
    blind.write({ 1: 100 });
    blind.pass(100);
    blind.write({ 1: 0 });
    const said = blind.heard(blind.device.leaving(blind.now));
    expect(said).toMatchObject([
      { channel: 'ack', code: 10 },
      { channel: 'status', st: STATUS.bye },
    ]);
  });
});

describe('a seed', () => {
  const run = (id: string, seed: number): unknown[] =>
    KINDS.map(({ name }) => {
      const bench = Bench.online(name, { id, seed });
      return [...bench.pass(30_000), ...bench.tellTime(RESEND.state)];
    });

  it('gives the same behaviour to the same events', () => {
    expect(run('d1', 5)).toEqual(run('d1', 5));
  });

  it('gives each device, and each other seed, another behaviour', () => {
    expect(run('d1', 5)).not.toEqual(run('d2', 5));
    expect(run('d1', 5)).not.toEqual(run('d1', 6));
  });

  it('does not let one device change another', () => {
    const settings = {
      kind: KINDS[0] as (typeof KINDS)[number],
      seed: 1,
      boot: 1,
      intervalMs: 1_000,
      now: 0,
    };
    const alone = new Device({ id: 'a', ...settings }).wakeAt;
    const others = ['x', 'y', 'a'].map((id) => new Device({ id, ...settings }).wakeAt);
    expect(others[2]).toBe(alone);
  });
});
