import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Buckets } from '#broker/history/buckets.ts';
import { HOUR, MINUTE } from '#broker/history/levels.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { Kept, type Sample } from './keeping.ts';

const DAY = 24 * HOUR;
const BEGIN = 20_000 * DAY;

function keeping(): Kept {
  const kept = new Kept(join(temporaryFolder(), 'history.db'));
  onTestFinished(() => kept.close());
  return kept;
}

/** One sample a second from one time on. */
const seconds = (series: number, from: number, count: number): Sample[] =>
  Array.from({ length: count }, (_, index) => ({ series, t: from + index * 1_000, v: (index % 60) / 10 }));

describe('whatever comes in whatever order', () => {
  const sample = fc.record({
    series: fc.integer({ min: 1, max: 3 }),
    t: fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: BEGIN, max: BEGIN + 3 * HOUR })),
    v: fc.oneof(fc.integer({ min: -50, max: 50 }), fc.double({ noNaN: true, noDefaultInfinity: true })),
  });
  const run = fc
    .tuple(
      fc.integer({ min: 1, max: 3 }),
      fc.integer({ min: 0, max: 4_000 }),
      fc.integer({ min: 1, max: 1_200 }),
    )
    .map(([series, after, count]) => seconds(series, BEGIN + after * 1_000, count));
  const step = fc.oneof(
    fc.record({
      kind: fc.constant('record' as const),
      samples: fc.oneof(fc.array(sample, { maxLength: 60 }), run),
    }),
    fc.record({
      kind: fc.constantFrom('store' as const, 'fold' as const, 'fold one' as const, 'crash' as const),
    }),
  );

  test('what was stored is there once, in order, the last of each millisecond; also after crashes', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const kept = new Kept(join(temporaryFolder(), 'history.db'));
        const stored = new Map<number, Map<number, number>>();
        let unstored: Sample[] = [];
        const store = (): void => {
          for (const { series, t, v } of unstored) {
            stored.set(series, (stored.get(series) ?? new Map<number, number>()).set(t, v));
          }
          unstored = [];
        };
        for (const step of steps) {
          if (step.kind === 'record') {
            kept.receive(step.samples);
            unstored.push(...step.samples);
          } else if (step.kind === 'crash') {
            kept.reopen();
            unstored = [];
          } else {
            if (step.kind === 'store') kept.store();
            else if (step.kind === 'fold one') kept.foldOne();
            else kept.fold();
            store();
          }
        }
        kept.reopen();
        const expected = [1, 2, 3].map((series) => [...(stored.get(series) ?? [])].sort(([a], [b]) => a - b));
        expect([1, 2, 3].map((series) => kept.all(series))).toEqual(expected);
        kept.fold();
        expect([1, 2, 3].map((series) => kept.all(series))).toEqual(expected);
        expect(kept.keeper.samples).toBe(expected.flat().length);
        kept.close();
      }),
      { numRuns: 60 },
    );
  });
});

test('slow series end up in few chunks, and the journal does not grow', () => {
  const kept = keeping();
  for (let minute = 0; minute < 300; minute += 1) {
    kept.receive([{ series: 1, t: BEGIN + minute * MINUTE, v: minute }]);
    kept.fold();
  }
  expect(kept.all(1)).toHaveLength(300);
  expect([...kept.file.rows('chunk', 1, 0, BEGIN + DAY)]).toHaveLength(1);
  expect([...kept.file.journal()]).toHaveLength(0);
});

test('what cannot be stored stays and is stored later, nothing of it twice', () => {
  const kept = keeping();
  kept.receive(seconds(1, BEGIN, 700));
  kept.store();
  // A transaction of somebody else's, in which the keeper's own cannot begin: it fails as a full disk does.
  kept.file.together(() => {
    kept.receive(seconds(1, BEGIN + 700_000, 100));
    expect(() => kept.fold()).toThrow(/transaction/);
  });
  expect(kept.all(1)).toHaveLength(700);
  expect(kept.keeper.stored).toBe(false);
  kept.fold();
  expect(kept.all(1)).toHaveLength(800);
  kept.reopen();
  expect(kept.all(1)).toEqual(
    seconds(1, BEGIN, 700)
      .concat(seconds(1, BEGIN + 700_000, 100))
      .map(({ t, v }) => [t, v]),
  );
});

test('removed series leave nothing, and a number that is given again begins empty', () => {
  const kept = keeping();
  kept.receive([...seconds(1, BEGIN, 600), ...seconds(2, BEGIN, 600)]);
  kept.fold();
  kept.receive([...seconds(1, BEGIN + HOUR, 10), ...seconds(2, BEGIN + HOUR, 10)]);
  kept.store();
  kept.keeper.remove([2]);
  expect(kept.all(2)).toEqual([]);
  kept.reopen();
  kept.receive(seconds(2, BEGIN + 2 * HOUR, 5));
  kept.store();
  expect(kept.all(2)).toHaveLength(5);
  kept.reopen();
  expect(kept.all(2)).toHaveLength(5);
  expect(kept.all(1)).toHaveLength(610);
});

test('a row that cannot be read is left out, and stops nothing', () => {
  const kept = keeping();
  kept.receive(seconds(1, BEGIN, 500));
  kept.fold();
  kept.file.put('chunk', 1, { start: BEGIN - HOUR, data: Uint8Array.of(0xff, 0xff, 0x7f) });
  kept.file.addToJournal(999, Uint8Array.of(0xff));
  kept.reopen();
  kept.receive([{ series: 1, t: BEGIN - HOUR + 5, v: 1 }]);
  kept.fold();
  expect(kept.all(1)).toHaveLength(501);
});

describe('what becomes old', () => {
  const totals = ({ count, sum, min, max, last, length }: Buckets) => ({
    count: count.reduce((a, b) => a + b, 0),
    sum: Math.round(sum.reduce((a, b) => a + b, 0) * 10) / 10,
    min: Math.min(...min),
    max: Math.max(...max),
    last: last[length - 1],
  });
  const day = { from: BEGIN, width: HOUR, size: 24 };

  test('becomes minutes, then hours, then nothing, and adds up at each level', () => {
    const kept = keeping();
    kept.receive(seconds(1, BEGIN, 5 * 3_600 + 1_800));
    kept.fold();
    const expected = totals(kept.keeper.query(1, day));
    expect(expected.count).toBe(19_800);

    // Two hours and a half have gone past what is kept raw: two whole ones are minutes.
    kept.retain(BEGIN + DAY + 2.5 * HOUR);
    expect(kept.all(1)[0]?.[0]).toBe(BEGIN + 2 * HOUR);
    expect(totals(kept.keeper.query(1, day))).toEqual(expected);

    kept.retain(BEGIN + 3 * DAY);
    expect(kept.all(1)).toEqual([]);
    expect(kept.keeper.samples).toBe(0);
    const minutes = kept.keeper.query(1, { from: BEGIN, width: MINUTE, size: 1_440 });
    expect(minutes.length).toBe(330);
    expect(Array.from(minutes.last)).toEqual(Array<number>(330).fill(5.9));
    expect(totals(kept.keeper.query(1, day))).toEqual(expected);

    kept.retain(BEGIN + 40 * DAY);
    expect(kept.keeper.query(1, { from: BEGIN, width: MINUTE, size: 1_440 }).length).toBe(6);
    expect(totals(kept.keeper.query(1, day))).toEqual(expected);

    kept.retain(BEGIN + 366 * DAY);
    expect(totals(kept.keeper.query(1, day))).toEqual(expected);
    kept.retain(BEGIN + 500 * DAY);
    expect(kept.keeper.query(1, day).length).toBe(0);
  });

  test('gives its room back to the disk, a part at a time', () => {
    const kept = keeping();
    const noise = Array.from({ length: 600_000 }, (_, index) => ({
      series: 1,
      t: BEGIN + index * 10,
      v: Math.sin(index),
    }));
    kept.receive(noise);
    kept.fold();
    const full = kept.file.bytes;
    kept.retain(BEGIN + 3 * DAY);
    for (let tick = 0; tick < 10; tick += 1) kept.retain(BEGIN + 3 * DAY);
    expect(kept.file.bytes).toBeLessThan(full / 2);
    expect(totals(kept.keeper.query(1, day)).count).toBe(600_000);
  });

  test('takes in what comes late, also for minutes that are there already', () => {
    const kept = keeping();
    const retain = (): void => {
      kept.fold();
      kept.retain(BEGIN + 3 * DAY);
    };
    kept.receive(seconds(1, BEGIN, 3_600));
    retain();
    kept.reopen();
    kept.receive([{ series: 1, t: BEGIN + 30_500, v: 99 }]);
    retain();
    const [first] = kept.keeper.query(1, { from: BEGIN, width: MINUTE, size: 60 }).max;
    expect(first).toBe(99);
    expect(totals(kept.keeper.query(1, day)).count).toBe(3_601);
  });

  test('is counted once where a crash left it both in a chunk and in the journal', () => {
    const kept = keeping();
    kept.receive([...seconds(1, BEGIN, 100), ...seconds(2, BEGIN, 100)]);
    kept.store();
    kept.foldOne();
    kept.reopen();
    kept.retain(BEGIN + 3 * DAY);
    kept.fold();
    kept.retain(BEGIN + 3 * DAY + HOUR);
    expect([1, 2].map((series) => totals(kept.keeper.query(series, day)).count)).toEqual([100, 100]);
  });

  test('is the same in exports of minutes and hours, whatever it is kept as', () => {
    const kept = keeping();
    kept.receive(seconds(1, BEGIN + 22 * HOUR, 4 * 3_600));
    kept.fold();
    const pages = (resolution: 'minute' | 'hour'): number[][] => {
      const found: number[][] = [];
      for (let from: number | undefined = 0; from !== undefined;) {
        const { buckets, next } = kept.keeper.page(1, from, BEGIN + 9 * DAY, resolution);
        buckets?.t.forEach((t, index) => found.push([t, buckets.count[index] as number]));
        from = next;
      }
      return found;
    };
    const before = { minutes: pages('minute'), hours: pages('hour') };
    expect(before.minutes).toHaveLength(240);
    expect(before.hours).toEqual([22, 23, 24, 25].map((hour) => [BEGIN + hour * HOUR, 3_600]));
    kept.retain(BEGIN + 2 * DAY + HOUR);
    expect({ minutes: pages('minute'), hours: pages('hour') }).toEqual(before);
  });
});
