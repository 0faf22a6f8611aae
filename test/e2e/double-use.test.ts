import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connectDevice, type TestClient } from '../support/mqtt-client.ts';
import { signInByCode } from '../support/sign-in.ts';

const PICTURES = 'test/results/pictures';

let hub: TestHub;
let secret: string;
let browser: TestBrowser;
let page: Page;
let programs: TestClient[] = [];

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  hub = await startTestHub();
  const secrets = await hub.addDevices({ id: 'hall-lamp', name: 'Hall lamp' }, { id: 'desk-lamp' });
  secret = secrets.get('hall-lamp') ?? '';
  browser = await openBrowser(hub.ca, { viewport: { width: 1440, height: 900 } });
  page = await browser.context.newPage();
  page.setDefaultTimeout(15_000);
  // How people sign in is shown elsewhere.
  const [name = '', value = ''] = (await signInByCode(hub)).cookie.split('=', 2);
  await browser.context.addCookies([{ name, value, url: hub.https, secure: true, httpOnly: true }]);
  await page.goto(hub.https);
});

afterAll(async () => {
  await Promise.all(programs.map((program) => program.end()));
  await browser.close();
  await hub.close();
});

const row = (id: string) => page.locator(`[data-device="${id}"]`);
const words = 'Two programs use this device’s credential';

test('a device that two programs use is marked, found by a filter, and its page says what to do', async () => {
  await row('desk-lamp').waitFor();
  const filter = page.getByRole('radio', { name: 'Used twice' });
  expect(await filter.count()).toBe(0);

  const options = { reconnectPeriod: 100 };
  programs = [
    await connectDevice(hub, 'hall-lamp', secret, options),
    await connectDevice(hub, 'hall-lamp', secret, options),
  ];
  await row('hall-lamp').getByText(words).waitFor();
  await page.screenshot({ path: `${PICTURES}/used-twice.png` });

  await filter.check();
  await row('desk-lamp').waitFor({ state: 'detached' });
  await row('hall-lamp').getByRole('link').click();
  const notice = page.getByRole('alert').filter({ hasText: words });
  await notice.filter({ hasText: /(both|one) at (\S*127\.0\.0\.1|::1)/ }).waitFor();
  expect(await notice.innerText()).toMatch(/give this device a new secret or key/);
  await page.screenshot({ path: `${PICTURES}/used-twice-notice.png` });
});
