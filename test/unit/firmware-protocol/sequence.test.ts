import { describe, expect, test } from 'vitest';
import { giveUp, receive, type SequenceVerdict, type SequenceWindow } from '#firmware-protocol';

const LAST = 2 ** 32 - 1;

/** Receives numbers of one boot in this order, and tells the verdict on the last and how many are missing then. */
function receiving(...seqs: number[]): { verdict: SequenceVerdict; missing: number } {
  let window: SequenceWindow | undefined;
  let last: ReturnType<typeof receive> | undefined;
  for (const seq of seqs) {
    last = receive(window, 7, seq);
    window = last.window;
  }
  return { verdict: last?.verdict ?? 'stale', missing: last?.window.missing ?? 0 };
}

const upTo = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

describe('a sequence number', () => {
  test.each<[string, number[], SequenceVerdict, number]>([
    ['the first, whatever it is', [1201], 'new', 0],
    ['the next', [5, 6], 'new', 0],
    ['the same again', [5, 5], 'duplicate', 0],
    ['the same again, after others', [5, 6, 7, 5], 'duplicate', 0],
    ['after a gap of three', [5, 9], 'new', 3],
    ['late, into the gap', [5, 9, 7], 'new', 2],
    ['late, into the gap, twice', [5, 9, 7, 7], 'duplicate', 2],
    ['late, all of the gap', [5, 9, 7, 6, 8], 'new', 0],
    ['before the first', [5, 4], 'new', 0],
    ['63 behind the highest', [100, 37], 'new', 0],
    ['after two gaps', [5, 7, 9], 'new', 2],
    ['64 behind the highest', [100, 36], 'stale', 0],
    ['63 behind, seen before', [37, 100, 37], 'duplicate', 62],
    ['pushed out of the window', [36, 100, 36], 'stale', 63],
    ['after a gap wider than the window', [5, 1_000], 'new', 63],
    ['behind a gap wider than the window', [5, 1_000, 999], 'new', 62],
    ['across the wrap', [LAST, 0], 'new', 0],
    ['across the wrap, with a gap', [LAST - 1, 2], 'new', 3],
    ['across the wrap, again', [LAST, 0, LAST], 'duplicate', 0],
    ['across the wrap, late', [LAST - 1, 0, LAST], 'new', 0],
    ['across the wrap, awaited', [LAST - 1, 0], 'new', 1],
    ['long before the wrap', [LAST - 100, 0, LAST - 100], 'stale', 63],
    ['half the range behind', [2 ** 31, 0], 'stale', 0],
    ['all of a window', [...upTo(1, 64), 1], 'duplicate', 0],
    ['all of a window and one more', [...upTo(1, 65), 1], 'stale', 0],
  ])('%s', (_name, seqs, verdict, missing) => {
    expect(receiving(...seqs)).toEqual({ verdict, missing });
  });

  test('of another boot starts afresh', () => {
    const { window } = receive(receive(undefined, 7, 500).window, 7, 505);
    const next = receive(window, 8, 0);
    expect(next).toEqual({
      window: { boot: 8, highest: 0, seen: 1n, skipped: 0n, missing: 0 },
      verdict: 'new',
    });
  });
});

test('a duplicate or stale number leaves the window as it was', () => {
  const { window } = receive(undefined, 7, 500);
  expect(receive(window, 7, 500).window).toBe(window);
  expect(receive(window, 7, 1).window).toBe(window);
});

test('the window never holds more than 64 bits', () => {
  let window: SequenceWindow | undefined;
  for (let seq = LAST - 500; seq <= LAST + 500; seq += 1) window = receive(window, 7, seq % 2 ** 32).window;
  expect(window).toEqual({ boot: 7, highest: 499, seen: 2n ** 64n - 1n, skipped: 0n, missing: 0 });
});

test('what was given up is not missing any more, and may still come', () => {
  const given = giveUp(receive(receive(undefined, 7, 5).window, 7, 9).window);
  expect(given.missing).toBe(0);
  const late = receive(given, 7, 7);
  expect(late).toMatchObject({ verdict: 'new', window: { missing: 0 } });
  expect(receive(late.window, 7, 12).window.missing).toBe(2);
});
