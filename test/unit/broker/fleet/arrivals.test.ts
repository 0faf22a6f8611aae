import { describe, expect, test } from 'vitest';
import { STATUS } from '#firmware-protocol';
import { arrive, lost, lostAt } from '#broker/fleet/arrivals.ts';
import { connected, newTwin, statusReported, type Twin } from '#broker/fleet/twin.ts';
import { device, START } from './builders.ts';

const status = { boot: 7, sess: 2, st: STATUS.online };

/** A twin whose session has told its status. */
function ready(): Twin {
  const linked = connected(newTwin(device('lamp')), START).twin;
  return statusReported(linked, status, START)?.twin as Twin;
}

/** The twin after these numbers, one a second. */
const after = (twin: Twin, ...seqs: number[]): Twin =>
  seqs.reduce((before, seq, at) => {
    const { dropped, ...arrival } = arrive(before, { boot: 7, seq }, START + at * 1_000);
    return dropped === undefined && 'twin' in arrival ? arrival.twin : before;
  }, twin);

test('a message counts once', () => {
  const first = after(ready(), 5);
  expect(arrive(first, { boot: 7, seq: 5 }, START)).toEqual({ dropped: expect.stringContaining('9.3') });
  expect(arrive(first, { boot: 7, seq: 6 }, START)).toMatchObject({ late: false });
});

test('a message that comes after a later one is late', () => {
  expect(arrive(after(ready(), 5, 7), { boot: 7, seq: 6 }, START)).toMatchObject({ late: true });
});

test('a message of another boot than the one of the session does not count', () => {
  const other = arrive(after(ready(), 5), { boot: 6, seq: 900 }, START);
  expect(other).toEqual({ dropped: expect.stringContaining('8.8') });
});

test('before its status is told, a session may be of any boot', () => {
  const again = connected(after(ready(), 5), START).twin;
  expect(arrive(again, { boot: 8, seq: 0 }, START)).toMatchObject({ late: false });
});

test('a status of an earlier session of the boot does not count', () => {
  expect(statusReported(ready(), { ...status, sess: 1 }, START)).toBeUndefined();
  expect(statusReported(ready(), { ...status, sess: 3 }, START)).toBeDefined();
});

describe('what is missing', () => {
  test('is awaited for two seconds from the first gap on', () => {
    expect(lostAt(after(ready(), 5, 6))).toBeUndefined();
    expect(lostAt(after(ready(), 5, 7, 9))).toBe(START + 1_000 + 2_000);
  });

  test('and came late is not lost', () => {
    expect(lostAt(after(ready(), 5, 8, 6, 7))).toBeUndefined();
  });

  test('is counted once it is given up, and the device is asked for its state once a minute', () => {
    const first = lost(after(ready(), 5, 9), START + 3_000);
    expect(first).toMatchObject({ messages: 3, ask: true });
    expect(lostAt(first.twin)).toBeUndefined();

    const soon = lost(after(first.twin, 12), START + 62_999);
    expect(soon).toMatchObject({ messages: 2, ask: false });
    const later = lost(after(soon.twin, 14), START + 63_000);
    expect(later).toMatchObject({ messages: 1, ask: true });
  });

  test('of a device that is not there is not asked for', () => {
    expect(lost({ ...after(ready(), 5, 9), linked: false }, START + 3_000)).toMatchObject({
      messages: 3,
      ask: false,
    });
  });
});
