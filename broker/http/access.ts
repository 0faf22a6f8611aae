import type { MiddlewareHandler } from 'hono';
import type { Denied, Person } from '../auth/authenticate.ts';
import { ROLES, type Role } from '../contract/session.ts';
import { problem } from './problem.ts';

/** What handlers behind `access` know of a request. */
export interface ApiEnv {
  readonly Variables: { readonly person: Person };
}

export type Identify = (token: string, now: number) => Promise<Person | Denied>;

/**
 * Lets in whoever shows an access token (RFC 6750): viewers may read, operators change things. A page of another
 * origin cannot: it has no token, and a browser sends none by itself.
 */
export function access(identify: Identify, now: () => number): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const [scheme, token, ...rest] = (c.req.header('Authorization') ?? '').split(' ');
    if (scheme?.toLowerCase() !== 'bearer' || !token || rest.length > 0) {
      const message = 'send "Authorization: Bearer" and an access token: "npm run hub -- token" prints one';
      return c.json(problem('token_refused', message), 401, { 'WWW-Authenticate': 'Bearer' });
    }
    const person = await identify(token, now());
    if (person.kind === 'denied') {
      const message =
        'the access token has ended or is not of this hub: "npm run hub -- token" prints another';
      return c.json(problem('token_refused', message), 401, {
        'WWW-Authenticate': 'Bearer error="invalid_token"',
      });
    }
    c.set('person', person);
    const reads = c.req.method === 'GET' || c.req.method === 'HEAD';
    return atLeast(person, reads ? 'viewer' : 'operator') ? next() : c.json(tooLow('operator'), 403);
  };
}

/** Beyond that, lets in nobody below a role. */
export const requireRole =
  (role: Role): MiddlewareHandler<ApiEnv> =>
  async (c, next) =>
    atLeast(c.get('person'), role) ? next() : c.json(tooLow(role), 403);

const atLeast = (person: Person, role: Role): boolean => ROLES.indexOf(person.role) >= ROLES.indexOf(role);

const tooLow = (role: Role) => problem('role_too_low', `only somebody with the role ${role} may do that`);
