import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkFor, signInByLink } from '../support/browser-sign-in.ts';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { TestSimulator } from '../support/simulator.ts';

const PICTURES = 'test/results/pictures';

let hub: TestHub;
let simulator: TestSimulator;
let away: TestSimulator;
let browser: TestBrowser;
let page: Page;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  hub = await startTestHub();
  simulator = await TestSimulator.start(hub, [
    { id: 'hall-lamp', kind: 'lamp' },
    { id: 'desk-lamp', kind: 'lamp' },
    { id: 'desk-plug', kind: 'plug' },
  ]);
  away = await TestSimulator.start(hub, [
    { id: 'attic-lamp', kind: 'lamp' },
    { id: 'attic-heat', kind: 'thermostat' },
  ]);
  browser = await openBrowser(hub.ca, { viewport: { width: 1440, height: 900 } });
  page = await browser.context.newPage();
  page.setDefaultTimeout(15_000);
  await signInByLink(page, await linkFor(hub));
  for (const id of ['hall-lamp', 'desk-lamp', 'desk-plug', 'attic-lamp', 'attic-heat']) {
    await row(id).locator('[data-presence=online]').waitFor();
  }
  await away.stop('SIGKILL');
  await row('attic-lamp').locator('[data-presence=offline]').waitFor();
});

afterAll(async () => {
  await browser.close();
  for (const each of [simulator, away]) {
    await each.stop();
    each.remove();
  }
  await hub.close();
});

const row = (id: string) => page.locator(`[data-device="${id}"]`);
const select = (id: string) => row(id).getByRole('checkbox').click();
const bar = () => page.getByRole('region', { name: /selected/ });
const button = (name: string | RegExp) => page.getByRole('button', { name });
const switchOf = (id: string) => row(id).getByRole('switch');

async function openFleet(query = ''): Promise<void> {
  await page.goto(`${hub.https}/${query}`);
  await row('attic-lamp').waitFor();
}

describe('a command for a device that is away', () => {
  test('waits only where somebody says so, and can be withdrawn', async () => {
    await openFleet();
    await switchOf('attic-lamp').click();
    await button('Do not send').click();
    expect(await switchOf('attic-lamp').getAttribute('data-state')).toBe('idle');

    await page.goto(`${hub.https}/devices/attic-lamp`);
    await page.getByRole('switch').first().click();
    await button('Wait up to 10 min').click();
    await page.getByText(/waits for the device until/).waitFor();
    await page.screenshot({ path: `${PICTURES}/waiting.png` });
    await button('Withdraw').first().click();
    await page.getByText('Cancelled: withdrawn by').first().waitFor();
    await page.locator('[role=switch][data-state=idle]').first().waitFor();
  });

  test('is done when the device comes back in time, and a setting that was kept for it as well', async () => {
    await page.goto(`${hub.https}/devices/attic-heat`);
    await page.getByRole('slider').first().press('ArrowRight');
    await page.getByText('will be set when the device is back').first().waitFor();
    await page.screenshot({ path: `${PICTURES}/kept.png` });

    await page.goto(`${hub.https}/devices/attic-lamp`);
    const before = await page.getByRole('switch').first().getAttribute('aria-checked');
    await page.getByRole('switch').first().click();
    await button('Wait up to 1 h').click();
    await page.getByText(/waits for the device until/).waitFor();

    away = away.again();
    await page.locator('[data-stage=done]').waitFor();
    await page.locator(`[role=switch]:not([aria-checked=${before}])`).first().waitFor();
    await page.goto(`${hub.https}/devices/attic-heat`);
    await page.locator('[data-stage=done]').first().waitFor();
    await page.getByText('In step').first().waitFor();

    await away.stop('SIGKILL');
    await openFleet();
    await row('attic-lamp').locator('[data-presence=offline]').waitFor();
  });
});

describe('many devices at once', () => {
  test('are operated by what they have in common, with the outcome of each, and the rest again', async () => {
    await openFleet();
    for (const id of ['hall-lamp', 'desk-lamp', 'attic-lamp']) await select(id);
    await bar().getByLabel('What').selectOption({ label: 'Light' });
    await bar().screenshot({ path: `${PICTURES}/selection.png` });
    await button('Do on 3 devices').click();
    await page.waitForURL(/\/batches\/[0-9a-f]{16}$/);
    const first = page.url();
    await page.getByText('Finished, 1 failed').waitFor();
    await page.locator('.row[data-outcome=done]').nth(1).waitFor();
    await page.locator('.row[data-outcome=failed]', { hasText: 'attic-lamp' }).waitFor();
    expect(await page.getByRole('progressbar').getAttribute('aria-valuenow')).toBe('3');
    await page.screenshot({ path: `${PICTURES}/batch.png` });

    away = away.again();
    await openFleet();
    await row('attic-lamp').locator('[data-presence=online]').waitFor();
    // Opened at the very moment: it came online for the third time.
    await row('attic-lamp').getByRole('link').click();
    await page.getByText('Came online').nth(2).waitFor();
    await page.getByRole('link', { name: 'Light → On' }).first().waitFor();
    await page.goto(first);
    await button('Retry on 1 device').click();
    await page.waitForURL((url) => url.href !== first && /\/batches\/[0-9a-f]{16}$/.test(url.href));
    await page.locator('.row[data-outcome=done]', { hasText: 'attic-lamp' }).waitFor();
  });

  test('are selected by keys, and become a group to filter by', async () => {
    await openFleet('?q=lamp');
    await row('attic-lamp').getByRole('checkbox').focus();
    await page.keyboard.press('Space');
    await page.keyboard.press('Shift+ArrowDown');
    await page.getByText('2 devices selected').waitFor();
    await page.keyboard.press('Control+a');
    await page.getByText('3 devices selected').waitFor();
    await button('Save as group').click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Lamps');
    await button('Save').last().click();
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await bar().waitFor({ state: 'detached' });
    await openFleet();
    await page.getByLabel('Tag or group').selectOption({ label: 'Lamps' });
    await row('desk-plug').waitFor({ state: 'detached' });
    expect(new URL(page.url()).searchParams.get('group')).toBe('Lamps');
    await row('desk-lamp').waitFor();
  });
});

test('a schedule is made, paused and goes on', async () => {
  await page.goto(`${hub.https}/schedules`);
  await button('New schedule').click();
  await page.getByRole('textbox', { name: 'Name' }).fill('Evening lights');
  await page.getByLabel('On weekdays').check();
  await page.getByLabel('Time', { exact: true }).fill('18:30');
  await page.getByLabel('Time zone').fill('Asia/Seoul');
  await page.getByRole('combobox', { name: /^For/ }).selectOption({ label: 'Model sim-lamp' });
  await page.screenshot({ path: `${PICTURES}/schedule.png` });
  await button('Save').click();
  await page.getByText('Mon Tue Wed Thu Fri at 18:30, Asia/Seoul').waitFor();
  await page.getByText(/^Next /).waitFor();
  await button('Pause').click();
  await page.getByText('Paused').waitFor();
  await button('Resume').click();
  await page.getByText(/^Next /).waitFor();
});

test('a chart is drawn of what the hub keeps', async () => {
  await page.goto(`${hub.https}/devices/desk-plug`);
  await button('1 h').click();
  await page.getByText('Mean and range').waitFor();
  // Of a fleet that has just begun an hour shows a few pixels, in which one line lies on the other.
  await page.getByRole('button', { name: /^Energy/ }).click();
  const isDrawn = (): boolean => {
    const probe = document.createElement('span');
    probe.style.setProperty('color', 'var(--series-1)');
    document.body.append(probe);
    const wanted = getComputedStyle(probe).color.match(/\d+/g)?.map(Number) ?? [];
    probe.remove();
    const canvas = document.querySelector<HTMLCanvasElement>('.uplot canvas');
    // Beside the scale of the first line, which has its colour as well.
    const pixels = canvas?.getContext('2d')?.getImageData(60, 0, canvas.width - 60, canvas.height).data ?? [];
    const isNear = (part: number, at: number): boolean => Math.abs((pixels[at] ?? 0) - part) < 48;
    for (let at = 0; at < pixels.length; at += 4) {
      if (pixels[at + 3] === 255 && wanted.every((part, offset) => isNear(part, at + offset))) return true;
    }
    return false;
  };
  // Longer than the page takes until it asks again.
  await page.waitForFunction(isDrawn, undefined, { timeout: 40_000 });
  await page.screenshot({ path: `${PICTURES}/history.png` });
});

test('a hub that cannot store says so, and refuses rather than forgets', async () => {
  await openFleet();
  const other = new DatabaseSync(join(hub.settings.data, 'switchyard.db'));
  other.exec('BEGIN IMMEDIATE');
  await switchOf('hall-lamp').click();
  await page.getByRole('alert').filter({ hasText: 'The hub is not well' }).waitFor();
  await row('hall-lamp').locator('[data-state=failed]').first().waitFor();
  await page.screenshot({ path: `${PICTURES}/degraded.png` });
  other.exec('ROLLBACK');
  other.close();
  await switchOf('hall-lamp').click();
  await row('hall-lamp').locator('[data-state=confirmed]').first().waitFor();
  await page.getByRole('alert').filter({ hasText: 'The hub is not well' }).waitFor({ state: 'detached' });
});
