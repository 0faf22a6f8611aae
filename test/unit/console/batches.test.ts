import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BATCH, COMMAND, evBatch, type BatchDelta } from '#firmware-protocol';
import { toldBatch, toldCommand } from '#broker/contract/batch.ts';
import { batchFromDelta, batchFromTold, canRetry, countOutcomes } from '#console/fleet/batch.ts';
import { Batches } from '#console/fleet/batches.svelte.ts';
import { Outcomes } from '#console/fleet/outcomes.svelte.ts';
import { standingOf } from '#console/pages/batch/standing.ts';
import { command, NOON } from './samples.ts';

const tally = (counts: Partial<Record<keyof typeof COMMAND, number>>): number[] =>
  Object.keys(COMMAND).map((stage) => counts[stage as keyof typeof COMMAND] ?? 0);

const delta = (changes: Partial<BatchDelta> = {}): BatchDelta => ({
  id: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  name: 'Power → On',
  who: '@owner',
  st: BATCH.running,
  n: 4,
  since: NOON,
  t: NOON + 10,
  tally: tally({ created: 2, sent: 1, done: 1 }),
  ...changes,
});

/** As the API tells it, through its own schema. */
const told = (changes: object = {}) =>
  toldBatch.parse({
    id: '0102030405060708',
    name: 'Power → On',
    who: '@owner',
    state: 'running',
    t: NOON + 10,
    createdAt: NOON,
    devices: 4,
    tally: { created: 2, sent: 1, done: 1 },
    request: { selection: { ids: ['a', 'b', 'c', 'd'] }, set: { power: true } },
    ...changes,
  });

describe('a batch', () => {
  it('is the same from the feed and from the API', () => {
    const [carried] = evBatch.decode(
      evBatch.encode({ boot: 1, seq: 1, t: NOON, batches: [delta()] }),
    ).batches;
    expect(carried && batchFromDelta(carried)).toEqual(batchFromTold(told()));
  });

  it('counts every state as one outcome', () => {
    const counts = countOutcomes(tally(Object.fromEntries(Object.keys(COMMAND).map((stage) => [stage, 1]))));
    expect(counts).toEqual({ done: 1, failed: 3, unclear: 2, cancelled: 1, underway: 3, waiting: 1 });
  });

  it.each([
    ['running', { failed: 1, sent: 1 }, 'Running', 'running'],
    ['done', { done: 2 }, 'Finished', 'good'],
    ['done', { done: 6, rejected: 4, failed: 2 }, 'Finished, 6 failed', 'mixed'],
    ['done', { done: 1, failed: 1, unknown: 2 }, 'Finished, 1 failed, 2 unknown', 'mixed'],
    ['stopped', { failed: 3, cancelled: 5 }, 'Stopped, 3 failed', 'stopped'],
    ['cancelled', { cancelled: 5 }, 'Cancelled', 'plain'],
  ] as const)('that is %s with %j stands as "%s"', (state, counts, words, tone) => {
    expect(standingOf({ state, tally: tally(counts) })).toEqual({ words, tone });
  });

  it('can be retried when it is over and not all was done', () => {
    const ended = batchFromDelta(delta({ st: BATCH.done, tally: tally({ done: 3, failed: 1 }) }));
    expect(canRetry(ended)).toBe(true);
    expect(canRetry({ ...ended, state: 'running' })).toBe(false);
    expect(canRetry({ ...ended, tally: tally({ done: 4 }) })).toBe(false);
  });
});

describe('the batches', () => {
  it('stand latest first, and say how many run', () => {
    const batches = new Batches();
    const later = delta({ id: new Uint8Array(8), since: NOON + 5, st: BATCH.done });
    batches.take({ boot: 1, seq: 1, t: NOON, batches: [delta(), later] });
    expect(batches.list.map(({ since }) => since)).toEqual([NOON + 5, NOON]);
    expect(batches.running).toBe(1);
  });

  it('are not set back by an answer of the API that the feed has overtaken', () => {
    const batches = new Batches();
    batches.take({ boot: 1, seq: 1, t: NOON, batches: [delta({ t: NOON + 50, st: BATCH.done })] });
    batches.put([batchFromTold(told())]);
    expect(batches.get('0102030405060708')?.state).toBe('done');
  });
});

describe('the outcomes of a batch', () => {
  beforeEach(() => void vi.useFakeTimers({ now: NOON }));
  afterEach(() => void vi.useRealTimers());

  const answer = (device: string, state: string, t: number, rest: object = {}) =>
    toldCommand.parse({
      device,
      id: '0102030405060708',
      who: '@owner',
      wish: false,
      state,
      t,
      createdAt: NOON,
      steps: [],
      ...rest,
    });
  const stages = (outcomes: Outcomes) => outcomes.list.map(({ id, stage }) => `${id} ${stage}`);

  it('go on with the feed, a few times a second', () => {
    const outcomes = new Outcomes();
    outcomes.load([answer('a', 'created', NOON), answer('b', 'created', NOON)]);
    outcomes.take(command({ device: 'b', stage: 'rejected', at: NOON + 5, code: 14, msg: 'it is away' }));
    vi.advanceTimersByTime(250);
    expect(stages(outcomes)).toEqual(['a created', 'b rejected']);
    expect(outcomes.list[1]).toMatchObject({ outcome: 'failed', code: 14, msg: 'it is away' });
  });

  it('are not set back by an answer that the feed has overtaken, and take a late one', () => {
    const outcomes = new Outcomes();
    outcomes.take(command({ device: 'a', stage: 'done', at: NOON + 5 }));
    outcomes.load([answer('a', 'sent', NOON + 1), answer('b', 'timedOut', NOON + 1)]);
    outcomes.take(command({ device: 'b', stage: 'done', at: NOON + 9 }));
    vi.advanceTimersByTime(250);
    expect(stages(outcomes)).toEqual(['a done', 'b done']);
  });

  it('leave out what this console only thinks', () => {
    const outcomes = new Outcomes();
    outcomes.load([answer('a', 'sent', NOON)]);
    outcomes.take(command({ device: 'a', stage: 'unheard', at: NOON + 5 }));
    outcomes.close();
    expect(stages(outcomes)).toEqual(['a sent']);
  });
});
