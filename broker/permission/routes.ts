import type { Role } from '../contract/session.ts';

/**
 * Who may call a route, beside those above them. `anyone` shows nothing, `cookie` the cookie of a session (and an Origin
 * that is allowed), `claim` the token of a claim, `person` the access token of a person of whatever role; a role is
 * had by people and by services.
 */
export type Caller = 'anyone' | 'cookie' | 'claim' | 'person' | Role;

/** Every route of the hub. What is not here is refused, whatever handles it. */
export const ROUTES = {
  'GET /healthz': 'anyone',
  'GET /ca.pem': 'anyone',
  'GET /.well-known/jwks.json': 'anyone',

  'POST /api/session': 'cookie',
  'POST /api/session/code': 'cookie',
  'POST /api/session/refresh': 'cookie',
  'DELETE /api/session': 'cookie',
  'POST /api/provision': 'claim',

  'PUT /api/account/password': 'person',
  'GET /api/account/sessions': 'person',
  'DELETE /api/account/sessions': 'person',
  'DELETE /api/account/sessions/:sid': 'person',

  'GET /metrics': 'viewer',
  'GET /api/devices': 'viewer',
  'GET /api/devices/:id': 'viewer',
  'GET /api/devices/:id/timeline': 'viewer',
  'GET /api/devices/:id/history': 'viewer',
  'GET /api/history': 'viewer',
  'GET /api/groups': 'viewer',
  'GET /api/groups/:name': 'viewer',
  'GET /api/batches': 'viewer',
  'GET /api/batches/:id': 'viewer',
  'GET /api/batches/:id/commands': 'viewer',
  'GET /api/commands': 'viewer',
  'GET /api/schedules': 'viewer',
  'GET /api/schedules/:id': 'viewer',

  'PATCH /api/devices/:id': 'operator',
  'PUT /api/groups/:name': 'operator',
  'DELETE /api/groups/:name': 'operator',
  'POST /api/batches': 'operator',
  'POST /api/batches/:id/cancel': 'operator',
  'POST /api/batches/:id/retry': 'operator',
  'POST /api/schedules': 'operator',
  'PUT /api/schedules/:id': 'operator',
  'DELETE /api/schedules/:id': 'operator',

  'POST /api/devices': 'admin',
  'DELETE /api/devices/:id': 'admin',
  'GET /api/devices/:id/credential': 'admin',
  'POST /api/devices/:id/credential': 'admin',
  'PATCH /api/devices/:id/credential': 'admin',
  'DELETE /api/devices/:id/credential': 'admin',
  'GET /api/people': 'admin',
  'POST /api/people': 'admin',
  'PATCH /api/people/:id': 'admin',
  'DELETE /api/people/:id': 'admin',
  'POST /api/people/:id/link': 'admin',
  'GET /api/people/:id/sessions': 'admin',
  'DELETE /api/people/:id/sessions': 'admin',
  'DELETE /api/people/:id/sessions/:sid': 'admin',
  'GET /api/services': 'admin',
  'POST /api/services': 'admin',
  'PATCH /api/services/:id': 'admin',
  'DELETE /api/services/:id': 'admin',
  'POST /api/services/:id/token': 'admin',
  'GET /api/claims': 'admin',
  'POST /api/claims': 'admin',
  'DELETE /api/claims/:id': 'admin',
  'GET /api/audit': 'admin',
  'GET /api/audit/export': 'admin',

  // The built console.
  'GET /*': 'anyone',
} as const satisfies Readonly<Record<string, Caller>>;

interface Route {
  readonly method: string;
  readonly levels: readonly string[];
  readonly caller: Caller;
}

const ALL: readonly Route[] = Object.entries(ROUTES).map(([route, caller]) => {
  const [method = '', path = ''] = route.split(' ');
  return { method, levels: path.split('/'), caller };
});

/** Who may call a route, or undefined where there is none. What begins with /api is never the console. */
export function callerOf(method: string, path: string): Caller | undefined {
  const levels = path.split('/');
  const asked = method === 'HEAD' ? 'GET' : method;
  return ALL.find((route) => route.method === asked && fits(route.levels, levels))?.caller;
}

function fits(pattern: readonly string[], levels: readonly string[]): boolean {
  if (pattern.at(-1) === '*') return levels[1] !== 'api';
  return (
    pattern.length === levels.length &&
    pattern.every((level, at) => level === levels[at] || (level.startsWith(':') && levels[at] !== ''))
  );
}
