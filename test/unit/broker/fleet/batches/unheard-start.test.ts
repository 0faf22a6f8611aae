import { afterEach, beforeEach, expect, test } from 'vitest';
import { BATCH } from '#firmware-protocol';
import { batchRequest } from '#broker/contract/batch.ts';
import { Batches } from '#broker/fleet/batches/batches.ts';
import { createLog } from '#broker/log/log.ts';
import { StoreError } from '#broker/store/store-error.ts';
import { id8 } from '../builders.ts';
import { FleetBench } from '../fleet-bench.ts';

/** A store that commits the start of a batch and is gone before it has said so. */

const id = '00000000000000aa';
const order = batchRequest.parse({ id, selection: { all: true }, set: { on: true } });

let bench: FleetBench;
let batches: Batches;
const gone = () => Promise.reject(new StoreError('gone', 'the thread has ended'));

beforeEach(async () => {
  let ids = 0;
  bench = await FleetBench.with('lamp', 'blank');
  await bench.online('lamp');
  bench.clear();
  batches = new Batches(
    {
      store: bench.store,
      commands: bench.fleet.orders,
      log: createLog('silent'),
      toConsoles: () => undefined,
      newId: () => id8((ids += 1)),
      wake: () => undefined,
    },
    bench.fleet,
    () => undefined,
    1,
  );
});
afterEach(() => bench.store.close());

/** From the next commit on, for so many of the calls that follow it. */
function losesAnswers(looks: number): void {
  const { saveProgress, batch } = bench.store;
  bench.store.saveProgress = async (progress) => {
    bench.store.saveProgress = saveProgress;
    await saveProgress(progress);
    let left = looks;
    bench.store.batch = (id) => {
      if (left === 0) bench.store.batch = batch;
      left -= 1;
      return left < 0 ? batch(id) : gone();
    };
    return gone();
  };
}

const start = () => batches.start(order, '@ada', bench.now);
async function sent(): Promise<number> {
  batches.run(bench.now);
  await bench.run();
  return bench.takeSent().filter(({ channel }) => channel === 'cmd').length;
}

test('goes on as if it had, where it can be asked', async () => {
  losesAnswers(0);
  expect(await start()).toMatchObject({ state: 'running', devices: 2, tally: { created: 1, rejected: 1 } });
  expect(await sent()).toBe(1);
});

test('begins when it is asked for again, and once', async () => {
  losesAnswers(1);
  await expect(start()).rejects.toMatchObject({ kind: 'gone' });
  expect(await sent()).toBe(0);
  const [one, two] = await Promise.all([start(), start()]);
  expect([one.state, two]).toEqual(['running', one]);
  expect([await sent(), await sent()]).toEqual([1, 0]);
});

test('is cancelled when that is asked for', async () => {
  losesAnswers(1);
  await expect(start()).rejects.toMatchObject({ kind: 'gone' });
  expect(await batches.cancel(id, '@ada', bench.now)).toMatchObject({ state: 'cancelled' });
  expect((await bench.store.batch(id))?.st).toBe(BATCH.cancelled);
  expect(await sent()).toBe(0);
  expect((await batches.get(id)).tally).toEqual({ cancelled: 1, rejected: 1 });
});

test('is told as it failed where nothing was stored', async () => {
  const { saveProgress } = bench.store;
  bench.store.saveProgress = () => {
    bench.store.saveProgress = saveProgress;
    return gone();
  };
  await expect(start()).rejects.toMatchObject({ kind: 'gone' });
  expect(await bench.store.batch(id)).toBeUndefined();
  expect((await start()).state).toBe('running');
});
