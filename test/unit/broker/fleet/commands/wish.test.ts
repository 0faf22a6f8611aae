import { describe, expect, test } from 'vitest';
import { CODE, COMMAND, type DesiredRequest, type Values } from '#firmware-protocol';
import { isOpen } from '#broker/fleet/commands/life.ts';
import {
  createWish,
  delivered,
  overdue,
  placed,
  refusedWish,
  replaced,
  settled,
  withdrawn,
  type Wish,
} from '#broker/fleet/commands/wish.ts';
import { asker, id8, START, values } from '../builders.ts';

const { created, sent, done, failed, rejected, timedOut, cancelled } = COMMAND;
const LATER = START + 5;
const request = (vals: Values = values({ 3: 10, 5: 20 })): DesiredRequest => ({ id: id8(1), vals });
const fresh = createWish(asker(), request(), START);
const open = placed(fresh, 4, START);
const out = delivered(open, START + 1);
const held = createWish({ ...asker(), batch: 'b1' }, request(), START);
const hurried = placed(held, 4, START, 10_000);
const applied = (dver: number, errs: readonly (readonly [number, number])[] = []) => ({
  dver,
  errs: new Map(errs),
});
const states = ({ steps }: Wish) => steps.map(({ st }) => st);
const late = overdue(hurried, START + 10_000);

test('a wish is created without an end, and not held by any document', () => {
  expect(fresh).toMatchObject({ kind: 'wish', st: created, t: START, createdAt: START, who: '@ada' });
  expect(fresh).not.toHaveProperty('exp');
  expect(fresh).not.toHaveProperty('wver');
  expect(open).toEqual({ ...fresh, wver: 4 });
});

test('a wish that is refused says why', () => {
  const refused = refusedWish(fresh, { code: CODE.range, msg: 'too high' }, LATER);
  expect(refused).toMatchObject({ st: rejected, code: CODE.range, msg: 'too high', t: LATER });
  expect(states(refused)).toEqual([created, rejected]);
});

describe('delivered', () => {
  test('it is sent, once', () => {
    expect(out).toMatchObject({ st: sent, t: START + 1 });
    expect(states(out)).toEqual([created, sent]);
    expect(delivered(out, LATER)).toBe(out);
  });

  test('it is not before a document holds it', () => {
    expect(delivered(fresh, LATER)).toBe(fresh);
  });

  test.each([
    ['done', settled(out, applied(4), LATER)],
    ['cancelled', replaced(out, values({ 3: 1, 5: 1 }), LATER)],
    ['timed out', late],
  ])('nor once it is %s', (_name, wish) => {
    expect(delivered(wish, LATER)).toBe(wish);
  });
});

describe('settled', () => {
  test.each([
    ['of its document', 4],
    ['of a later one', 9],
  ])('by the version %s it is done, whether it was known to be sent or not', (_name, dver) => {
    for (const wish of [open, out]) {
      const next = settled(wish, applied(dver), LATER);
      expect(next).toMatchObject({ st: done, t: LATER });
      expect(states(next)).toEqual([...states(wish), done]);
    }
  });

  test('by an earlier version it is not', () => {
    expect(settled(out, applied(3), LATER)).toBe(out);
  });

  test('not before a document holds it, whatever the version', () => {
    expect(settled(fresh, applied(0xffff_ffff), LATER)).toBe(fresh);
  });

  test('with a code for one of its properties it has failed with that', () => {
    expect(settled(out, applied(4, [[5, CODE.range]]), LATER)).toMatchObject({
      st: failed,
      code: CODE.range,
      t: LATER,
    });
  });

  test('with a code for what others wished it is done', () => {
    expect(settled(out, applied(4, [[6, CODE.range]]), LATER).st).toBe(done);
  });

  test('happens once', () => {
    const over = settled(out, applied(4), LATER);
    expect(settled(over, applied(5, [[3, CODE.range]]), LATER + 1)).toBe(over);
  });
});

describe('replaced', () => {
  test('by a newer wish for all of its properties it is cancelled', () => {
    for (const wish of [open, out]) {
      expect(replaced(wish, values({ 3: 1, 5: 2, 6: 3 }), LATER)).toMatchObject({
        st: cancelled,
        code: CODE.aborted,
        msg: 'a newer wish took its place',
        t: LATER,
      });
    }
  });

  test('by one for only some of them it is not', () => {
    expect(replaced(out, values({ 3: 1 }), LATER)).toBe(out);
  });

  test('nor once it is over', () => {
    const over = settled(out, applied(4), LATER);
    expect(replaced(over, values({ 3: 1, 5: 2 }), LATER)).toBe(over);
    expect(replaced(late, values({ 3: 1, 5: 2 }), LATER)).toBe(late);
  });
});

describe('a wish of a batch', () => {
  test('has an end from when a document holds it', () => {
    expect(held).not.toHaveProperty('exp');
    expect(placed(held, 4, LATER, 10_000).exp).toBe(LATER + 10_000);
  });

  test('is waited for no longer than that, and says that it stays wanted', () => {
    expect(overdue(hurried, START + 9_999)).toBe(hurried);
    expect(late).toMatchObject({
      st: timedOut,
      code: CODE.expired,
      t: START + 10_000,
      msg: expect.stringContaining('stays wanted'),
    });
    expect(isOpen(late)).toBe(false);
    expect(overdue(late, START + 20_000)).toBe(late);
  });

  test.each([
    ['done', applied(4), done],
    ['failed', applied(4, [[3, CODE.range]]), failed],
  ])('and is told to be %s after that', (_name, said, st) => {
    const next = settled(late, said, START + 99_000);
    expect(next).toMatchObject({ st, t: START + 99_000 });
    expect(states(next)).toEqual([created, timedOut, st]);
  });

  test('is withdrawn only before its turn', () => {
    expect(withdrawn(held, 'the batch was ended', LATER)).toMatchObject({
      st: cancelled,
      code: CODE.aborted,
      msg: 'the batch was ended',
    });
    expect(withdrawn(hurried, 'the batch was ended', LATER)).toBe(hurried);
  });
});

test('a wish of nobody in a hurry waits for its device as long as it takes', () => {
  expect(overdue(open, START + 10 ** 12)).toBe(open);
});
