import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { PASSWORD } from '../support/sign-in.ts';

/**
 * Another page in the browser of somebody who is signed in. It is on the same host by another port, with a certificate
 * that the browser trusts: to cookies that is the same site, so SameSite alone would not keep it out.
 */

let hub: TestHub;
let evil: Server;
let browser: TestBrowser;
let page: Page;
let evilOrigin: string;
/** Cookies that came with the last request to the other page's server. */
let sentToEvil: string | undefined;

beforeAll(async () => {
  hub = await startTestHub();
  const file = (name: string): string => readFileSync(join(hub.settings.data, name), 'utf8');
  evil = createServer({ cert: file('server.pem'), key: file('server-key.pem') }, (request, response) => {
    sentToEvil = request.headers.cookie;
    response.setHeader('Content-Type', 'text/html').end('<!doctype html><title>evil</title><body></body>');
  });
  await new Promise<void>((done) => evil.listen(0, done));
  evilOrigin = `https://localhost:${(evil.address() as AddressInfo).port}`;
  browser = await openBrowser(hub.ca);
  page = await browser.context.newPage();
  await page.goto(`${hub.https}/healthz`);
  expect(await signIn(await hub.signInCode())).toBe(200);
  await page.goto(evilOrigin);
});

afterAll(async () => {
  await browser.close();
  evil.closeAllConnections();
  await new Promise((done) => evil.close(done));
  await hub.close();
});

/** What the hub's own page does. */
const signIn = (code: string): Promise<number> =>
  page.evaluate(
    async (body) => {
      const headers = { 'Content-Type': 'application/json' };
      const { status } = await fetch('/api/session', { method: 'POST', headers, body: JSON.stringify(body) });
      return status;
    },
    { code, password: PASSWORD },
  );

test('the browser does send the cookie along: what follows is not kept out by luck', async () => {
  expect(sentToEvil).toContain('__Host-switchyard=');
  await page.evaluate(
    (url) =>
      fetch(url, { method: 'POST', credentials: 'include', mode: 'no-cors' }).then(
        () => undefined,
        () => undefined,
      ),
    `${hub.https}/api/session/refresh`,
  );
  await hub.log.line(
    new RegExp(
      `refused POST /api/session/refresh from Origin "${evilOrigin.replaceAll('.', String.raw`\.`)}"`,
    ),
  );
});

test.each(['/api/session', '/api/session/refresh', '/api/session/code'])(
  'a form of another page that posts to %s is refused',
  async (path) => {
    const answer = page.waitForNavigation();
    await page.evaluate((action) => {
      const form = document.createElement('form');
      Object.assign(form, { method: 'POST', action, enctype: 'text/plain' });
      document.body.append(form);
      // Not within this call, which would end with the page.
      setTimeout(() => form.submit());
    }, `${hub.https}${path}`);
    expect((await answer)?.status()).toBe(403);
    await page.goto(evilOrigin);
  },
);

test.each(['GET /api/devices', 'GET /api/people', 'POST /api/session/refresh', 'DELETE /api/session'])(
  'another page reads nothing of %s',
  async (route) => {
    const [method = '', path = ''] = route.split(' ');
    const outcome = await page.evaluate(
      ({ url, method: verb }) =>
        fetch(url, { method: verb, credentials: 'include' }).then(
          (response) => response.text(),
          (error: unknown) => String(error),
        ),
      { url: `${hub.https}${path}`, method },
    );
    expect(outcome).toMatch(/^TypeError: Failed to fetch/);
  },
);

test('another page gets no link, and the log names it', async () => {
  const opened = await page.evaluate(
    (url) =>
      new Promise<boolean>((resolve) => {
        const socket = new WebSocket(url, 'mqtt');
        socket.onopen = () => resolve(true);
        socket.onerror = () => resolve(false);
      }),
    hub.wss,
  );
  expect(opened).toBe(false);
  await hub.log.line(new RegExp(`refused a connection .* with 403: Origin "${evilOrigin}" `));
});

test('another page cannot show the console in a frame', async () => {
  const failed = page.waitForEvent('console', (message) => /frame-ancestors/.test(message.text()));
  await page.evaluate((url) => {
    const frame = document.createElement('iframe');
    frame.src = url;
    document.body.append(frame);
  }, hub.https);
  await failed;
});

test('after all of it the session is as it was', async () => {
  await page.goto(`${hub.https}/healthz`);
  const status = await page.evaluate(
    async () => (await fetch('/api/session/refresh', { method: 'POST' })).status,
  );
  expect(status).toBe(200);
});
