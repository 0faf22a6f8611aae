import { exec } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STATUS, status, upTopic } from '#firmware-protocol';
import { linkFor, signInByLink } from '../support/browser-sign-in.ts';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { connect, connectDevice, type TestClient } from '../support/mqtt-client.ts';
import { Program } from '../support/program.ts';

const PICTURES = 'test/results/pictures';

let hub: TestHub;
let browser: TestBrowser;
let page: Page;
let lamp: Program | undefined;
let listener: Program | undefined;
/** Where what is shown runs, with ca.pem beside it; inside the project, so that npx finds MQTT.js. */
let folder: string;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  hub = await startTestHub();
  folder = mkdtempSync(join('test', 'program-'));
  writeFileSync(join(folder, 'ca.pem'), hub.ca);
  browser = await openBrowser(hub.ca, { viewport: { width: 1280, height: 860 }, acceptDownloads: true });
  page = await browser.context.newPage();
  page.setDefaultTimeout(15_000);
  await signInByLink(page, await linkFor(hub));
  await page.getByText('No devices yet').waitFor();
});

afterAll(async () => {
  await lamp?.remove();
  await browser.close();
  await hub.close();
  // Without a hub it ends by itself.
  await listener?.remove();
  rmSync(folder, { recursive: true });
});

const button = (name: string) => page.getByRole('button', { name, exact: true });
const dialog = () => page.getByRole('dialog');
const field = (name: string) => page.getByRole('textbox', { name, exact: true });
const row = (id: string) => page.locator(`[data-device="${id}"]`);
const item = (id: string) => page.getByRole('listitem').filter({ hasText: id });
const access = () => page.getByRole('region', { name: 'Access' });

/** What a dialog shows once. */
const shown = (label: string): Promise<string> =>
  page.getByRole('group', { name: label }).locator('code').innerText();

async function done(): Promise<void> {
  await button('Done').click();
  await dialog().waitFor({ state: 'detached' });
}

/** Presses a button that asks, and agrees. */
async function agreeTo(name: string): Promise<void> {
  await button(name).first().click();
  await dialog().getByRole('button', { name, exact: true }).click();
}

/** Runs a line as it stands in a dialog. */
const inShell = async (line: string): Promise<string> =>
  (await promisify(exec)(line, { cwd: folder })).stdout;

const isRefused = (attempt: Promise<TestClient>): Promise<void> =>
  expect(attempt).rejects.toThrow(/Connection refused/);

describe('a device that is added in the console', () => {
  test('is the program that is shown, with nothing to do in a terminal of the hub', async () => {
    await page.screenshot({ path: `${PICTURES}/first-run.png` });
    await button('Add device').click();
    await field('Name').fill('Kitchen lamp');
    expect(await field('Id').inputValue()).toBe('kitchen-lamp');
    await dialog().getByRole('button', { name: 'Add', exact: true }).click();
    // The first run has given way to the fleet behind it, and Escape takes nothing away.
    await row('kitchen-lamp').waitFor();
    await page.keyboard.press('Escape');
    const secret = await shown('Secret');
    await page.screenshot({ path: `${PICTURES}/added-device.png` });

    await button('Node').click();
    const code = await dialog().locator('code').last().innerText();
    expect(code).toContain(secret);
    lamp = new Program({ code, file: 'lamp.mjs', command: process.execPath });
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      dialog().getByRole('link', { name: 'Download ca.pem' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe('ca.pem');
    expect(readFileSync(await download.path(), 'utf8')).toBe(hub.ca);
    await done();

    lamp.start({}, folder);
    await row('kitchen-lamp').locator('[data-presence=online]').waitFor();
    await row('kitchen-lamp').getByRole('switch').click();
    await row('kitchen-lamp').locator('[role=switch][aria-checked=true]').waitFor();
    await lamp.printed(/lamp is on/);
  });

  test('is kept out by another secret, as the one before it is', async () => {
    await lamp?.end('SIGTERM');
    await row('kitchen-lamp').getByRole('link').click();
    await agreeTo('New secret');
    const first = await shown('Secret');
    await done();
    const device = await connectDevice(hub, 'kitchen-lamp', first);

    const closed = device.closed();
    await agreeTo('New secret');
    const second = await shown('Secret');
    await closed;
    await done();
    await isRefused(connectDevice(hub, 'kitchen-lamp', first));
    await (await connectDevice(hub, 'kitchen-lamp', second)).end();
  });

  test('is disabled and enabled with what it has, and revoked until it is given another secret', async () => {
    await agreeTo('New secret');
    const secret = await shown('Secret');
    await done();
    const disabled = (await connectDevice(hub, 'kitchen-lamp', secret)).closed();
    await agreeTo('Disable');
    await disabled;
    await access().getByText('Disabled: it cannot connect').waitFor();
    await isRefused(connectDevice(hub, 'kitchen-lamp', secret));
    await button('Enable').click();
    await access().getByText('Enabled').waitFor();

    const revoked = (await connectDevice(hub, 'kitchen-lamp', secret)).closed();
    await agreeTo('Revoke');
    await revoked;
    await access().getByText('Nothing: it cannot connect').waitFor();
    await page.screenshot({ path: `${PICTURES}/device-access.png` });
    await isRefused(connectDevice(hub, 'kitchen-lamp', secret));
    await button('New secret').click();
    await (await connectDevice(hub, 'kitchen-lamp', await shown('Secret'))).end();
    await done();
  });

  test('takes a key of its own in place of its secret, and never a private one', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
    await button('Own key').click();
    await page.getByLabel('Its public key, as PEM').fill(privateKey);
    await page.getByText('This is the private key.').waitFor();
    expect(await button('Take this key').isDisabled()).toBe(true);
    await page.getByLabel('Its public key, as PEM').fill(publicKey);
    await button('Take this key').click();
    await access().getByText('A key of its own').waitFor();
    await access().getByText('Thumbprint').waitFor();
  });

  test('is removed with all that is kept of it, after a question', async () => {
    await agreeTo('New secret');
    const closed = (await connectDevice(hub, 'kitchen-lamp', await shown('Secret'))).closed();
    await done();
    await button('Remove device').click();
    await dialog().getByText('cannot be brought back').waitFor();
    await dialog().getByRole('button', { name: 'Remove device' }).click();
    await closed;
    await page.getByText('No devices yet').waitFor();
  });
});

describe('a service', () => {
  let token: string;

  test('is made of a preset, and the lines that are shown work as they stand', async () => {
    await page.goto(`${hub.https}/services`);
    await button('New service').click();
    await button('Read-only dashboard').click();
    await field('Name').fill('Hall screen');
    expect(await field('Id').inputValue()).toBe('hall-screen');
    await page.getByLabel('May subscribe to').fill('iot/1/home/#/up');
    await page.getByText('must be a topic filter').waitFor();
    expect(await button('Create').isDisabled()).toBe(true);
    await page.getByLabel('May subscribe to').fill('iot/1/home/+/dn/#');
    await page.getByText('allows nothing').waitFor();
    await page.getByLabel('May subscribe to').fill('iot/1/home/+/up/#');
    await page.screenshot({ path: `${PICTURES}/service-form.png` });
    await button('Create').click();
    token = await shown('Token');
    await page.screenshot({ path: `${PICTURES}/service-token.png` });

    const lines = await dialog().locator('pre', { hasText: token }).allInnerTexts();
    const [, listen = '', ask = ''] = lines;
    listener = new Program({ code: listen, file: 'listen.sh', command: 'sh' });
    const secrets = await hub.addDevices({ id: 'desk-lamp' });
    const device = await connectDevice(hub, 'desk-lamp', secrets.get('desk-lamp') ?? '');
    const online = Buffer.from(status.encode({ boot: 1, sess: 1, st: STATUS.online }));
    await device.mqtt.publishAsync(upTopic('home', 'desk-lamp', 'status'), online, { qos: 1, retain: true });
    listener.start({}, folder);
    await listener.printed(/^iot\/1\/home\/desk-lamp\/up\/status /);
    await device.end();
    expect(JSON.parse(await inShell(`${ask} -sS`))).toMatchObject({ devices: [{ id: 'desk-lamp' }] });
    await done();
  });

  test('is cut off by another token, and while it is disabled', async () => {
    const link = (password: string) => connect(hub, { username: '@hall-screen', password });
    const first = (await link(token)).closed();
    await agreeTo('New token');
    const renewed = await shown('Token');
    await first;
    await listener?.printed(/Connection refused/);
    await done();
    await isRefused(link(token));

    const second = (await link(renewed)).closed();
    await button('Disable').click();
    await second;
    await item('@hall-screen').getByText('Disabled').waitFor();
    await isRefused(link(renewed));
    await button('Enable').click();
    await button('Disable').waitFor();
    await (await link(renewed)).end();
  });

  test('is edited, and deleted after a question', async () => {
    await button('Edit').click();
    await page.getByLabel('May publish to').fill('hall/#');
    await page.getByLabel('May use the HTTP API').selectOption('none');
    await page.getByLabel('Expires').selectOption('720');
    await button('Save').click();
    await item('@hall-screen').getByText('hall/#').waitFor();
    await item('@hall-screen')
      .getByText(/^Expires /)
      .waitFor();
    await page.screenshot({ path: `${PICTURES}/services.png` });
    await agreeTo('Delete');
    await page.getByText('None yet.').waitFor();
  });
});

describe('a claim', () => {
  test('registers as many devices as it says, by the line that is shown', async () => {
    await page.goto(`${hub.https}/claims`);
    await button('New claim').click();
    await field('Name').fill('Spring lamps');
    await page.getByLabel('For how many devices').fill('1');
    await page.getByLabel('Place that they get').fill('Attic');
    await button('Create').click();
    await shown('Token');
    const line = await dialog().locator('code').last().innerText();
    await page.screenshot({ path: `${PICTURES}/claim-token.png` });
    await done();
    await item('Spring lamps').getByText('1 of 1 left').waitFor();

    const issued = JSON.parse(await inShell(`${line} -sS`)) as { id: string; secret: string };
    await (await connectDevice(hub, issued.id, issued.secret)).end();
    expect(await inShell(`${line.replace('my-lamp', 'your-lamp')} -sS`)).toContain('claim_refused');
    await page.reload();
    await item('Spring lamps').getByText('Used up').waitFor();
    await page.screenshot({ path: `${PICTURES}/claims.png` });

    await page.goto(`${hub.https}/devices/my-lamp`);
    await access().getByText('with claim “Spring lamps”').waitFor();
    await page.getByText('Attic').first().waitFor();
    await page.goto(`${hub.https}/claims`);
    await agreeTo('Revoke');
    await page.getByText('None yet.').waitFor();
  });
});

test('whoever is no administrator adds no device, and sees nothing of credentials', async () => {
  await hub.addPerson('vera', 'operator');
  const other = await openBrowser(hub.ca);
  const theirs = await other.context.newPage();
  await signInByLink(theirs, await linkFor(hub, 'vera'));
  await theirs.locator('[data-device="my-lamp"]').waitFor();
  expect(await theirs.getByRole('button', { name: 'Add device' }).count()).toBe(0);
  await theirs.locator('[data-device="my-lamp"]').getByRole('link').click();
  await theirs.getByRole('heading', { name: 'Timeline' }).waitFor();
  expect(await theirs.getByRole('region', { name: 'Access' }).count()).toBe(0);
  await other.close();
});
