import { Hono, type Context } from 'hono';
import { describe, expect, test } from 'vitest';
import { latest, pageById, type IdPage, type Page } from '#broker/http/request.ts';

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
