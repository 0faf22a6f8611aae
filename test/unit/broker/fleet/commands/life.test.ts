import { describe, expect, test } from 'vitest';
import { CODE, COMMAND } from '#firmware-protocol';
import { advanced, born, endedUnheard, isOpen, type Life } from '#broker/fleet/commands/life.ts';
import { asker, START } from '../builders.ts';

const life = born(asker(), START);

test('a life begins with its first step', () => {
  expect(life).toEqual({
    device: 'lamp',
    id: '0000000000000001',
    who: '@ada',
    createdAt: START,
    st: COMMAND.created,
    t: START,
    steps: [{ st: COMMAND.created, t: START }],
  });
  expect(born({ ...asker(), batch: 'b1' }, START).batch).toBe('b1');
});

describe('advanced', () => {
  const through = (...states: number[]): Life =>
    states.reduce((before, st, at) => advanced(before, { st, t: START + at + 1 }), life);

  test('it keeps every step with its time and cause, the present one last', () => {
    const why = { code: CODE.aborted, msg: 'withdrawn' };
    const next = advanced(life, { st: COMMAND.cancelled, t: START + 9, ...why });
    expect(next).toMatchObject({ st: COMMAND.cancelled, t: START + 9, ...why });
    expect(next.steps).toEqual([life.steps[0], { st: COMMAND.cancelled, t: START + 9, ...why }]);
    expect(life.steps).toHaveLength(1);
  });

  test('it leaves the reason of the step before behind', () => {
    const before = advanced(life, { st: COMMAND.timedOut, t: START, code: CODE.expired, msg: 'no answer' });
    const next = advanced(before, { st: COMMAND.done, t: START + 1 });
    expect([next.code, next.msg]).toEqual([undefined, undefined]);
    expect(next.steps.at(-1)).toEqual({ st: COMMAND.done, t: START + 1 });
  });

  test('of steps of progress in a row it keeps the last', () => {
    const { sent, progress, done } = COMMAND;
    expect(through(sent, progress, progress, progress, done).steps).toEqual([
      { st: COMMAND.created, t: START },
      { st: sent, t: START + 1 },
      { st: progress, t: START + 4 },
      { st: done, t: START + 5 },
    ]);
  });
});

test.each(Object.entries(COMMAND))('whether %s is open, or ended without being heard', (name, st) => {
  const one = { ...life, st };
  expect(isOpen(one)).toBe(['created', 'sent', 'accepted', 'progress'].includes(name));
  expect(endedUnheard(one)).toBe(['timedOut', 'unknown'].includes(name));
});
