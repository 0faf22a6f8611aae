import { describe, expect, test } from 'vitest';
import { RESEND, STATUS } from '#firmware-protocol';
import { FleetBench } from './fleet-bench.ts';
import { device, lamp, lampPayload, START, values } from './builders.ts';

const linked = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  bench.fleet.connected('lamp', bench.now);
  return bench;
};

const listening = async (): Promise<FleetBench> => {
  const bench = await linked();
  bench.fleet.listening('lamp', bench.now);
  bench.clear();
  return bench;
};

describe('control', () => {
  test('tells the time to a device that listens', async () => {
    const bench = await linked();
    bench.fleet.listening('lamp', START + 5);
    expect(bench.takeSent()).toEqual([{ device: 'lamp', channel: 'ctl', t: START + 5 }]);
  });

  test('asks for the status that a stale will has replaced', async () => {
    const bench = await linked();
    bench.status({ st: STATUS.lost });
    expect(bench.takeSent()).toEqual([{ device: 'lamp', channel: 'ctl', t: START, op: RESEND.status }]);
    expect(bench.told()).toMatchObject({ st: STATUS.online });
  });

  test('asks nothing of a device that is truly lost', async () => {
    const bench = await FleetBench.with('lamp');
    bench.status({ st: STATUS.lost });
    expect(bench.takeSent()).toEqual([]);
  });
});

describe('a description', () => {
  const dhash = lamp().hash;
  const ask = (t: number) => ({ device: 'lamp', channel: 'ctl', t, op: RESEND.desc });

  test('that does not come by itself is asked for after a second, and not again at once', async () => {
    const bench = await listening();
    bench.status({ dhash });
    await bench.pass(999);
    expect(bench.takeSent()).toEqual([]);
    await bench.pass(1);
    expect(bench.takeSent()).toEqual([ask(START + 1_000)]);
    await bench.pass(10_000);
    expect(bench.takeSent()).toEqual([]);
  });

  test('that is awaited says when `run` is due', async () => {
    const bench = await listening();
    bench.status({ dhash });
    expect(await bench.pass(500)).toBe(START + 1_000);
  });

  test('that came is not asked for', async () => {
    const bench = await linked();
    bench.status({ dhash });
    bench.fleet.received('lamp', 'desc', lampPayload(), bench.now);
    await bench.pass(5_000);
    expect(bench.takeSent()).toEqual([]);
    expect(bench.told()?.dhash).toEqual(dhash);
  });

  test('is not asked for when the device has gone', async () => {
    const bench = await linked();
    bench.status({ dhash });
    bench.fleet.disconnected('lamp', bench.now);
    await bench.pass(5_000);
    expect(bench.takeSent()).toEqual([]);
  });

  test('is not asked for when another device has told the same', async () => {
    const bench = await FleetBench.with('lamp', 'twin');
    await bench.online('twin');
    bench.fleet.connected('lamp', bench.now);
    bench.status({ dhash });
    expect(bench.told()?.dhash).toEqual(dhash);
    await bench.pass(5_000);
    expect(bench.takeSent()).toEqual([]);
  });

  test('that changed replaces the one before', async () => {
    const bench = await linked();
    bench.fleet.received('lamp', 'desc', lampPayload('1'), bench.now);
    await bench.run();
    bench.fleet.received('lamp', 'desc', lampPayload('2'), bench.now);
    await bench.pass(100);
    expect(bench.takeFleetEvents().map(({ descs }) => descs)).toEqual([
      [lampPayload('1')],
      [lampPayload('2')],
    ]);
    expect(bench.told()?.dhash).toEqual(lamp('2').hash);
  });
});

describe('registered devices', () => {
  test('appear, with their names', async () => {
    const bench = await FleetBench.with('lamp');
    bench.fleet.registered([device('lamp'), device('plug', { name: 'Plug', place: 'attic' })]);
    await bench.run();
    expect(bench.takeFleetEvents()).toMatchObject([
      { devs: [{ did: 'plug', name: 'Plug', place: 'attic', st: STATUS.lost }] },
    ]);
    expect(bench.fleet.count()).toEqual({ devices: 2, online: 0, twice: 0, lost: 0 });
  });

  test('that were known stay as they are', async () => {
    const bench = await linked();
    bench.state({ 1: true });
    bench.fleet.registered([device('lamp')]);
    expect(bench.told()).toMatchObject({ st: STATUS.online, vals: values({ 1: true }) });
  });

  test('that were removed go: their links end, their commands are forgotten, consoles are told', async () => {
    const bench = await FleetBench.with('lamp', 'plug');
    await bench.online();
    await bench.command();
    bench.clear();
    await bench.store.removeDevice('lamp');
    bench.fleet.registered([device('plug')]);
    await bench.pass(11_000);
    expect(bench.dropped).toEqual(['lamp']);
    expect(bench.takeFleetEvents()).toMatchObject([{ devs: [], gone: ['lamp'] }]);
    expect(bench.takeCommands()).toEqual([]);
    expect(bench.takeSent()).toEqual([]);
    expect(bench.fleet.count()).toEqual({ devices: 1, online: 0, twice: 0, lost: 0 });
    expect(bench.log).toEqual([]);
  });

  test('may link right after another process registered them, and are heard from their first word on', async () => {
    const bench = await FleetBench.with();
    await bench.store.createDevices([device('lamp')]);
    bench.store.hold();
    bench.fleet.introduced(device('lamp'));
    await bench.link();
    expect(bench.takeSent()).toEqual([{ device: 'lamp', channel: 'ctl', t: START }]);
    expect(bench.told()).toMatchObject({ st: STATUS.online, dhash: lamp().hash });
    bench.store.letGo();
    await bench.command();
    expect(bench.takeSent()).toMatchObject([{ device: 'lamp', channel: 'cmd' }]);
  });

  test('that were registered a moment ago and lose their link at once are lost', async () => {
    const bench = await FleetBench.with();
    bench.fleet.introduced(device('lamp'));
    bench.fleet.connected('lamp', bench.now);
    bench.fleet.disconnected('lamp', bench.now);
    expect(bench.told()).toMatchObject({ st: STATUS.lost });
    expect(bench.fleet.count()).toEqual({ devices: 1, online: 0, twice: 0, lost: 0 });
  });

  test('that are introduced again stay as they are, and have nothing of an earlier one of their id', async () => {
    const bench = await FleetBench.with('lamp');
    await bench.online();
    bench.state({ 1: true });
    bench.fleet.introduced(device('lamp'));
    expect(bench.told()).toMatchObject({ st: STATUS.online, vals: values({ 1: true }) });
    expect(bench.dropped).toEqual([]);
    bench.fleet.introduced(device('lamp', { createdAt: START + 1 }));
    expect(bench.told()).toMatchObject({ st: STATUS.lost, vals: values({}) });
    expect([bench.dropped, bench.forgotten]).toEqual([['lamp'], ['lamp']]);
  });
});

test('a device that is not registered changes nothing, whatever it does', async () => {
  const bench = await FleetBench.with('lamp');
  bench.fleet.connected('ghost', bench.now);
  bench.status({}, 'ghost');
  bench.state({ 1: true }, {}, 'ghost');
  bench.fleet.disconnected('ghost', bench.now);
  await bench.run();
  expect(bench.fleet.count()).toEqual({ devices: 1, online: 0, twice: 0, lost: 0 });
  expect(bench.takeFleetEvents()).toEqual([]);
});

test('devices are counted as they come and go', async () => {
  const bench = await FleetBench.with('a', 'b');
  bench.fleet.connected('a', bench.now);
  bench.fleet.connected('b', bench.now);
  expect(bench.fleet.count()).toEqual({ devices: 2, online: 2, twice: 0, lost: 0 });
  bench.fleet.disconnected('a', bench.now);
  bench.fleet.disconnected('a', bench.now + 1_000);
  expect(bench.fleet.count()).toEqual({ devices: 2, online: 1, twice: 0, lost: 0 });
  expect(bench.told('a')).toMatchObject({ since: START });
});
