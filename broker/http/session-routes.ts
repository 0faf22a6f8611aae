import { Hono, type Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { SESSION_LIFE, type Sessions } from '../auth/sessions.ts';
import { signInRequest } from '../contract/session.ts';
import { problem } from './problem.ts';

/** The `__Host-` prefix binds the cookie to this host, to https and to the whole site (RFC 6265bis §4.1.3.2). */
const COOKIE = '__Host-switchyard';
const COOKIE_OPTIONS = { path: '/', secure: true, httpOnly: true, sameSite: 'Strict' } as const;

/** `/api/session`: sign in with a one-time code, renew by cookie, sign out. */
export function sessionRoutes(sessions: Sessions): Hono {
  const routes = new Hono();

  routes.post('/', async (c) => {
    const request = signInRequest.safeParse(await body(c));
    if (!request.success) return c.json(problem('bad_request', 'expected {"code": "…"}'), 400);
    const granted = await sessions.signIn(request.data.code, Date.now());
    if (!granted) {
      return c.json(
        problem('sign_in_code_unknown', 'this sign-in link was used already, or is too old'),
        401,
      );
    }
    setCookie(c, COOKIE, granted.cookie, { ...COOKIE_OPTIONS, maxAge: SESSION_LIFE / 1_000 });
    return c.json(granted.session);
  });

  routes.post('/refresh', async (c) => {
    const cookie = getCookie(c, COOKIE);
    const session = cookie === undefined ? undefined : await sessions.refresh(cookie, Date.now());
    return session ? c.json(session) : c.json(problem('session_expired', 'nobody is signed in here'), 401);
  });

  routes.delete('/', async (c) => {
    const cookie = getCookie(c, COOKIE);
    if (cookie !== undefined) await sessions.signOut(cookie);
    deleteCookie(c, COOKIE, COOKIE_OPTIONS);
    return c.body(null, 204);
  });

  return routes;
}

async function body(c: Context): Promise<unknown> {
  try {
    return await c.req.json();
  } catch {
    return undefined;
  }
}
