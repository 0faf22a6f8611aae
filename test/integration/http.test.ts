import { X509Certificate } from 'node:crypto';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { problem } from '#broker/contract/problem.ts';
import { session } from '#broker/contract/session.ts';
import { ask } from '../support/https.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connect } from '../support/mqtt-client.ts';
import { own, PASSWORD, postSession, signIn, signInByCode } from '../support/sign-in.ts';

let hub: TestHub;

beforeAll(async () => (hub = await startTestHub()));
afterAll(() => hub.close());

describe('signing in', () => {
  test('a one-time code yields a session, an access token that MQTT takes, and a cookie scripts cannot read', async () => {
    const granted = await signInByCode(hub);
    expect(granted.session).toMatchObject({ tenant: 'home', user: { id: 'owner', role: 'admin' } });
    expect(granted.setCookie).toMatch(/^__Host-switchyard=.*; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    const client = await connect(hub, { username: '@owner', password: granted.session.accessToken });
    await client.end();
  });

  test('a code tells whose it is, and works once', async () => {
    const code = await hub.signInCode();
    const owner = await ask(hub, 'POST', '/api/session/code', own(hub), { code });
    expect(JSON.parse(owner.body)).toEqual({ user: { id: 'owner', name: 'Owner' }, hasPassword: true });
    expect((await postSession(hub, { code, password: PASSWORD })).status).toBe(200);
    for (const path of ['/api/session', '/api/session/code']) {
      const body = { code, ...(path === '/api/session' && { password: PASSWORD }) };
      const again = await ask(hub, 'POST', path, own(hub), body);
      expect(again.status).toBe(401);
      expect(problem.parse(JSON.parse(again.body)).error.code).toBe('sign_in_code_unknown');
    }
  });

  test('a password that anybody would try is refused, and the code stays good', async () => {
    const code = await hub.signInCode();
    for (const password of ['owner-switchyard', 'aaaaaaaaaaaaaaaa', 'short']) {
      expect((await postSession(hub, { code, password })).status).toBe(400);
    }
    expect((await postSession(hub, { code, password: PASSWORD })).status).toBe(200);
  });

  test.each([
    [undefined],
    [{}],
    [{ code: 7 }],
    [{ code: 'x' }],
    [{ id: 'owner', password: PASSWORD, more: true }],
    [{ code: 'x'.repeat(20_000) }],
  ])('a body that is not as agreed (%#) is refused', async (body) => {
    const answer = await ask(hub, 'POST', '/api/session', own(hub), body);
    expect([400, 413]).toContain(answer.status);
    problem.parse(JSON.parse(answer.body));
  });

  test('the cookie renews the access token', async () => {
    const { cookie } = await signIn(hub);
    const renewed = await ask(hub, 'POST', '/api/session/refresh', { ...own(hub), Cookie: cookie });
    expect(session.parse(JSON.parse(renewed.body)).user.id).toBe('owner');
    expect((await ask(hub, 'POST', '/api/session/refresh', own(hub))).status).toBe(401);
  });

  test('signing out ends the session and its live links', async () => {
    const granted = await signIn(hub);
    const client = await connect(hub, { username: '@owner', password: granted.session.accessToken });
    const closed = client.closed();
    expect((await ask(hub, 'DELETE', '/api/session', { ...own(hub), Cookie: granted.cookie })).status).toBe(
      204,
    );
    await closed;
    await client.end();
    const token = { username: '@owner', password: granted.session.accessToken };
    await expect(connect(hub, token)).rejects.toMatchObject({ code: 4 });
    expect(
      (await ask(hub, 'POST', '/api/session/refresh', { ...own(hub), Cookie: granted.cookie })).status,
    ).toBe(401);
  });

  test.each([['https://evil.example'], ['null'], ['https://localhost'], [undefined]])(
    'a page of origin %s may not sign in or renew',
    async (origin) => {
      const { cookie } = await signIn(hub);
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
    const { body, headers } = await ask(hub, 'GET', '/ca.pem');
    expect(headers['content-type']).toBe('application/x-x509-ca-cert');
    expect(headers['content-disposition']).toBe('attachment; filename="ca.pem"');
    expect(new X509Certificate(body).fingerprint256).toBe(new X509Certificate(hub.ca).fingerprint256);
  });

  test('every answer carries the headers that keep the page its own', async () => {
    const { headers } = await ask(hub, 'GET', '/healthz');
    expect(headers['content-security-policy']).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
    expect(headers['content-security-policy']).toMatch(/script-src 'self';.*connect-src 'self';/);
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
