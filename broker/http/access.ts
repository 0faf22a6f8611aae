import type { IncomingMessage } from 'node:http';
import type { Context, MiddlewareHandler } from 'hono';
import type { Identify } from '../auth/authenticate.ts';
import { principalName, type Person, type Service } from '../auth/principal.ts';
import { ROLES, type Role } from '../contract/session.ts';
import type { Client, ClientOf } from '../links/client-address.ts';
import { callerOf, type Caller } from '../permission/routes.ts';
import type { Log } from '../log/log.ts';
import { quoted } from '../log/quoted.ts';
import { problem } from './problem.ts';

/** What handlers know of a request. */
export interface ApiEnv {
  readonly Bindings: { readonly incoming: IncomingMessage };
  readonly Variables: {
    readonly client: Client;
    /** Who asks; not there on routes that are for anyone, for a cookie or for a claim. */
    readonly asker: Person | Service;
  };
}

export interface AccessOptions {
  readonly identify: Identify;
  readonly originAllowed: (origin: string) => boolean;
  readonly clientOf: ClientOf;
  /** The hub's time, in Unix ms. */
  readonly now: () => number;
  readonly log: Log;
}

const NO_USER = problem('bad_request', 'the address of a request must not name a user');

/** RFC 9110 §4.2.4: user information in an address that a stranger wrote is an error. */
function namesAUser(url: string): boolean {
  const { username, password } = new URL(url);
  return username !== '' || password !== '';
}

/**
 * Holds every request to the table of routes. A token is shown as RFC 6750 has it: a page of another origin has none, and
 * a browser sends none by itself. A cookie it does send, so what works by cookie wants an Origin that is allowed.
 */
export function access({
  identify,
  originAllowed,
  clientOf,
  now,
  log,
}: AccessOptions): MiddlewareHandler<ApiEnv> {
  function refuseOrigin(c: Context<ApiEnv>): Response | undefined {
    const origin = c.req.header('Origin');
    if (origin !== undefined && originAllowed(origin)) return undefined;
    const from = origin === undefined ? 'without an Origin' : `from Origin ${quoted(origin)}`;
    log.warnLimited('origin', `refused ${c.req.method} ${c.req.path} ${from}`);
    return c.json(problem('origin_not_allowed', 'this page may not do that: its origin is not allowed'), 403);
  }

  async function refuseBearer(c: Context<ApiEnv>, caller: Role | 'person'): Promise<Response | undefined> {
    const token = bearerOf(c);
    if (token === undefined) {
      const message = 'send "Authorization: Bearer" and an access token: "npm run hub -- token" prints one';
      return c.json(problem('token_refused', message), 401, { 'WWW-Authenticate': 'Bearer' });
    }
    const asker = await identify(token, now());
    if (asker.kind === 'denied') {
      const message =
        'the access token has ended or is not of this hub: "npm run hub -- token" prints another';
      return c.json(problem('token_refused', message), 401, {
        'WWW-Authenticate': 'Bearer error="invalid_token"',
      });
    }
    c.set('asker', asker);
    const refusal = refusalFor(asker, caller);
    return refusal === undefined ? undefined : c.json(problem('role_too_low', refusal), 403);
  }

  return async (c, next) => {
    c.set('client', clientOf(c.env.incoming));
    if (namesAUser(c.req.url)) return c.json(NO_USER, 400);
    const caller: Caller | undefined = callerOf(c.req.method, c.req.path);
    const refused = await refuse(c, caller);
    return refused ?? next();
  };

  async function refuse(c: Context<ApiEnv>, caller: Caller | undefined): Promise<Response | undefined> {
    switch (caller) {
      case undefined:
        return c.json(problem('not_found', `there is no ${c.req.method} ${c.req.path}`), 404);
      case 'anyone':
      case 'claim':
        return undefined;
      case 'cookie':
        return refuseOrigin(c);
      default:
        return refuseBearer(c, caller);
    }
  }
}

/** The token of a request (RFC 6750 §2.1), or undefined where it has none. */
export function bearerOf(c: Context<ApiEnv>): string | undefined {
  const [scheme, token, ...rest] = (c.req.header('Authorization') ?? '').split(' ');
  return scheme?.toLowerCase() === 'bearer' && token && rest.length === 0 ? token : undefined;
}

/** The person who asks, on routes that are for people. */
export function personAsking(c: Context<ApiEnv>): Person {
  const asker = c.get('asker');
  if (asker.kind !== 'person') throw new Error(`${principalName(asker)} is no person`);
  return asker;
}

function refusalFor(asker: Person | Service, caller: Role | 'person'): string | undefined {
  if (caller === 'person') {
    return asker.kind === 'person' ? undefined : 'this is for people: a service has no account';
  }
  if (asker.role !== null && ROLES.indexOf(asker.role) >= ROLES.indexOf(caller)) return undefined;
  return `only somebody with the role ${caller} may do that`;
}
