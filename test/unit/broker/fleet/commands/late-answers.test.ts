import { describe, expect, test } from 'vitest';
import { ACK, COMMAND } from '#firmware-protocol';
import { FleetBench } from '../fleet-bench.ts';
import { hex, id8, values } from '../builders.ts';

const { done, failed, rejected, timedOut, unknown } = COMMAND;

const lampOnline = async (): Promise<FleetBench> => {
  const bench = await FleetBench.with('lamp');
  await bench.online();
  return bench;
};

/** A command that has timed out. */
const unheard = async (): Promise<FleetBench> => {
  const bench = await lampOnline();
  await bench.command(1);
  await bench.pass(10_000);
  expect(bench.stored()?.st).toBe(timedOut);
  bench.clear();
  return bench;
};

const steps = (bench: FleetBench) => bench.takeCommands().map(({ st }) => st);
const storedSteps = (bench: FleetBench) =>
  (JSON.parse(bench.stored()?.steps ?? '[]') as number[][]).map(([st]) => st);

test('an answer that is repeated before it is stored counts once', async () => {
  const bench = await lampOnline();
  await bench.command(1);
  bench.clear();
  bench.ack(1, ACK.accepted);
  for (const word of [ACK.done, ACK.done, ACK.failed]) bench.ack(1, word);
  await bench.run();
  expect(steps(bench)).toEqual([COMMAND.accepted, done]);
  expect(storedSteps(bench)).toEqual([COMMAND.created, COMMAND.sent, COMMAND.accepted, done]);
});

describe('a last answer that comes late', () => {
  test.each([
    [ACK.done, done],
    [ACK.failed, failed],
    [ACK.rejected, rejected],
  ])('%i takes the place of timed out', async (word, st) => {
    const bench = await unheard();
    await bench.acked(1, word, { vals: values({ 1: true }), ver: 5 });
    expect(bench.takeCommands()).toMatchObject([{ st, vals: values({ 1: true }), ver: 5 }]);
    expect(storedSteps(bench)).toEqual([COMMAND.created, COMMAND.sent, timedOut, st]);
  });

  test('takes the place of unknown where the device fell silent, and is heard once', async () => {
    const bench = await lampOnline();
    await bench.command(1);
    await bench.acked(1, ACK.accepted);
    await bench.pass(60_000);
    expect(bench.stored()?.st).toBe(unknown);
    bench.clear();
    await bench.acked(1, ACK.done);
    await bench.acked(1, ACK.done);
    await bench.acked(1, ACK.failed);
    expect(steps(bench)).toEqual([done]);
  });

  test('is heard after the hub has restarted', async () => {
    const bench = await (await unheard()).restarted();
    await bench.online();
    await bench.acked(1, ACK.done);
    expect(steps(bench)).toEqual([done]);
    expect(storedSteps(bench)).toEqual([COMMAND.created, COMMAND.sent, timedOut, done]);
  });

  test('counts once, however often it comes before the first is stored', async () => {
    const bench = await (await unheard()).restarted();
    await bench.online();
    for (let copy = 0; copy < 3; copy += 1) bench.ack(1, ACK.done);
    await bench.run();
    expect(steps(bench)).toEqual([done]);
    bench.ack(1, ACK.failed);
    await bench.run();
    expect(steps(bench)).toEqual([]);
  });

  test('counts once while the store fails, and is told once it works', async () => {
    const bench = await unheard();
    bench.store.breakDown('saveProgress');
    for (let copy = 0; copy < 3; copy += 1) await bench.acked(1, copy === 0 ? ACK.done : ACK.failed);
    expect(steps(bench)).toEqual([]);
    bench.store.mend();
    await bench.pass(1_000);
    expect(steps(bench)).toEqual([done]);
  });

  test('of another boot does not count, whatever the device says it did', async () => {
    const bench = await unheard();
    await bench.away();
    await bench.online('lamp', 8);
    await bench.acked(1, ACK.done, { boot: 8 });
    expect(steps(bench)).toEqual([]);
    expect(bench.stored()?.st).toBe(timedOut);
  });

  test.each([ACK.accepted, ACK.progress])('is not what %i is', async (word) => {
    const bench = await unheard();
    await bench.acked(1, word);
    expect(steps(bench)).toEqual([]);
  });

  test('does not change what was answered, rejected by the hub or withdrawn', async () => {
    const bench = await lampOnline();
    await bench.command(1, { vals: values({ 2: 101 }) });
    await bench.command(2);
    await bench.acked(2, ACK.failed);
    bench.clear();
    await bench.acked(1, ACK.done);
    await bench.acked(2, ACK.done);
    await bench.acked(3, ACK.done);
    expect(steps(bench)).toEqual([]);
    expect(bench.store.stored('lamp', hex(id8(1)))?.st).toBe(rejected);
  });

  test('leaves a command alone where the store cannot say which it is', async () => {
    const bench = await (await unheard()).restarted();
    await bench.online();
    bench.store.breakDown('command');
    await bench.acked(1, ACK.done);
    expect(steps(bench)).toEqual([]);
    expect(bench.log).toContainEqual({ level: 'warn', line: expect.stringContaining('the store failed') });
  });
});
