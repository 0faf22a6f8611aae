import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callerOf, ROUTES, type Caller } from '#broker/permission/routes.ts';

const routes = Object.entries(ROUTES).map(([route, caller]) => {
  const [method, path] = route.split(' ') as [string, string];
  return { method, path, caller: caller as Caller };
});
const api = routes.filter(({ path }) => path.startsWith('/api'));
/** A path as it is asked for. */
const asked = (path: string): string => path.replaceAll(/:\w+/g, 'x-1').replace('*', 'devices/lamp');
const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}$`);

describe('every route', () => {
  test.each(routes)('$method $path is for $caller', ({ method, path, caller }) => {
    expect(callerOf(method, asked(path))).toBe(caller);
  });

  test('has one entry that fits it, so that none is hidden behind another', () => {
    for (const { method, path } of api) {
      const fitting = api.filter(
        (other) => other.method === method && patternOf(other.path).test(asked(path)),
      );
      expect(fitting.map((other) => other.path)).toEqual([path]);
    }
  });

  test('that is asked for its head alone is for whom it is whole', () => {
    for (const { method, path, caller } of routes) {
      if (method === 'GET') expect(callerOf('HEAD', asked(path))).toBe(caller);
    }
  });

  test('takes the methods that it is listed with, and no others', () => {
    const methods = [
      'GET',
      'HEAD',
      'POST',
      'PUT',
      'PATCH',
      'DELETE',
      'OPTIONS',
      'TRACE',
      'CONNECT',
      'get',
      '',
    ];
    for (const path of new Set(api.map((route) => asked(route.path)))) {
      const listed = api.filter((route) => asked(route.path) === path).map(({ method }) => method);
      if (listed.includes('GET')) listed.push('HEAD');
      expect(methods.filter((method) => callerOf(method, path) !== undefined).toSorted()).toEqual(
        listed.toSorted(),
      );
    }
  });
});

describe('what the table says', () => {
  const whose = (method: RegExp, path: RegExp): Set<Caller> =>
    new Set(
      routes.filter((each) => method.test(each.method) && path.test(each.path)).map(({ caller }) => caller),
    );

  test.each<[string, RegExp, RegExp, Caller[]]>([
    [
      'people, services, claims and the audit are the administrators’',
      /./,
      /^\/api\/(people|services|claims|audit)/,
      ['admin'],
    ],
    ['so are the credentials of devices', /./, /\/credential$/, ['admin']],
    ['so is which devices there are', /POST|DELETE/, /^\/api\/devices(\/:id)?$/, ['admin']],
    [
      'nothing is changed by viewers',
      /POST|PUT|PATCH|DELETE/,
      /^\/api\/(?!session|account|provision)/,
      ['operator', 'admin'],
    ],
    [
      'nothing of the fleet is read by strangers',
      /GET/,
      /^\/api\/(devices|history|groups|batches|commands|schedules)(?!.*credential)/,
      ['viewer'],
    ],
    ['one’s own account is any person’s', /./, /^\/api\/account/, ['person']],
    ['a session is had by its cookie', /./, /^\/api\/session/, ['cookie']],
    ['devices register themselves by a claim', /./, /^\/api\/provision/, ['claim']],
    ['strangers change nothing', /POST|PUT|PATCH|DELETE/, /^(?!\/api)/, []],
  ])('%s', (_what, method, path, callers) => {
    expect([...whose(method, path)].toSorted()).toEqual(callers.toSorted());
  });

  test('strangers read the console, the hub’s health and its public keys', () => {
    const open = routes.filter(({ caller }) => caller === 'anyone');
    expect(open.map(({ path }) => path)).toEqual(['/healthz', '/ca.pem', '/.well-known/jwks.json', '/*']);
  });
});

describe('what is below /api is never the console', () => {
  test.each([
    '/api',
    '/api/',
    '/api//',
    '/api/none',
    '/api/devices/',
    '/api/devices//',
    '/api//devices',
    '/api/devices//timeline',
    '/api/devices/lamp/timeline/',
    '/api/devices/lamp/timeline/x',
    '/api/devices/lamp/none',
    '/api/people//sessions',
    '/api/session/refresh/x',
    '/api/*',
    '/api/constructor',
    '/api/__proto__',
  ])('GET %s', (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) expect(callerOf(method, path)).toBeUndefined();
  });

  test('whatever is asked for', () => {
    const readable = api.filter(({ method }) => method === 'GET').map(({ path }) => patternOf(path));
    const segment = fc.oneof(
      fc.constantFrom('', '.', '..', '*', ':id', '%2F', '%2e%2e', 'devices', 'people', 'x'),
      fc.webSegment(),
    );
    fc.assert(
      fc.property(fc.constantFrom('GET', 'HEAD'), fc.array(segment, { maxLength: 6 }), (method, rest) => {
        const path = ['', 'api', ...rest].join('/');
        const isListed = readable.some((pattern) => pattern.test(path));
        expect(callerOf(method, path) !== undefined).toBe(isListed);
        expect(callerOf(method, path)).not.toBe('anyone');
      }),
    );
  });
});

describe('a path', () => {
  test.each([
    ['with an encoded slash is one level', 'GET', '/api/devices/a%2Fcredential', 'viewer'],
    ['with an encoded slash is not a route of two levels', 'GET', '/api/devices%2Flamp', undefined],
    ['with a dot is one level', 'GET', '/api/groups/..', 'viewer'],
    ['in capitals is the console’s', 'GET', '/API/devices', 'anyone'],
    ['that begins alike is the console’s', 'GET', '/apis', 'anyone'],
    ['behind two slashes is the console’s', 'GET', '//api/devices', 'anyone'],
    ['of the console is read', 'GET', '/', 'anyone'],
    ['of the console is read, however long', 'GET', '/assets/app.js', 'anyone'],
    ['of the console is not written', 'POST', '/', undefined],
    ['of the console is not removed', 'DELETE', '/assets/app.js', undefined],
    ['of the health is not written', 'POST', '/healthz', undefined],
  ])('%s: %s %s', (_what, method, path, caller) => expect(callerOf(method, path)).toBe(caller));
});
