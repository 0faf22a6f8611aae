import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BATCH, COMMAND, evBatch } from '#firmware-protocol';
import { StoreError } from '#broker/store/store-error.ts';
import { describe as described, view } from '../selection/views.ts';
import { BatchBench, T } from './batch-bench.ts';

let bench: BatchBench;

beforeEach(async () => (bench = await BatchBench.with(4)));
afterEach(() => bench.store.close());

const finish = (batch: string, device: string, st: number = COMMAND.done) =>
  bench.commands.step(batch, device, st, bench.now);

/** A batch that is over at once, because none of its devices has described itself. */
async function startRefused(fields: object = {}) {
  const known = [...bench.devices.map];
  for (const [id] of known) bench.devices.map.set(id, view(id, { description: undefined }));
  const told = await bench.start(fields);
  for (const [id, device] of known) bench.devices.map.set(id, device);
  return told;
}

/** What is saved next is stored at once, and answered when the test says so. */
function holdAnswer(): { readonly stored: Promise<void>; answer(): void } {
  const { saveProgress } = bench.store;
  const stored = Promise.withResolvers<void>();
  const answered = Promise.withResolvers<void>();
  bench.store.saveProgress = async (progress) => {
    bench.store.saveProgress = saveProgress;
    await saveProgress(progress);
    stored.resolve();
    await answered.promise;
  };
  return { stored: stored.promise, answer: () => answered.resolve() };
}

describe('a batch from its start to its end', () => {
  test('is stored with a command for each device before anything is sent, and told', async () => {
    const told = await bench.start({ name: 'all on' });
    expect(told).toMatchObject({
      name: 'all on',
      who: '@ada',
      state: 'running',
      devices: 4,
      tally: { created: 4 },
    });
    expect(bench.commands.released).toEqual([]);
    expect((await bench.store.batch(told.id))?.st).toBe(BATCH.running);
    expect(await bench.store.tally(told.id)).toEqual([{ st: COMMAND.created, n: 4 }]);
    await bench.run();
    expect(bench.commands.released).toEqual(['d00000', 'd00001', 'd00002', 'd00003']);
    expect(bench.told(told.id).at(-1)).toMatchObject({ st: BATCH.running, n: 4, name: 'all on', since: T });
  });

  test('is done when all are over, and stored as done before it is told', async () => {
    const { id } = await bench.start();
    await bench.run();
    for (const device of ['d00000', 'd00001', 'd00002']) await finish(id, device);
    await finish(id, 'd00003', COMMAND.failed);
    expect((await bench.batches.get(id)).state).toBe('running');
    await bench.run(100);
    expect((await bench.store.batch(id))?.st).toBe(BATCH.done);
    expect(await bench.batches.get(id)).toMatchObject({ state: 'done', tally: { done: 3, failed: 1 } });
    expect(bench.told(id).at(-1)?.st).toBe(BATCH.running);
    await bench.run(100);
    expect(bench.told(id).at(-1)?.st).toBe(BATCH.done);
  });

  test('is named after what it does where nobody named it', async () => {
    expect((await bench.start({ set: { on: true, level: 5 } })).name).toBe('on = true, level = 5');
    const long = await bench.start({ set: { title: 'long '.repeat(40), level: 1 } });
    expect(Buffer.byteLength(long.name)).toBeLessThanOrEqual(80);
    expect((await bench.start({ set: undefined, run: { action: 'identify' } })).name).toBe('identify');
    expect((await bench.start({ set: { title: '💡'.repeat(60) }, run: undefined })).name).toBe(
      `title = ${'💡'.repeat(17)}…`,
    );
  });

  test('that no device can do is refused with the first reason, and nothing is stored', async () => {
    const refused = bench.start({ set: { off: true } });
    await expect(refused).rejects.toThrow('the device has no property "off" (4 devices, none can do it)');
    expect(await bench.batches.list({ limit: 9 })).toEqual([]);
    expect(await bench.store.commandsNotIn([])).toEqual([]);
  });

  test('that some cannot do is for the others', async () => {
    bench.devices.map.set('d00000', view('d00000', { description: described('meter') }));
    const told = await bench.start();
    expect(told).toMatchObject({ devices: 4, tally: { rejected: 1, created: 3 } });
  });

  test('is done at once where no device has described itself, which it may do later', async () => {
    for (const id of bench.devices.map.keys())
      bench.devices.map.set(id, view(id, { description: undefined }));
    const told = await bench.start();
    await bench.run();
    expect(bench.commands.released).toEqual([]);
    expect(await bench.batches.get(told.id)).toMatchObject({ state: 'done', tally: { rejected: 4 } });
  });
});

describe('asking twice', () => {
  const id = '00000000000000aa';

  test('with the same id is asking once, also at the same time', async () => {
    const [one, two] = await Promise.all([bench.start({ id }), bench.start({ id })]);
    expect(two).toEqual(one);
    expect(await bench.start({ id })).toEqual(one);
    await bench.run();
    expect(bench.commands.released).toHaveLength(4);
    expect(await bench.store.batches({ limit: 9 })).toHaveLength(1);
  });

  test('with the same id for something else is refused', async () => {
    await bench.start({ id });
    await expect(bench.start({ id, set: { on: false } })).rejects.toMatchObject({ kind: 'conflict' });
  });

  test('is asking once after a restart too', async () => {
    await bench.start({ id });
    await bench.restart();
    expect((await bench.start({ id })).id).toBe(id);
    expect(await bench.store.batches({ limit: 9 })).toHaveLength(1);
  });
});

describe('ending it early', () => {
  test('cancelling withdraws what has not been sent, and lets the rest go on', async () => {
    const { id } = await bench.start({ concurrency: 1 });
    await bench.run();
    await finish(id, 'd00000', COMMAND.sent);
    const told = await bench.batches.cancel(id, '@bob', bench.now);
    expect(told).toMatchObject({ state: 'cancelled', msg: 'cancelled by @bob' });
    expect((await bench.store.batch(id))?.msg).toBe('cancelled by @bob');
    await Promise.all(bench.commands.withdrawals);
    await bench.run(100);
    expect((await bench.batches.get(id)).tally).toEqual({ sent: 1, cancelled: 3 });
    await finish(id, 'd00000');
    await bench.run(100);
    expect(bench.told(id).at(-1)).toMatchObject({ st: BATCH.cancelled, msg: 'cancelled by @bob' });
    expect(bench.told(id).at(-1)?.tally[COMMAND.done]).toBe(1);
    expect(bench.commands.released).toEqual(['d00000']);
  });

  test('cancelling one that is over changes nothing, and one that is not there is said', async () => {
    const { id } = await startRefused();
    await bench.run();
    expect((await bench.batches.cancel(id, '@bob', bench.now)).state).toBe('done');
    await expect(bench.batches.cancel('0000000000000000', '@bob', T)).rejects.toMatchObject({
      kind: 'notFound',
    });
  });

  test('cancelling one that is being stored waits until it is, and then ends it', async () => {
    const id = '00000000000000aa';
    const { stored, answer } = holdAnswer();
    const starting = bench.start({ id });
    await stored;
    const cancelling = bench.batches.cancel(id, '@bob', bench.now);
    answer();
    expect((await cancelling).state).toBe('cancelled');
    await starting;
    await bench.run();
    expect(bench.commands.released).toEqual([]);
  });

  test('nobody has a turn while the end is being stored', async () => {
    const { id } = await bench.start();
    const { stored, answer } = holdAnswer();
    const cancelling = bench.batches.cancel(id, '@bob', bench.now);
    await stored;
    bench.batches.run(bench.now);
    answer();
    expect((await cancelling).state).toBe('cancelled');
    expect(bench.commands.released).toEqual([]);
  });

  test('cancelling one whose end is on its way to the store leaves it at that end', async () => {
    const { id } = await bench.start({ selection: { ids: ['d00000'] } });
    await bench.run();
    await finish(id, 'd00000');
    bench.batches.run(bench.now);
    expect((await bench.batches.cancel(id, '@bob', bench.now)).state).toBe('done');
    expect((await bench.store.batch(id))?.st).toBe(BATCH.done);
  });

  test('too many failures stop it: a canary', async () => {
    const { id } = await bench.start({ concurrency: 1, stopAt: 0 });
    await bench.run();
    await finish(id, 'd00000', COMMAND.failed);
    await bench.run();
    await Promise.all(bench.commands.withdrawals);
    expect(await bench.batches.get(id)).toMatchObject({
      state: 'stopped',
      msg: '1 of 4 devices failed, which is more than 0 %',
      tally: { failed: 1, cancelled: 3 },
    });
    const [, last] = await bench.batches.commands(id, { limit: 9 });
    expect(last?.msg).toMatch(/^the batch was ended: 1 of 4 devices failed/);
    expect(bench.commands.released).toEqual(['d00000']);
  });
});

describe('again for those that did not do it', () => {
  test('a new batch has them, and asks for the same', async () => {
    const { id } = await bench.start({ set: { level: 30 }, name: 'dim' });
    await bench.run();
    await finish(id, 'd00000');
    await finish(id, 'd00001', COMMAND.timedOut);
    await finish(id, 'd00002', COMMAND.rejected);
    await expect(bench.batches.retry(id, undefined, '@ada', bench.now)).rejects.toMatchObject({
      kind: 'conflict',
    });
    await finish(id, 'd00003');
    await bench.run();
    bench.devices.map.delete('d00002');
    const again = await bench.batches.retry(id, '00000000000000bb', '@bob', bench.now);
    expect(again).toMatchObject({
      id: '00000000000000bb',
      name: 'dim (again)',
      who: '@bob',
      devices: 1,
      request: { set: { level: 30 }, selection: { ids: ['d00001'] } },
    });
    await finish(id, 'd00001');
    expect((await bench.batches.retry(id, again.id, '@bob', bench.now)).devices).toBe(1);
  });

  test('not before the last of them is over, even where the batch was ended', async () => {
    const { id } = await bench.start({ selection: { ids: ['d00000'] } });
    await bench.run();
    await finish(id, 'd00000', COMMAND.accepted);
    await bench.batches.cancel(id, '@ada', bench.now);
    await expect(bench.batches.retry(id, undefined, '@ada', bench.now)).rejects.toMatchObject({
      kind: 'conflict',
      message: expect.stringMatching(/^1 of its commands are not over/),
    });
    await finish(id, 'd00000', COMMAND.failed);
    expect((await bench.batches.retry(id, undefined, '@ada', bench.now)).devices).toBe(1);
  });

  test('where all have done it there is nothing to repeat', async () => {
    const { id } = await bench.start({ selection: { ids: ['d00000'] } });
    await bench.run();
    await finish(id, 'd00000');
    await bench.run();
    await expect(bench.batches.retry(id, undefined, '@ada', T)).rejects.toThrow(
      /every device of the batch has done it/,
    );
  });
});

describe('a restart of the hub', () => {
  test('takes a batch up where it stood: those whose turn came do not have it again', async () => {
    const { id } = await bench.start({ concurrency: 2 });
    await bench.run();
    await finish(id, 'd00000', COMMAND.sent);
    await finish(id, 'd00001');
    const commands = await bench.restart();
    await bench.run();
    expect(commands.released).toEqual(['d00002']);
    expect(await bench.batches.get(id)).toMatchObject({
      devices: 4,
      tally: { created: 2, sent: 1, done: 1 },
    });
    await commands.step(id, 'd00000', COMMAND.done, bench.now);
    await bench.run();
    expect(commands.released).toEqual(['d00002', 'd00003']);
  });

  test('finishes one whose last command ended just before', async () => {
    const { id } = await bench.start({ selection: { ids: ['d00000'] } });
    await bench.run();
    await finish(id, 'd00000');
    await bench.restart();
    await bench.run();
    expect((await bench.store.batch(id))?.st).toBe(BATCH.done);
  });

  test('withdraws what waits for its device, of one that was ended just before', async () => {
    const { id } = await bench.start({ wait: true });
    await bench.run();
    // Their turn has come, so they have an end.
    for (const device of bench.commands.released) await finish(id, device, COMMAND.created);
    const record = await bench.store.batch(id);
    if (!record) throw new Error('it is stored');
    await bench.store.saveProgress({ commands: [], batches: [{ ...record, st: BATCH.cancelled }] });
    const commands = await bench.restart();
    await Promise.all(commands.withdrawals);
    expect((await bench.batches.get(id)).tally).toEqual({ cancelled: 4 });
  });

  test('withdraws what is left of one that was ended just before', async () => {
    const { id } = await bench.start({ concurrency: 1 });
    const record = await bench.store.batch(id);
    if (!record) throw new Error('it is stored');
    await bench.store.saveProgress({
      commands: [],
      batches: [{ ...record, st: BATCH.stopped, msg: 'too many' }],
    });
    const commands = await bench.restart();
    await bench.run();
    await Promise.all(commands.withdrawals);
    expect(commands.released).toEqual([]);
    expect((await bench.batches.get(id)).tally).toEqual({ cancelled: 4 });
  });
});

describe('what another version of the hub has stored', () => {
  test('keeps no other batch from being taken up or listed', async () => {
    const { id } = await bench.start();
    const record = await bench.store.batch(id);
    if (!record) throw new Error('it is stored');
    const odd = { ...record, id: '00000000000000ff', request: '{"selection":{"moon":1}}', st: BATCH.done };
    await bench.store.saveProgress({ commands: [], batches: [odd] });
    await bench.restart();
    expect((await bench.batches.list({ limit: 9 })).map((batch) => batch.id)).toEqual([id]);
    for (const ask of [bench.batches.get(odd.id), bench.batches.retry(odd.id, undefined, '@ada', T)]) {
      await expect(ask).rejects.toMatchObject({ kind: 'conflict' });
    }
  });
});

test('a list tells how many devices were asked for by their ids, at hand or not', async () => {
  const { id } = await startRefused({ selection: { ids: ['d00000', 'd00001'] } });
  await bench.run();
  const selections = async () =>
    (await bench.batches.list({ limit: 99 }))
      .filter((each) => each.id === id)
      .map((each) => each.request.selection);
  expect(await selections()).toEqual([{ ids: 2 }]);
  for (let at = 0; at < 25; at += 1) {
    bench.now += 1;
    await startRefused();
    await bench.run();
  }
  expect(await selections()).toEqual([{ ids: 2 }]);
  expect((await bench.batches.get(id)).request.selection).toEqual({ ids: ['d00000', 'd00001'] });
});

describe('where the store fails', () => {
  test('a batch is not begun, and says so', async () => {
    await bench.store.close();
    await expect(bench.start()).rejects.toMatchObject({ name: 'StoreError' });
    expect(bench.batches.snapshot(T).flatMap((payload) => evBatch.decode(payload).batches)).toEqual([]);
  });

  test('an end that cannot be stored is not told, and tried again', async () => {
    const { id } = await bench.start({ stopAt: 0 });
    await bench.run();
    await finish(id, 'd00000', COMMAND.failed);
    await bench.store.close();
    const next = await bench.run(1_000);
    expect(next).toBe(bench.now + 1_000);
    expect(bench.told(id).at(-1)?.st).toBe(BATCH.running);
    expect(bench.commands.withdrawals).toEqual([]);
    await expect(bench.batches.cancel(id, '@ada', bench.now)).rejects.toMatchObject({ name: 'StoreError' });
    expect((await bench.batches.get(id)).state).toBe('running');
  });
});

describe('a clock that is set back', () => {
  test('does not put off an end that could not be stored', async () => {
    const { id } = await bench.start({ selection: { ids: ['d00000'] } });
    await bench.run();
    await finish(id, 'd00000');
    const { saveProgress } = bench.store;
    bench.store.saveProgress = () => Promise.reject(new StoreError('full', 'the disk is full'));
    await bench.run();
    bench.store.saveProgress = saveProgress;
    await bench.run(-3_600_000);
    expect((await bench.store.batch(id))?.st).toBe(BATCH.done);
  });
});

describe('what consoles are told', () => {
  test('at most every 100 ms, with the last word of each', async () => {
    const { id } = await bench.start();
    await bench.run();
    await finish(id, 'd00000');
    expect(await bench.run(40)).toBe(bench.now + 60);
    await finish(id, 'd00001');
    await bench.run(60);
    expect(bench.events.map(({ seq, t }) => [seq, t])).toEqual([
      [1, T],
      [2, T + 100],
    ]);
    expect(bench.told(id).at(-1)?.tally[COMMAND.done]).toBe(2);
  });

  test('whoever comes learns of those that go on and of the twenty latest', async () => {
    const lasting = await bench.start();
    for (let at = 0; at < 25; at += 1) {
      bench.now += 1;
      await startRefused();
      await bench.run();
    }
    const told = bench.batches.snapshot(bench.now).flatMap((payload) => evBatch.decode(payload).batches);
    expect(told).toHaveLength(20);
    expect(Buffer.from(told[0]?.id ?? []).toString('hex')).toBe(lasting.id);
    const first = (await bench.batches.list({ limit: 100 })).at(-2);
    expect(first).toMatchObject({ state: 'done', tally: { rejected: 4 }, createdAt: T + 1 });
  });
});

test('a batch is not for nobody', async () => {
  await expect(bench.start({ selection: { tag: 'none' } })).rejects.toMatchObject({ kind: 'invalid' });
});

test('ten thousand devices cost little beside storing them', async () => {
  const big = await BatchBench.with(10_000);
  const { id } = await big.start({ concurrency: 1_000 });
  const cpu = process.cpuUsage();
  await big.run();
  const { user, system } = process.cpuUsage(cpu);
  expect(big.commands.released).toHaveLength(1_000);
  expect((user + system) / 1_000).toBeLessThan(500);
  expect((await big.batches.get(id)).devices).toBe(10_000);
  await big.store.close();
});
