import { Hono, type Context } from 'hono';
import { describe, expect, test } from 'vitest';
import { batchRequest } from '#broker/contract/batch.ts';
import { scheduleRequest } from '#broker/contract/schedule.ts';
import { checked, latest, pageById, type IdPage, type Page } from '#broker/http/request.ts';

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

/** What a handler makes of a query. */
async function answer(query: string, handle: (c: Context) => unknown): Promise<unknown> {
  const app = new Hono().get('/', async (c) => c.json({ answer: await handle(c) }));
  app.onError((error, c) => c.json({ answer: error.message }));
  const { answer } = (await (await app.request(`/${query}`)).json()) as { answer: unknown };
  return answer;
}

describe('pages', () => {
  /** Three at one moment, and one before and after. */
  const times = [9, 7, 7, 7, 3];
  const list = ({ before = Infinity, limit }: Page) =>
    Promise.resolve(times.filter((t) => t < before).slice(0, limit));

  test.each([
    ['', [9, 7, 7, 7, 3]],
    ['?limit=1', [9]],
    ['?limit=2', [9, 7, 7, 7]],
    ['?limit=4', [9, 7, 7, 7]],
    ['?limit=2&before=9', [7, 7, 7]],
    ['?limit=2&before=7', [3]],
    ['?limit=2&before=3', []],
    ['?limit=201', 'limit: must be a whole number from 1 to 200, not "201"'],
    ['?limit=1.5', 'limit: must be a whole number from 1 to 200, not "1.5"'],
    ['?before=-1', 'before: must be a whole number from 0 to 9007199254740991, not "-1"'],
  ])('of the latest: %s', async (query, expected) => {
    expect(await answer(query, (c) => latest(c, 200, list, (t) => t))).toEqual(expected);
  });

  const ids = ({ after = '', limit }: IdPage) => ['a', 'b', 'c'].filter((id) => id > after).slice(0, limit);

  test.each([
    ['', { entries: ['a', 'b', 'c'] }],
    ['?limit=2', { entries: ['a', 'b'], next: 'b' }],
    ['?limit=2&after=b', { entries: ['c'] }],
    ['?limit=3', { entries: ['a', 'b', 'c'] }],
    ['?after=z', { entries: [] }],
  ])('of ids: %s', async (query, expected) => {
    expect(await answer(query, (c) => pageById(c, ids, (id) => id))).toEqual(expected);
  });
});
