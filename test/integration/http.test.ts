import { X509Certificate } from 'node:crypto';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problem } from '#broker/contract/problem.ts';
import { session } from '#broker/contract/session.ts';
import { ask } from '../support/https.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connect } from '../support/mqtt-client.ts';

let hub: TestHub;
const own = () => ({ Origin: hub.https });

beforeAll(async () => (hub = await startTestHub()));
afterAll(() => hub.close());

async function signIn() {
  const answer = await ask(hub, 'POST', '/api/session', own(), { code: await hub.signInCode() });
  expect(answer.status).toBe(200);
  const [setCookie = ''] = answer.headers['set-cookie'] ?? [];
  return {
    session: session.parse(JSON.parse(answer.body)),
    setCookie,
    cookie: setCookie.split(';', 1)[0] ?? '',
  };
}

describe('signing in', () => {
  test('a one-time code yields a session, an access token that MQTT takes, and a cookie scripts cannot read', async () => {
    const granted = await signIn();
    expect(granted.session).toMatchObject({ tenant: 'home', user: { id: 'owner', role: 'admin' } });
    expect(granted.setCookie).toMatch(/^__Host-switchyard=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const client = await connect(hub, { username: '@owner', password: granted.session.accessToken });
    await client.end();
  });

  test('a code works once', async () => {
    const code = await hub.signInCode();
    expect((await ask(hub, 'POST', '/api/session', own(), { code })).status).toBe(200);
    const again = await ask(hub, 'POST', '/api/session', own(), { code });
    expect(again.status).toBe(401);
    expect(problem.parse(JSON.parse(again.body)).error.code).toBe('sign_in_code_unknown');
  });

  test.each([[undefined], [{}], [{ code: 7 }], [{ code: 'x', more: true }], [{ code: 'x'.repeat(20_000) }]])(
    'a body that is not as agreed (%#) is refused',
    async (body) => {
      const answer = await ask(hub, 'POST', '/api/session', own(), body);
      expect([400, 413]).toContain(answer.status);
      problem.parse(JSON.parse(answer.body));
    },
  );

  test('the cookie renews the access token', async () => {
    const { cookie } = await signIn();
    const renewed = await ask(hub, 'POST', '/api/session/refresh', { ...own(), Cookie: cookie });
    expect(session.parse(JSON.parse(renewed.body)).user.id).toBe('owner');
    expect((await ask(hub, 'POST', '/api/session/refresh', own())).status).toBe(401);
  });

  test('signing out ends the session and its live links', async () => {
    const granted = await signIn();
    const client = await connect(hub, { username: '@owner', password: granted.session.accessToken });
    const closed = client.closed();
    expect((await ask(hub, 'DELETE', '/api/session', { ...own(), Cookie: granted.cookie })).status).toBe(204);
    await closed;
    await client.end();
    const token = { username: '@owner', password: granted.session.accessToken };
    await expect(connect(hub, token)).rejects.toMatchObject({ code: 4 });
    expect(
      (await ask(hub, 'POST', '/api/session/refresh', { ...own(), Cookie: granted.cookie })).status,
    ).toBe(401);
  });

  test.each([['https://evil.example'], ['null'], ['https://localhost'], [undefined]])(
    'a page of origin %s may not sign in or renew',
    async (origin) => {
      const { cookie } = await signIn();
      const headers = { Cookie: cookie, ...(origin !== undefined && { Origin: origin }) };
      const answer = await ask(hub, 'POST', '/api/session/refresh', headers);
      expect(answer.status).toBe(403);
      expect(problem.parse(JSON.parse(answer.body)).error.code).toBe('origin_not_allowed');
    },
  );
});

describe('what everybody may ask', () => {
  test('/healthz says how the hub is', async () => {
    expect(JSON.parse((await ask(hub, 'GET', '/healthz')).body)).toMatchObject({
      status: 'ok',
      links: 0,
      devices: 0,
    });
  });

  test('/ca.pem is the certificate that everybody must trust', async () => {
    const { body } = await ask(hub, 'GET', '/ca.pem');
    expect(new X509Certificate(body).fingerprint256).toBe(new X509Certificate(hub.ca).fingerprint256);
  });

  test('every answer carries the headers that keep the page its own', async () => {
    const { headers } = await ask(hub, 'GET', '/healthz');
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
  });

  test('unknown paths of the API are told so in JSON', async () => {
    const answer = await ask(hub, 'GET', '/api/nothing');
    expect(answer.status).toBe(404);
    expect(problem.parse(JSON.parse(answer.body)).error.code).toBe('not_found');
  });

  test('no path leads out of the console folder', async () => {
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/assets/..%2f..%2f..%2fpackage.json']) {
      expect((await ask(hub, 'GET', path)).body).not.toMatch(/"name": "switchyard"/);
    }
  });
});

test('the plain listener is on loopback only', async () => {
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((entry) => entry?.family === 'IPv4' && !entry.internal)?.address;
  const reach = (host: string) =>
    new Promise<boolean>((resolve) => {
      const sent = request({ host, port: hub.hub.httpPort, path: '/healthz', agent: false }, (response) => {
        response.resume();
        resolve(true);
      });
      sent.on('error', () => resolve(false));
      sent.end();
    });
  expect(await reach('127.0.0.1')).toBe(true);
  expect(await reach(outside ?? '127.0.0.2')).toBe(false);
});
