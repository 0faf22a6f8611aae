import { mkdirSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { state, upTopic } from '#firmware-protocol';
import { linkFor, signInByLink } from '../support/browser-sign-in.ts';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { Observer } from '../support/observer.ts';
import { TestSimulator } from '../support/simulator.ts';

const PICTURES = 'test/results/pictures';

let hub: TestHub;
let simulator: TestSimulator;
let browser: TestBrowser;
let page: Page;
let initiallyOn: boolean;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  hub = await startTestHub();
  simulator = await TestSimulator.start(hub, [
    { id: 'hall-lamp', kind: 'lamp' },
    { id: 'desk-plug', kind: 'plug' },
    { id: 'bath-heat', kind: 'thermostat' },
    { id: 'south-blind', kind: 'blind' },
    { id: 'bed-air', kind: 'climate' },
    { id: 'front-door', kind: 'lock' },
  ]);
  browser = await openBrowser(hub.ca, { viewport: { width: 1440, height: 900 } });
  page = await browser.context.newPage();
});

afterAll(async () => {
  await browser.close();
  await simulator.stop();
  simulator.remove();
  await hub.close();
});

const row = (id: string) => page.locator(`[data-device="${id}"]`);
const lampSwitch = () => row('hall-lamp').getByRole('switch');

const isOn = async (): Promise<boolean> => (await lampSwitch().getAttribute('aria-checked')) === 'true';
const untilOn = (on: boolean): Promise<void> =>
  row('hall-lamp').locator(`[role=switch][aria-checked=${on}]`).waitFor();

/** Puts the switch over and waits until the page shows that the device reports it. */
async function putOver(): Promise<boolean> {
  const before = await isOn();
  await lampSwitch().click();
  await untilOn(!before);
  return !before;
}

describe('the main job, in Chromium over wss with the certificate verified', () => {
  test('a one-time link signs in, and is gone from the address bar', async () => {
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    await signInByLink(page, await linkFor(hub));
    await row('hall-lamp').waitFor();
    expect(new URL(page.url()).hash).toBe('');
    expect(errors).toEqual([]);
  });

  test('the fleet shows every simulated device online with its reading', async () => {
    for (const id of ['hall-lamp', 'desk-plug', 'bath-heat', 'south-blind', 'bed-air', 'front-door']) {
      await row(id).locator('[data-presence=online]').waitFor();
    }
    expect(await row('bed-air').textContent()).toMatch(/\d/);
    initiallyOn = await isOn();
    await page.screenshot({ path: `${PICTURES}/fleet.png` });
  });

  test('a click switches the lamp, and an MQTT client of another make sees the same', async () => {
    const topic = upTopic('home', 'hall-lamp', 'state');
    const observer = await Observer.start(hub, 'iot/1/home/hall-lamp/up/#');
    const first = state.decode(await observer.payload(topic, () => true));
    const on = await putOver();
    const seen = await observer.payload(topic, (payload) => state.decode(payload).ver > first.ver);
    const changed = [...state.decode(seen).vals].filter(
      ([pid, value]) => first.vals.get(pid) === !on && value === on,
    );
    expect(changed).toHaveLength(1);
    await observer.stop();
  });

  test('stopping the simulator shows its devices offline; starting it again shows them with their state', async () => {
    if ((await isOn()) === initiallyOn) await putOver();
    await simulator.stop('SIGKILL');
    for (const id of ['hall-lamp', 'front-door']) await row(id).locator('[data-presence=offline]').waitFor();
    await page.screenshot({ path: `${PICTURES}/offline.png` });
    simulator = simulator.again();
    await row('hall-lamp').locator('[data-presence=online]').waitFor();
    // A simulated device starts as its seed has it, not as it was left.
    await untilOn(initiallyOn);
    await row('hall-lamp').locator('[role=switch][aria-disabled=false]').waitFor();
    await putOver();
  });

  test('the page of a device draws its controls from its description, with a live chart', async () => {
    await row('desk-plug').getByRole('link').click();
    await page.waitForURL(/desk-plug/);
    await page.getByRole('switch').first().waitFor();
    await page.locator('.uplot canvas').first().waitFor();
    await page.getByText('Reset energy', { exact: false }).first().waitFor();
    await page.screenshot({ path: `${PICTURES}/device.png` });
    await page.goBack();
    await row('hall-lamp').waitFor();
  });

  test('a session outlives a reload without the link', async () => {
    await page.reload();
    await row('hall-lamp').locator('[data-presence=online]').waitFor();
  });

  test('a page that is left says goodbye, and is linked again when one goes back to it', async () => {
    // As browsers are for people: a page that is left is kept in memory, and shown again as it was.
    const ignoreDefaultArgs = ['--disable-back-forward-cache'];
    const keeping = await openBrowser(hub.ca, { ignoreDefaultArgs });
    const kept = await keeping.context.newPage();
    await hub.addPerson('kim', 'operator');
    await signInByLink(kept, await linkFor(hub, 'kim'));
    const lamp = kept.locator('[data-device="hall-lamp"] [role=switch][aria-disabled=false]');
    await lamp.waitFor();
    await kept.evaluate(() => (document.body.dataset['seen'] = 'before'));
    hub.log.lines.splice(0);
    await kept.goto('about:blank');
    await hub.log.line(/^@kim disconnected: closed by its peer \(1000\)/);
    await kept.goBack({ waitUntil: 'commit' });
    await hub.log.line(/^@kim connected/);
    await lamp.waitFor();
    expect(await kept.evaluate(() => document.body.dataset['seen'])).toBe('before');
    await keeping.close();
  });

  test('a used link says so', async () => {
    const stranger = await openBrowser(hub.ca);
    const link = await linkFor(hub, 'kim');
    const other = await stranger.context.newPage();
    await signInByLink(other, link);
    await other.locator('[data-device]').first().waitFor();
    await stranger.context.clearCookies();
    await other.goto('about:blank');
    await other.goto(link);
    await other.getByRole('alert').filter({ hasText: 'This link has been used' }).waitFor();
    await stranger.close();
  });

  test('when the hub goes away the page says so and stops its controls; when it is back, so are they', async () => {
    await hub.restart();
    await row('hall-lamp').locator('[data-presence=online]').waitFor();
    await row('hall-lamp').locator('[role=switch][aria-disabled=false]').waitFor();
    await putOver();
  });
});

test('a browser that does not trust the local CA does not show the console', async () => {
  const other = await startTestHub();
  const wary = await openBrowser(other.ca);
  const stranger = await wary.context.newPage();
  await expect(stranger.goto(hub.https)).rejects.toThrow(/ERR_CERT_AUTHORITY_INVALID/);
  await wary.close();
  await other.close();
});
