import { PassThrough } from 'node:stream';
import type { WriteStream } from 'node:tty';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import type { Person } from '#broker/auth/principal.ts';
import type { ApiEnv } from '#broker/http/access.ts';
import { answerTo } from '#broker/http/problem.ts';
import { createLog } from '#broker/log/log.ts';

const ada: Person = { kind: 'person', tenant: 'home', id: 'ada', role: 'admin', sid: 's', expiresAt: 0 };

const failures: [string, () => Error, number][] = [
  ['a fault of the hub', () => new Error('cannot be'), 500],
  ['a body that is cut off', () => Object.assign(new Error('aborted'), { code: 'ECONNRESET' }), 400],
];

/** What is answered to so many requests that fail, and logged. */
async function failing(times: number, asker: Person | undefined, failure: () => Error) {
  const output = new PassThrough();
  const log = createLog('info', output as unknown as WriteStream);
  const app = new Hono<ApiEnv>();
  app.get('/', (c) => {
    if (asker) c.set('asker', asker);
    throw failure();
  });
  app.onError((error, c) => answerTo(error, c, log));
  const statuses = new Set<number>();
  for (let n = 0; n < times; n += 1) statuses.add((await app.request('/')).status);
  const written = String(output.read() ?? '');
  return { statuses: [...statuses], lines: written.trim().split('\n') };
}

test.each(failures)('strangers write ten lines a minute at most: %s', async (_what, failure, status) => {
  const { statuses, lines } = await failing(40, undefined, failure);
  expect(statuses).toEqual([status]);
  expect(lines).toHaveLength(10);
});

test('where it failed is in the log, whoever asked', async () => {
  for (const asker of [undefined, ada]) {
    const { lines } = await failing(1, asker, () => new Error('cannot be'));
    expect(lines[0]).toContain('GET / failed');
    expect(lines[0]).toMatch(/problem\.test\.ts:\d+/);
  }
});

test('what fails for those who are known is all in the log', async () => {
  const { lines } = await failing(40, ada, () => new Error('cannot be'));
  expect(lines).toHaveLength(40);
});
