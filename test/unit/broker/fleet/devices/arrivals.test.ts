import { describe, expect, test } from 'vitest';
import { STATUS } from '#firmware-protocol';
import { arrive } from '#broker/fleet/devices/arrivals.ts';
import { Losses } from '#broker/fleet/devices/losses.ts';
import { connected, newTwin, statusReported, type Twin } from '#broker/fleet/devices/twin.ts';
import { device, START } from '../builders.ts';

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

test('the will of a session decides of which boot it is', () => {
  const born = connected(newTwin(device('lamp')), START, { boot: 7, sess: 2 }).twin;
  expect(arrive(born, { boot: 6, seq: 900 }, START)).toEqual({ dropped: expect.stringContaining('8.8') });
  expect(statusReported(born, { ...status, boot: 6 }, START)).toBeUndefined();
  expect(statusReported(born, { ...status, sess: 1 }, START)).toBeUndefined();
  expect(statusReported(born, status, START)?.twin).toMatchObject({ boot: 7, sess: 2, ready: true });
});

test('without one the latest status decides', () => {
  const other = statusReported(ready(), { ...status, boot: 8 }, START)?.twin as Twin;
  expect(arrive(other, { boot: 8, seq: 0 }, START)).toMatchObject({ late: false });
  expect(arrive(other, { boot: 7, seq: 901 }, START)).toEqual({ dropped: expect.stringContaining('8.8') });
});

describe('what is missing', () => {
  /** Losses that have seen these numbers, one a second, and the twin that did. */
  function missing(...seqs: number[]): { losses: Losses; twin: Twin; twinOf: () => Twin } {
    const losses = new Losses();
    const twin = after(ready(), ...seqs);
    losses.note(twin);
    return { losses, twin, twinOf: () => twin };
  }

  test('is awaited for two seconds from the first gap on', () => {
    const none = missing(5, 6);
    expect(none.losses.dueAt(none.twinOf)).toBeUndefined();
    const { losses, twinOf } = missing(5, 7, 9);
    expect(losses.dueAt(twinOf)).toBe(START + 1_000 + 2_000);
    expect(losses.run(twinOf, START + 2_999)).toEqual({ lost: [], ask: [] });
  });

  test('and came late is not lost', () => {
    const { losses, twinOf } = missing(5, 8, 6, 7);
    expect(losses.run(twinOf, START + 9_000)).toEqual({ lost: [], ask: [] });
  });

  test('is counted once it is given up, and the device is asked for its state', () => {
    const { losses, twinOf } = missing(5, 9);
    expect(losses.run(twinOf, START + 3_000)).toMatchObject({ lost: [{ messages: 3 }], ask: ['lamp'] });
    expect(losses.run(twinOf, START + 3_000)).toEqual({ lost: [], ask: [] });
    expect(losses.messages).toBe(3);
  });

  test('again within a minute is asked for when that is over, unless the state has come', () => {
    const { losses, twin, twinOf } = missing(5, 9);
    losses.run(twinOf, START + 3_000);
    losses.note(twin);
    expect(losses.run(twinOf, START + 10_000)).toMatchObject({ lost: [{ messages: 3 }], ask: [] });
    expect(losses.dueAt(twinOf)).toBe(START + 63_000);
    expect(losses.run(twinOf, START + 63_000)).toEqual({ lost: [], ask: ['lamp'] });

    losses.note(twin);
    losses.run(twinOf, START + 70_000);
    losses.settle('lamp');
    expect(losses.dueAt(twinOf)).toBeUndefined();
  });

  test('of a device that is not there is not asked for', () => {
    const { losses, twin } = missing(5, 9);
    const away = () => ({ ...twin, linked: false });
    expect(losses.run(away, START + 3_000)).toMatchObject({ lost: [{ messages: 3 }], ask: [] });
  });
});
