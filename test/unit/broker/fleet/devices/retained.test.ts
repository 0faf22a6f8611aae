import { expect, test } from 'vitest';
import { desired, state, status, STATUS } from '#firmware-protocol';
import { FleetBench } from '../fleet-bench.ts';
import { lampPayload, values } from '../builders.ts';

test('a hub that starts puts back what was retained, byte for byte as the device sent it', async () => {
  const before = await FleetBench.with('lamp', 'silent');
  const said = {
    status: status.encode({ boot: 7, sess: 1, st: STATUS.online, seq: 3 }),
    state: state.encode({ boot: 7, seq: 4, t: -5, vals: values({ 1: true, 3: 10 }), ver: 9, dver: 1 }),
    desc: lampPayload(),
  };
  before.fleet.connected('lamp', before.now);
  for (const channel of ['status', 'desc', 'state'] as const) {
    before.fleet.received('lamp', channel, said[channel], before.now);
  }
  await before.desire({ 3: 20 });
  await before.pass(1_000);
  const bench = await before.restarted();
  expect(bench.retained).toEqual(
    (['status', 'desc', 'state'] as const).map((channel) => ({
      device: 'lamp',
      channel,
      payload: said[channel],
    })),
  );
  expect(bench.takeSent()).toEqual([
    {
      device: 'lamp',
      channel: 'desired',
      ...desired.decode(desired.encode({ vals: values({ 3: 20 }), ver: 2 })),
    },
  ]);
});

test('a will that was published is put back as it was', async () => {
  const before = await FleetBench.with('lamp');
  await before.online();
  before.fleet.disconnected('lamp', before.now);
  const will = status.encode({ boot: 7, sess: 1, st: STATUS.lost });
  before.fleet.received('lamp', 'status', will, before.now);
  await before.pass(1_000);
  const bench = await before.restarted();
  expect(bench.retained[0]).toEqual({ device: 'lamp', channel: 'status', payload: will });
});

test('a state that does not count is not kept to be put back', async () => {
  const before = await FleetBench.with('lamp');
  await before.online();
  before.state({ 1: true }, { seq: 502 });
  before.state({ 1: false }, { seq: 501 });
  await before.pass(1_000);
  const { retained } = await before.restarted();
  const kept = retained.find(({ channel }) => channel === 'state');
  expect(state.decode(kept?.payload ?? new Uint8Array())).toMatchObject({ seq: 502 });
});
