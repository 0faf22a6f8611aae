import { describe, expect, test } from 'vitest';
import { DOUBLE_USE_WINDOW, type DeviceLink } from '#broker/fleet/devices/double-use.ts';
import { toldDevice } from '#broker/fleet/told/told-device.ts';
import { FleetBench } from '../fleet-bench.ts';
import { device, START } from '../builders.ts';

const DAY = 24 * 3_600_000;
const OURS = '192.0.2.7';
const THEIRS = '198.51.100.9';

/** Two programs that take each other over, a second apart. */
class Fight {
  readonly bench: FleetBench;
  #links = 0;

  constructor(bench: FleetBench) {
    this.bench = bench;
  }

  static async begin(): Promise<Fight> {
    const bench = await FleetBench.with('lamp', 'plug');
    await bench.online();
    return new Fight(bench);
  }

  async goOn(links: number): Promise<void> {
    for (const end = this.#links + links; this.#links < end; this.#links += 1) {
      const ours = this.#links % 2 === 0;
      const birth = { boot: ours ? 1 : 2, sess: this.#links };
      const link: DeviceLink = { address: ours ? OURS : THEIRS, birth };
      this.bench.fleet.connected('lamp', this.bench.now, link);
      await this.bench.pass(1_000);
    }
  }

  /** What consoles were told of it since this was last asked. */
  told(): (number | undefined)[] {
    const devices = this.bench.takeFleetEvents().flatMap(({ devs }) => devs);
    return devices.filter((each) => 'twice' in each).map(({ twice }) => twice);
  }

  warnings(): string[] {
    return this.bench.log.map(({ line }) => line).filter((line) => line.includes('two programs'));
  }

  /** Entries of the audit, oldest first, once they are saved. */
  async audited() {
    await this.bench.pass(1_000);
    return (await this.bench.store.audit({ limit: 100 })).reverse();
  }
}

const BEGAN = START + 4_000;

describe('a device whose id two programs use', () => {
  test('is told so once, to consoles that are there and to those that come', async () => {
    const fight = await Fight.begin();
    await fight.goOn(4);
    expect(fight.told()).toEqual([]);
    expect(fight.bench.told()).not.toHaveProperty('twice');
    await fight.goOn(1);
    expect(fight.told()).toEqual([BEGAN]);
    await fight.goOn(10);
    expect(fight.told()).toEqual([]);
    expect(fight.bench.told()?.twice).toBe(BEGAN);
  });

  test('is told over, ten minutes after the last sign', async () => {
    const fight = await Fight.begin();
    await fight.goOn(9);
    fight.told();
    const due = await fight.bench.pass(0);
    expect(due).toBeLessThanOrEqual(START + 8_000 + DOUBLE_USE_WINDOW);
    await fight.bench.pass(DOUBLE_USE_WINDOW - 1_001);
    expect(fight.told()).toEqual([]);
    await fight.bench.pass(1);
    await fight.bench.pass(100);
    expect(fight.told()).toEqual([0]);
    expect(fight.bench.told()).not.toHaveProperty('twice');
  });

  test('is named in the log with both addresses, at each sign', async () => {
    const fight = await Fight.begin();
    await fight.goOn(4);
    expect(fight.warnings()).toEqual([]);
    await fight.goOn(2);
    expect(fight.warnings()).toEqual([
      expect.stringContaining(`lamp at once, one at ${THEIRS} and one at ${OURS}`),
      expect.stringContaining(`lamp at once, one at ${OURS} and one at ${THEIRS}`),
    ]);
  });

  test('stands in the audit once for each time that it begins', async () => {
    const fight = await Fight.begin();
    await fight.goOn(20);
    const entry = { who: 'lamp', action: 'device.twice', subject: 'lamp' };
    const detail = JSON.stringify({ addresses: [THEIRS, OURS] });
    expect(await fight.audited()).toMatchObject([{ ...entry, t: BEGAN, detail }]);
    await fight.bench.pass(DOUBLE_USE_WINDOW);
    await fight.goOn(3);
    expect(await fight.audited()).toMatchObject([entry, entry]);
  });

  test('is counted, and told by the API with both addresses of late', async () => {
    const fight = await Fight.begin();
    const api = () => [...fight.bench.fleet.devices()].map(toldDevice);
    await fight.goOn(4);
    expect(fight.bench.fleet.count().twice).toBe(0);
    expect(api().filter((each) => 'twice' in each)).toEqual([]);
    await fight.goOn(2);
    expect(fight.bench.fleet.count().twice).toBe(1);
    const [lamp, plug] = api();
    expect(lamp).toMatchObject({ id: 'lamp', twice: { since: BEGAN, addresses: [OURS, THEIRS] } });
    expect(plug).not.toHaveProperty('twice');
    await fight.bench.pass(DOUBLE_USE_WINDOW);
    expect(fight.bench.fleet.count().twice).toBe(0);
    expect(api().filter((each) => 'twice' in each)).toEqual([]);
  });

  test('is found by programs that are still there, where they say nothing of themselves', async () => {
    const { bench } = await Fight.begin();
    const links = [OURS, THEIRS, OURS, THEIRS].map((address) => ({ address }));
    for (const [at, by] of links.entries()) {
      bench.fleet.connected('lamp', bench.now, by);
      const old = links[at - 1];
      if (old) bench.fleet.outlived('lamp', old, by, bench.now);
      expect(bench.fleet.count().twice).toBe(at === 3 ? 1 : 0);
    }
  });

  test('is forgotten with it: one of the same id that is registered later begins anew', async () => {
    const fight = await Fight.begin();
    await fight.goOn(6);
    fight.bench.fleet.registered([device('plug')]);
    expect(fight.bench.fleet.count().twice).toBe(0);
    fight.bench.fleet.outlived('lamp', { address: OURS }, { address: THEIRS }, fight.bench.now);
    fight.bench.fleet.registered([device('lamp'), device('plug')]);
    await fight.goOn(1);
    expect(fight.bench.fleet.count().twice).toBe(0);
    expect(fight.bench.told()).not.toHaveProperty('twice');
  });

  test.each([DAY, -DAY])('is so for as long where the clock is set by %i ms', async (by) => {
    const fight = await Fight.begin();
    await fight.goOn(5);
    await fight.bench.setClock(by);
    await fight.bench.pass(DOUBLE_USE_WINDOW - 1_001);
    expect(fight.bench.fleet.count().twice).toBe(1);
    await fight.bench.pass(1);
    expect(fight.bench.fleet.count().twice).toBe(0);
  });
});

test('a device that is lost, restarts and moves again and again is not told so', async () => {
  const bench = await FleetBench.with('lamp');
  for (let boot = 1; boot <= 50; boot += 1) {
    for (let sess = 1; sess <= 3; sess += 1) {
      const address = sess === 3 ? THEIRS : OURS;
      bench.fleet.connected('lamp', bench.now, { address, birth: { boot, sess } });
      await bench.pass(1_000);
    }
  }
  expect(bench.told()).not.toHaveProperty('twice');
  expect(bench.told()?.flaps).toBeGreaterThan(100);
});
