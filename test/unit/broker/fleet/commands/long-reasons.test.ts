import { expect, test } from 'vitest';
import { CODE, COMMAND, desc, FLAG, LIMITS, TYPE } from '#firmware-protocol';
import { FleetBench } from '../fleet-bench.ts';
import { values } from '../builders.ts';

const LONGEST_LABEL = 'é'.repeat(LIMITS.textBytes / 2);

test('a refusal that names a long label is cut to what can be told, and keeps nothing else from being told', async () => {
  const bench = await FleetBench.with('a', 'lamp');
  await bench.online('lamp');
  await bench.online('a');
  const dial = { pid: 1, key: 'dial', type: TYPE.int, flags: FLAG.writable, max: 5, label: LONGEST_LABEL };
  const payload = desc.encode({ proto: [1, 0], model: 'dial', fw: '1', props: [dial] });
  bench.fleet.received('a', 'desc', payload, bench.now);
  await bench.run();
  bench.clear();
  bench.ask(1, { vals: values({ 1: 9 }) }, 'a');
  bench.ask(2, {}, 'lamp');
  await bench.run();
  const told = bench.takeCommands();
  const refusal = told.find(({ did }) => did === 'a');
  expect(refusal).toMatchObject({ st: COMMAND.rejected, code: CODE.range });
  expect(refusal?.msg).toMatch(/^é+…$/);
  expect(Buffer.byteLength(refusal?.msg ?? '')).toBeLessThanOrEqual(LIMITS.textBytes);
  expect(told.filter(({ did }) => did === 'lamp').map(({ st }) => st)).toEqual([
    COMMAND.created,
    COMMAND.sent,
  ]);
});
