import { describe, expect, test } from 'vitest';
import { batchRequest } from '#broker/contract/batch.ts';
import { checked } from '#broker/contract/checked.ts';
import { scheduleRequest } from '#broker/contract/schedule.ts';

const fault = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('nothing is wrong');
};

describe('where a body is wrong', () => {
  const batch = { selection: { all: true }, set: { on: true } };

  test('of a property that no object can have', () => {
    const body: unknown = JSON.parse('{"selection":{"all":true},"set":{"on":true,"__proto__":1}}');
    expect(fault(() => checked(body, batchRequest))).toBe('set: has "__proto__", which is no property');
    expect(fault(() => checked({ ...batch, set: 7 }, batchRequest))).toMatch(/^set: .*record/);
  });

  test('by the names of its fields and the numbers of its items', () => {
    expect(fault(() => checked({ ...batch, selection: { ids: ['a', 'b', 3] } }, batchRequest))).toMatch(
      /^selection\.ids\[2\]: /,
    );
  });

  test('where it may have several forms, of the one that it comes nearest to', () => {
    const plan = (when: object) => ({ name: 'x', plan: { when, batch } });
    expect(fault(() => checked(plan({ cron: '* * * * *', zone: 7 }), scheduleRequest))).toMatch(
      /^plan\.when\.zone: /,
    );
    expect(fault(() => checked(plan({ at: 'noon' }), scheduleRequest))).toMatch(/^plan\.when\.at: /);
  });

  test('as a whole', () => {
    expect(fault(() => checked(undefined, batchRequest))).toMatch(/expected object/i);
  });
});
