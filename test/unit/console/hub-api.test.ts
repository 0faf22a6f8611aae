import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { commandsOf } from '#console/api/batches.ts';
import { HubApi, queryOf } from '#console/session/hub-api.ts';
import type { RequestError } from '#console/session/request.ts';
import { failureText } from '#console/text/request-text.ts';

/** What the hub was asked, and what it answers, in order. */
let asked: { method: string; path: string; token: string | null }[];
let answers: Response[];

beforeEach(() => {
  asked = [];
  answers = [];
  vi.stubGlobal('fetch', (path: string, { method = '', headers }: RequestInit) => {
    asked.push({ method, path, token: new Headers(headers).get('authorization') });
    const answer = answers.shift();
    return answer ? Promise.resolve(answer) : Promise.reject(new TypeError('fetch failed'));
  });
});
afterEach(() => void vi.unstubAllGlobals());

const json = (body: unknown, status = 200): Response => Response.json(body, { status });
const refusal = (code: string, message: string, status: number): Response =>
  json({ error: { code, message } }, status);

/** Gives the token "old" until the hub has refused it. */
const api = (): HubApi =>
  new HubApi((refused) =>
    Promise.resolve({
      accessToken: refused ? 'new' : 'old',
      expiresAt: 0,
      tenant: 'home',
      user: { id: 'owner', name: 'Owner', role: 'admin' },
    }),
  );

const failure = (request: Promise<unknown>): Promise<RequestError> =>
  request.then(
    () => Promise.reject(new Error('was not refused')),
    (cause: RequestError) => cause,
  );

describe('the API of the hub', () => {
  it('is shown the access token, and once a fresh one where the hub refuses it', async () => {
    answers = [refusal('token_refused', 'it has ended', 401), json({ groups: [] })];
    expect((await api().ask('GET', '/api/groups')).ok).toBe(true);
    expect(asked.map(({ token }) => token)).toEqual(['Bearer old', 'Bearer new']);
  });

  it('is asked no third time', async () => {
    answers = [1, 2, 3].map(() => refusal('token_refused', 'it has ended', 401));
    expect((await failure(api().ask('GET', '/api/groups'))).code).toBe('token_refused');
    expect(asked).toHaveLength(2);
  });

  it('is asked once where it refuses for another reason, or does not answer', async () => {
    answers = [refusal('conflict', 'it is over already', 409)];
    const conflict = await failure(api().ask('POST', '/api/batches/1/cancel'));
    expect(failureText(conflict)).toBe('It is over already.');
    expect((await failure(api().ask('GET', '/api/groups'))).code).toBe('unreachable');
    expect(asked).toHaveLength(2);
  });

  it('tells apart a proxy without the hub, and an answer of another version', async () => {
    answers = [new Response('Bad Gateway', { status: 502 }), json({ commands: 'many' })];
    expect((await failure(api().ask('GET', '/api/groups'))).code).toBe('unreachable');
    expect((await failure(commandsOf(api(), '0102030405060708'))).code).toBe('not_understood');
  });

  it('gives a list in as many pieces as it has', async () => {
    const told = (device: string) => ({
      device,
      id: '0102030405060708',
      who: '@owner',
      wish: false,
      state: 'done',
      t: 1,
      createdAt: 1,
      steps: [],
    });
    answers = [json({ commands: [told('a'), told('b')], next: 'b' }), json({ commands: [told('c')] })];
    const all = await commandsOf(api(), '0102030405060708');
    expect(all.map(({ device }) => device)).toEqual(['a', 'b', 'c']);
    expect(asked[1]?.path).toContain('after=b');
  });
});

describe('a query', () => {
  it('leaves out what is not said', () => {
    expect(queryOf({ before: undefined, limit: 50, device: 'a b' })).toBe('?limit=50&device=a+b');
    expect(queryOf({ before: undefined })).toBe('');
  });
});
