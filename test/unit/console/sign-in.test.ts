import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { lacking } from '#console/session/password.ts';
import { RequestError } from '#console/session/request.ts';
import { SignIn } from '#console/session/sign-in.svelte.ts';
import { idWritten } from '#console/session/written-id.ts';
import { passwordFault } from '#console/text/passwords-text.ts';
import { signInFailure } from '#console/text/sign-in-text.ts';
import { NOON } from './samples.ts';

/** What the hub was asked, and what it answers, by path. A path that is not here cannot be reached. */
let asked: { path: string; body: unknown }[];
let answers: Record<string, Response>;
let signIn: SignIn;
/** How often whoever holds a link was told that there is another token. */
let renewals: number;

beforeEach(() => {
  asked = [];
  answers = {};
  vi.useFakeTimers();
  vi.stubGlobal('fetch', (path: string, { body }: RequestInit) => {
    asked.push({ path, body: body === undefined ? undefined : JSON.parse(body as string) });
    const answer = answers[path];
    return answer ? Promise.resolve(answer.clone()) : Promise.reject(new TypeError('fetch failed'));
  });
  renewals = 0;
  signIn = new SignIn(
    () => NOON,
    () => (renewals += 1),
  );
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const refusal = (code: string, message: string, status: number): Response =>
  Response.json({ error: { code, message } }, { status });

const user = { id: 'kim', name: 'Kim' };
const owner = (): Response => Response.json({ user, hasPassword: false });
const session = (): Response =>
  Response.json({
    accessToken: 'token',
    expiresAt: NOON + 900_000,
    tenant: 'home',
    user: { ...user, role: 'viewer' },
  });
const used = (): Response => refusal('sign_in_code_unknown', 'it was used already', 401);
const nobody = (): Response => refusal('session_expired', 'nobody is signed in here', 401);

describe('a one-time code', () => {
  it('is asked whose it is, and then opens a session with the password that is chosen', async () => {
    answers = { '/api/session/code': owner(), '/api/session': session() };
    await signIn.enter('code');
    expect(signIn.state).toMatchObject({ kind: 'invited', owner: { user } });
    await signIn.open({ code: 'code', password: 'quiet rails at dawn' });
    expect(signIn.session?.user.id).toBe('kim');
    expect(asked.at(-1)?.body).toEqual({ code: 'code', password: 'quiet rails at dawn' });
  });

  it('stays good where the hub refuses the password, with the reason', async () => {
    answers = {
      '/api/session/code': owner(),
      '/api/session': refusal('bad_request', 'password: use at least 5 different characters', 400),
    };
    await signIn.enter('code');
    await signIn.open({ code: 'code', password: 'aaaaaaaaaaaa' });
    const { state } = signIn;
    expect(state).toMatchObject({ kind: 'invited', code: 'code', problem: { code: 'bad_request' } });
    expect(state.kind === 'invited' && state.problem && signInFailure(state.problem)).toBe(
      'Choose another password. Use at least 5 different characters.',
    );
  });

  it('that was used is forgiven to a browser that is signed in', async () => {
    answers = { '/api/session/code': used(), '/api/session/refresh': session() };
    await signIn.enter('code');
    expect(signIn.state.kind).toBe('in');
  });

  it('that was used leads to the ordinary sign-in elsewhere, which says so', async () => {
    answers = { '/api/session/code': used(), '/api/session/refresh': nobody() };
    await signIn.enter('code');
    expect(signIn.state).toMatchObject({ kind: 'out', problem: { code: 'sign_in_code_unknown' } });
  });

  it('is kept where the hub cannot be reached, and tried again', async () => {
    await signIn.enter('code');
    expect(signIn.state).toMatchObject({ kind: 'out', problem: { code: 'unreachable' } });
    answers = { '/api/session/code': owner() };
    await signIn.again();
    expect(signIn.state.kind).toBe('invited');
  });
});

describe('a session', () => {
  it('is taken up where this browser has one', async () => {
    answers = { '/api/session/refresh': session() };
    await signIn.resume();
    expect(signIn.session?.tenant).toBe('home');
    expect(renewals).toBe(1);
  });

  it('that was never there is no problem, and one that has ended meanwhile is told', async () => {
    answers = { '/api/session/refresh': nobody() };
    await signIn.resume();
    expect(signIn.state).toEqual({ kind: 'out' });

    answers = { '/api/session': session(), '/api/session/refresh': nobody() };
    await signIn.open({ id: 'kim', password: 'quiet rails at dawn' });
    await expect(signIn.fresh(true)).rejects.toThrow(RequestError);
    expect(signIn.state).toMatchObject({ kind: 'out', problem: { code: 'session_expired' } });
  });

  it('outlives a hub that cannot be reached', async () => {
    answers = { '/api/session': session() };
    await signIn.open({ id: 'kim', password: 'quiet rails at dawn' });
    await expect(signIn.fresh(true)).rejects.toThrow(RequestError);
    expect(signIn.state.kind).toBe('in');
  });

  it('has the role that the hub says last', async () => {
    answers = { '/api/session': session() };
    await signIn.open({ id: 'kim', password: 'quiet rails at dawn' });
    const raised = { ...((await session().json()) as object), user: { ...user, role: 'operator' } };
    answers = { '/api/session/refresh': Response.json(raised) };
    await signIn.fresh(true);
    expect(signIn.session?.user.role).toBe('operator');
  });
});

describe('what somebody writes to sign in', () => {
  it.each([
    ['kim', 'kim'],
    [' @Kim ', 'kim'],
  ])('%j is %s', (written, id) => expect(idWritten(written)).toBe(id));

  it('is told how much of a password is missing', () => {
    expect([lacking(''), lacking('eleven char'), lacking('twelve chars'), lacking('x'.repeat(256))]).toEqual([
      12, 1, 0, 0,
    ]);
  });
});

describe('why the hub did not let somebody in', () => {
  it('is told with how long to wait, in its own words', () => {
    const problem = new RequestError('too_many_tries', 'too many tries: wait 4 s, then try again');
    expect(signInFailure(problem)).toBe('Too many tries: wait 4 s, then try again.');
  });

  it('is no fault of a password where it is another', () => {
    expect(passwordFault(new RequestError('bad_request', 'code: must not be empty'))).toBeUndefined();
    expect(passwordFault(new RequestError('unreachable'))).toBeUndefined();
  });
});
