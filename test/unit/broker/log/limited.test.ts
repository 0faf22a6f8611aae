import { describe, expect, test } from 'vitest';
import { LogLimit } from '#broker/log/limited.ts';

const START = 1_800_000_000_000;
const MINUTE = 60_000;
const write = (held = 0) => ({ write: true, held });
const hold = { write: false, held: 0 };

const admitted = (limit: LogLimit, times: number, now: number, kind = 'k') =>
  Array.from({ length: times }, () => limit.admit(kind, now));

describe('lines of one kind', () => {
  test('are written ten times a minute', () => {
    const limit = new LogLimit();
    expect(admitted(limit, 10, START)).toEqual(Array(10).fill(write()));
    expect(admitted(limit, 5, START + MINUTE - 1)).toEqual(Array(5).fill(hold));
  });

  test('are written again after a minute, with how many were held', () => {
    const limit = new LogLimit();
    admitted(limit, 13, START);
    expect(admitted(limit, 2, START + MINUTE)).toEqual([write(3), write()]);
  });

  test('are counted anew in each minute', () => {
    const limit = new LogLimit();
    admitted(limit, 13, START);
    expect(admitted(limit, 11, START + MINUTE).map(({ write }) => write)).toEqual([
      ...Array<boolean>(10).fill(true),
      false,
    ]);
    expect(limit.admit('k', START + 2 * MINUTE)).toEqual(write(1));
  });

  test('count their minute from its first line', () => {
    const limit = new LogLimit();
    limit.admit('k', START);
    admitted(limit, 9, START + MINUTE - 1);
    expect(limit.admit('k', START + MINUTE - 1)).toEqual(hold);
    expect(limit.admit('k', START + MINUTE)).toEqual(write(1));
  });
});

test('another kind is not held up', () => {
  const limit = new LogLimit();
  admitted(limit, 20, START, 'a');
  expect(limit.admit('b', START)).toEqual(write());
});

describe('where clients make kinds without end', () => {
  const kinds = (count: number, name: string): string[] =>
    Array.from({ length: count }, (_, at) => `${name} ${at}`);

  test('those beyond a thousand are of one kind, and those that were there before are not held up', () => {
    const limit = new LogLimit();
    limit.admit('before', START);
    const written = kinds(100_000, 'flood').filter((kind) => limit.admit(kind, START).write);
    expect(written).toHaveLength(999 + 10);
    expect(limit.admit('before', START)).toEqual(write());
  });

  test('there is room for others again once these are of the past', () => {
    const limit = new LogLimit();
    for (const kind of kinds(2_000, 'flood')) limit.admit(kind, START);
    const written = kinds(500, 'later').filter((kind) => limit.admit(kind, START + MINUTE).write);
    expect(written).toHaveLength(500);
  });
});
