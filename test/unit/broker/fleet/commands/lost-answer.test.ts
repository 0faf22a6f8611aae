import { expect, test } from 'vitest';
import { ACK, COMMAND } from '#firmware-protocol';
import { SILENT_AFTER } from '#broker/fleet/commands/command.ts';
import { FleetBench } from '../fleet-bench.ts';

const sentCommands = (bench: FleetBench) => bench.takeSent().filter(({ channel }) => channel === 'cmd');

test('what a store has stored without saying so is refused there as well, so that no restart carries it out', async () => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  bench.store.losesAnswer = (operation) => operation === 'saveProgress';
  await bench.command(1, { wait: true });
  expect(bench.takeCommands().map(({ st }) => st)).toEqual([COMMAND.rejected]);
  bench.store.losesAnswer = () => false;
  await bench.pass(2_000);
  expect(bench.stored()).toMatchObject({ st: COMMAND.rejected });
  const next = await bench.restarted();
  await next.link();
  expect(sentCommands(next)).toEqual([]);
});

test('while no hub was there, a device that had accepted was not silent', async () => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  await bench.command();
  await bench.acked(1, ACK.accepted);
  bench.now += SILENT_AFTER * 2;
  const next = await bench.restarted();
  await next.pass(1_000);
  expect(next.stored()).toMatchObject({ st: COMMAND.accepted });
  await next.link();
  await next.acked(1, ACK.done);
  expect(next.stored()).toMatchObject({ st: COMMAND.done });
});
