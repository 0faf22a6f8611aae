import { Hono, type Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { SESSION_LIFE, type GrantedSession, type Sessions, type Visitor } from '../auth/sessions.ts';
import type { Attempt } from '../auth/sign-in-guard.ts';
import { id } from '../contract/id.ts';
import { codeRequest, signInRequest, type SignInRequest } from '../contract/session.ts';
import type { ApiEnv } from './access.ts';
import type { NoteOf } from './audit-note.ts';
import type { Guarded } from './guarded.ts';
import { problem } from './problem.ts';
import { readBody } from './request.ts';

/** The `__Host-` prefix binds the cookie to this host, to https and to the whole site (RFC 6265bis §4.1.3.2). */
const COOKIE = '__Host-switchyard';
const COOKIE_OPTIONS = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict' } as const;

const CODE_UNKNOWN = problem('sign_in_code_unknown', 'this sign-in link was used already, or is too old');
const NOT_RIGHT = problem('password_wrong', 'there is nobody with this name and this password');
const NOBODY = problem('session_expired', 'nobody is signed in here');

/** `/api/session`: sign in with a password or a one-time code, renew by cookie, sign out. */
export function sessionRoutes(
  sessions: Sessions,
  noteOf: NoteOf,
  guarded: Guarded,
  now: () => number,
): Hono<ApiEnv> {
  const routes = new Hono<ApiEnv>();
  async function attemptOf(c: Context<ApiEnv>, request: SignInRequest): Promise<Attempt> {
    const { address } = c.get('client');
    if (!('id' in request)) return { address };
    const { id } = request;
    return { account: id, address, isKnown: await sessions.isKnownAt(id, address, now()) };
  }

  const signIn = (c: Context<ApiEnv>, request: SignInRequest): Promise<GrantedSession | undefined> =>
    'id' in request
      ? sessions.signIn(request.id, request.password, visitorOf(c), now())
      : sessions.signInByCode(request.code, request.password, visitorOf(c), now());

  routes.post('/', async (c) => {
    const request = await readBody(c, signInRequest);
    const by = 'id' in request ? 'password' : 'link';
    const granted = await guarded(c, await attemptOf(c, request), () => signIn(c, request));
    if (granted instanceof Response) return granted;
    if (!granted) {
      const subject = 'id' in request ? nameIn(request.id) : '';
      await noteOf(c, { who: '', action: 'session.refuse', subject, detail: { by } });
      return c.json('id' in request ? NOT_RIGHT : CODE_UNKNOWN, 401);
    }
    const who = `@${granted.session.user.id}`;
    await noteOf(c, { who, action: 'session.open', subject: who, detail: { by } });
    setCookie(c, COOKIE, granted.cookie, { ...COOKIE_OPTIONS, maxAge: SESSION_LIFE / 1_000 });
    return c.json(granted.session);
  });

  routes.post('/code', async (c) => {
    const { code } = await readBody(c, codeRequest);
    const { address } = c.get('client');
    const owner = await guarded(c, { address }, () => sessions.ownerOf(code, now()));
    if (owner instanceof Response) return owner;
    return owner ? c.json(owner) : c.json(CODE_UNKNOWN, 401);
  });

  routes.post('/refresh', async (c) => {
    const cookie = getCookie(c, COOKIE);
    const session = cookie === undefined ? undefined : await sessions.refresh(cookie, visitorOf(c), now());
    return session ? c.json(session) : c.json(NOBODY, 401);
  });

  routes.delete('/', async (c) => {
    const cookie = getCookie(c, COOKIE);
    const person = cookie === undefined ? undefined : await sessions.signOut(cookie);
    if (person !== undefined) {
      await noteOf(c, { who: `@${person}`, action: 'session.end', subject: `@${person}` });
    }
    deleteCookie(c, COOKIE, COOKIE_OPTIONS);
    return c.body(null, 204);
  });

  return routes;
}

/** What the audit keeps of what was typed as a name. What cannot be one may well be a password. */
const nameIn = (typed: string): string => (id.safeParse(typed).success ? `@${typed}` : '');

const visitorOf = (c: Context<ApiEnv>): Visitor => ({
  address: c.get('client').address,
  agent: c.req.header('User-Agent') ?? '',
});
