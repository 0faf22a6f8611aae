import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { linkFor, signInByLink } from '../support/browser-sign-in.ts';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { TestSimulator } from '../support/simulator.ts';

let hub: TestHub;
let simulator: TestSimulator;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  hub = await startTestHub();
  const kinds = ['lamp', 'plug', 'thermostat', 'blind', 'climate'] as const;
  const devices = kinds.flatMap((kind) => [1, 2, 3].map((at) => ({ id: `${kind}-${at}`, kind })));
  simulator = await TestSimulator.start(hub, devices);
  browser = await openBrowser(hub.ca);
  page = await browser.context.newPage();
  await signInByLink(page, await linkFor(hub));
  await page.getByText('15 devices · 15 online').waitFor();
});

afterAll(async () => {
  await browser.close();
  await simulator.stop();
  simulator.remove();
  await hub.close();
});

const PAGES = [
  ['the fleet', '/', '[data-device=lamp-1]'],
  ['a filtered fleet', '/?q=lamp', '[data-device=lamp-1]'],
  ['a device', '/devices/plug-1', '.uplot canvas'],
  ['the account', '/account', 'main li'],
  ['the people', '/people', 'main li'],
  ['the services', '/services', 'main h1'],
  ['the claims', '/claims', 'main h1'],
  ['the audit', '/audit', 'main li'],
] as const;

test.each([
  [1440, 900],
  [390, 844],
  [360, 740],
])('pages fit a window of %i × %i: only what is within them scrolls', async (width, height) => {
  await page.setViewportSize({ width, height });
  for (const [name, path, landmark] of PAGES) {
    await page.goto(`${hub.https}${path}`);
    await page.locator(landmark).first().waitFor();
    const surplus = await page.evaluate(() => {
      const { scrollWidth, scrollHeight } = document.documentElement;
      const wider = [...document.querySelectorAll('main, header, .toolbar, .count')].filter(
        (element) => element.scrollWidth > element.clientWidth,
      );
      return {
        width: scrollWidth - innerWidth,
        height: scrollHeight - innerHeight,
        cut: wider.map(({ className, tagName }) => className || tagName),
      };
    });
    expect({ name, ...surplus }).toEqual({ name, width: 0, height: 0, cut: [] });
  }
});
