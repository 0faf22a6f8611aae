import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';

let hub: TestHub;
let browser: TestBrowser;
let page: Page;
/** Whatever the browser complains of, warnings among them. */
const complaints: string[] = [];

beforeAll(async () => {
  hub = await startTestHub();
  browser = await openBrowser(hub.ca);
  page = await browser.context.newPage();
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.goto(`${hub.https}/devices/none`);
  await page.getByRole('heading').first().waitFor();
});

afterAll(async () => {
  await browser.close();
  await hub.close();
});

test('the browser understands every header, and the page needs nothing that they refuse', () => {
  expect(complaints.filter((text) => !/401/.test(text))).toEqual([]);
});

test.each([
  ['markup from a string', () => (document.body.innerHTML += '<i></i>')],
  [
    'markup from a string for a part of the page',
    () => document.body.insertAdjacentHTML('beforeend', '<i></i>'),
  ],
  ['a script from an address', () => (document.createElement('script').src = '/assets/x.js')],
  ['code from a string', () => new Function('return 1')],
  [
    'a policy that lets everything through',
    () => (globalThis as unknown as Types).trustedTypes.createPolicy('default', {}),
  ],
])('a script in the page cannot make %s', async (_what, attempt) => {
  // What a debugger runs itself may do more than a script of the page: what it leaves to a timer may not.
  const outcome = await page.evaluate(
    `new Promise((tell) => setTimeout(() => {
      try { (${attempt.toString()})(); tell('done'); } catch (error) { tell(error.name); }
    }))`,
  );
  expect(outcome).toMatch(/^(Type|Eval)Error$/);
});

interface Types {
  readonly trustedTypes: { createPolicy(name: string, rules: object): unknown };
}

test('a script that is written into the page does not run', async () => {
  const ran = await page.evaluate(async () => {
    const refused = new Promise((resolve) =>
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        resolve(effectiveDirective),
      ),
    );
    const script = document.createElement('script');
    script.append(document.createTextNode('window.ran = true'));
    document.body.append(script);
    return 'ran' in window ? 'ran' : await refused;
  });
  expect(ran).toMatch(/^(script-src-elem|require-trusted-types-for)$/);
});

test('a page of another origin can neither frame the console nor hold on to its window', async () => {
  const foreign = createServer((_request, response) =>
    response.setHeader('Content-Type', 'text/html').end(`<iframe src="${hub.https}/"></iframe>`),
  ).listen(0, '127.0.0.1');
  onTestFinished(() => void foreign.close());
  await once(foreign, 'listening');
  const other = await browser.context.newPage();
  const refused = other.waitForEvent('console', (message) =>
    /frame-ancestors|X-Frame-Options/i.test(message.text()),
  );
  await other.goto(`http://localhost:${(foreign.address() as AddressInfo).port}/`);
  await refused;

  const opened = other.waitForEvent('popup');
  await other.evaluate(
    (url) => void ((window as unknown as { w: unknown }).w = window.open(url)),
    `${hub.https}/`,
  );
  await (await opened).getByRole('heading').first().waitFor();
  await other.waitForFunction(() => (window as unknown as { w: Window }).w.closed);
  expect(await (await opened).evaluate(() => window.opener === null)).toBe(true);
  await other.close();
});
