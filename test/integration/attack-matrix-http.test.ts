import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problem, type ProblemCode } from '#broker/contract/problem.ts';
import { ROLES, type Role } from '#broker/contract/session.ts';
import { ROUTES, type Caller } from '#broker/permission/routes.ts';
import { ApiClient } from '../support/api-client.ts';
import { ask } from '../support/https.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { own, signInByCode } from '../support/sign-in.ts';

/** What somebody shows who calls, and which callers of the table of routes they are. */
interface Attacker {
  readonly headers: Record<string, string>;
  readonly is: readonly Caller[];
}

const upTo = (role: Role): Role[] => ROLES.slice(0, ROLES.indexOf(role) + 1);

let hub: TestHub;
const attackers = new Map<string, Attacker>();

const NAMES = [
  'nobody',
  'a page of another origin, with the cookie that the browser adds',
  'a program with a stolen cookie and no Origin',
  'a page of the hub with its cookie',
  'a device with its secret',
  'a device with a claim',
  ...ROLES.map((role) => `a ${role}`),
  'a service without a role',
  ...ROLES.map((role) => `a service as ${role}`),
  'somebody whose session has ended',
] as const;

/** Codes by which the hub says that this caller may not; any other answer means that they were let through. */
const DENIALS: ReadonlySet<ProblemCode> = new Set([
  'token_refused',
  'role_too_low',
  'origin_not_allowed',
  'claim_refused',
]);

beforeAll(async () => {
  hub = await startTestHub();
  const admin = await ApiClient.as(hub);
  const bearer = (token: string) => ({ Authorization: `Bearer ${token}` });
  const add = (name: (typeof NAMES)[number], headers: Record<string, string>, ...is: Caller[]) =>
    attackers.set(name, { headers, is: ['anyone', ...is] });

  add('nobody', {});
  await hub.addPerson('paul', 'admin');
  const { cookie } = await signInByCode(hub, 'paul');
  const evil = { Cookie: cookie, Origin: 'https://evil.example' };
  add('a page of another origin, with the cookie that the browser adds', evil);
  add('a program with a stolen cookie and no Origin', { Cookie: cookie });
  add('a page of the hub with its cookie', { Cookie: cookie, ...own(hub) }, 'cookie');
  const { secret = '' } = await admin.post<{ secret?: string }>('/devices', { id: 'lamp' });
  add('a device with its secret', bearer(secret));
  const expiresAt = Date.now() + 600_000;
  const claim = await admin.post<{ token: string }>('/claims', { name: 'any', uses: 1_000, expiresAt });
  add('a device with a claim', bearer(claim.token), 'claim');
  for (const role of ROLES) {
    await hub.addPerson(`a-${role}`, role);
    add(`a ${role}`, bearer(await hub.token(`a-${role}`)), 'person', ...upTo(role));
    const { token } = await admin.post<{ token: string }>('/services', { id: `s-${role}`, role });
    add(`a service as ${role}`, bearer(token), ...upTo(role));
  }
  const mute = await admin.post<{ token: string }>('/services', { id: 's-none' });
  add('a service without a role', bearer(mute.token));
  await hub.addPerson('past', 'admin');
  const past = await signInByCode(hub, 'past');
  await admin.ask('DELETE', '/people/past/sessions');
  add('somebody whose session has ended', bearer(past.session.accessToken));
});
afterAll(() => hub.close());

const BODIES: Readonly<Record<string, object>> = { 'POST /api/provision': { id: 'matrix' } };

/** Whether the hub let a request through to what handles it. */
async function isLetThrough(route: string, { headers }: Attacker): Promise<boolean> {
  const [method = '', pattern = ''] = route.split(' ');
  const path = pattern.replaceAll(/:\w+/g, 'none').replace('/*', '/');
  const body = method === 'GET' || method === 'DELETE' ? undefined : (BODIES[route] ?? {});
  const answer = await ask(hub, method, path, headers, body);
  const refusal = answer.status >= 400 ? problem.parse(JSON.parse(answer.body)).error : undefined;
  expect(refusal?.message ?? '').not.toMatch(/^there is no [A-Z]+ \//);
  return refusal === undefined || !DENIALS.has(refusal.code);
}

// The one that ends the session of the cookie comes last.
const LAST = 'DELETE /api/session';
const routes = Object.entries(ROUTES).toSorted(([a], [b]) => Number(a === LAST) - Number(b === LAST));

describe.each(routes)('%s, for %s and above', (route, caller) => {
  test.each(NAMES)('%s', async (name) => {
    const attacker = attackers.get(name) as Attacker;
    expect(await isLetThrough(route, attacker)).toBe(attacker.is.includes(caller));
  });
});

describe('what is not in the table is not there, whoever asks', () => {
  const paths = [...new Set(Object.keys(ROUTES).map((route) => route.split(' ')[1] as string))];
  const missing = paths
    .filter((path) => path.startsWith('/api'))
    .flatMap((path) =>
      ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE'].map((method) => `${method} ${path}`),
    )
    .filter((route) => !Object.hasOwn(ROUTES, route));

  test.each(missing)('%s', async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const { headers } = attackers.get('a admin') as Attacker;
    const answer = await ask(hub, method, path.replaceAll(/:\w+/g, 'none'), headers);
    expect(answer.status).toBe(404);
  });

  test.each(['/api', '/api/', '/api/devices/', '/api//devices', '/API/devices', '/api/devices/none/extra'])(
    'GET %s shows nothing of the API',
    async (path) => {
      const answer = await ask(hub, 'GET', path);
      expect([401, 404, 200]).toContain(answer.status);
      if (answer.status === 200) expect(answer.headers['content-type']).toMatch(/^text\/html/);
    },
  );
});
