import { mkdirSync, readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { linkFor, signInByLink, signInByPassword } from '../support/browser-sign-in.ts';
import { openBrowser, type TestBrowser } from '../support/browser.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { PASSWORD } from '../support/sign-in.ts';
import { TestSimulator } from '../support/simulator.ts';

const PICTURES = 'test/results/pictures';

let hub: TestHub;
let simulator: TestSimulator;
let browsers: TestBrowser[];
/** The administrator's page, and that of Kim, whom they invite. */
let admin: Page;
let kim: Page;

beforeAll(async () => {
  mkdirSync(PICTURES, { recursive: true });
  hub = await startTestHub();
  simulator = await TestSimulator.start(hub, [{ id: 'hall-lamp', kind: 'lamp' }]);
  browsers = [
    await openBrowser(hub.ca, { viewport: { width: 1280, height: 800 } }),
    await openBrowser(hub.ca),
  ];
  [admin, kim] = (await Promise.all(browsers.map(({ context }) => context.newPage()))) as [Page, Page];
  for (const page of [admin, kim]) page.setDefaultTimeout(15_000);
  await signInByLink(admin, await linkFor(hub));
  await lampOf(admin, 'false').waitFor();
});

afterAll(async () => {
  for (const browser of browsers) await browser.close();
  await simulator.stop();
  simulator.remove();
  await hub.close();
});

const lampOf = (page: Page, disabled: 'true' | 'false') =>
  page.locator(`[data-device="hall-lamp"] [role=switch][aria-disabled=${disabled}]`);
const dialog = () => admin.getByRole('dialog');
const personNamed = (name: string) => admin.locator('main li', { hasText: name });
const alertOf = (page: Page, hasText: string | RegExp) => page.getByRole('alert').filter({ hasText });

async function openPeople(): Promise<void> {
  await admin.goto(`${hub.https}/people`);
  await personNamed('@owner').waitFor();
}

async function giveRole(name: string, role: string): Promise<void> {
  await personNamed(name).getByRole('button', { name: 'Edit' }).click();
  await dialog().getByRole('radio', { name: role }).check();
  await dialog().getByRole('button', { name: 'Save' }).click();
  await dialog().waitFor({ state: 'detached' });
}

/** A page that is loaded anew forgets it. */
const mark = (page: Page) => page.evaluate(() => (document.body.dataset['seen'] = 'before'));
const isMarked = (page: Page) => page.evaluate(() => document.body.dataset['seen'] === 'before');

describe('somebody who is invited', () => {
  test('chooses a password by the link, and as a viewer sees devices but switches none', async () => {
    await openPeople();
    await admin.getByRole('button', { name: 'Invite somebody' }).click();
    await dialog().getByLabel('Name', { exact: true }).fill('Kim');
    await dialog().getByRole('radio', { name: 'Viewer' }).check();
    await dialog().getByRole('button', { name: 'Make the invitation' }).click();
    const link = await dialog().locator('code').innerText();
    await dialog().getByRole('button', { name: 'Done' }).click();
    await personNamed('@kim').getByText('Invited').waitFor();

    await kim.goto(link);
    await kim.getByRole('heading', { name: 'Hello, Kim' }).waitFor();
    expect(new URL(kim.url()).hash).toBe('');
    await kim.screenshot({ path: `${PICTURES}/invitation.png` });
    await kim.getByLabel('New password').fill('too short');
    await kim.getByText('3 more characters').waitFor();
    await kim.getByRole('button', { name: 'Show password' }).click();
    expect(await kim.getByLabel('New password').getAttribute('type')).toBe('text');
    await kim.getByRole('button', { name: 'Hide password' }).click();
    expect(await kim.getByLabel('New password').getAttribute('type')).toBe('password');
    await kim.getByLabel('New password').fill('kimkimkimkim');
    await kim.getByRole('button', { name: 'Set password and sign in' }).click();
    await alertOf(kim, /^Choose another password\. Use at least 5 different characters\.$/).waitFor();
    await kim.getByLabel('New password').fill(PASSWORD);
    await kim.getByRole('button', { name: 'Set password and sign in' }).click();
    await lampOf(kim, 'true').waitFor();
    expect(await kim.getByRole('link', { name: 'Access' }).count()).toBe(0);
  });

  test('is told so where their role does not allow a page', async () => {
    for (const path of ['people', 'services', 'claims', 'audit']) {
      await kim.goto(`${hub.https}/${path}`);
      await kim.getByRole('heading', { name: 'Your role does not allow this' }).waitFor();
    }
    await kim.goto(hub.https);
    await lampOf(kim, 'true').waitFor();
  });

  test('may switch as soon as they are an operator, on the page that they have open', async () => {
    await mark(kim);
    await openPeople();
    await personNamed('@kim').getByText('1 session').waitFor();
    await giveRole('@kim', 'Operator');
    await lampOf(kim, 'false').waitFor();
    const before = await lampOf(kim, 'false').getAttribute('aria-checked');
    await lampOf(kim, 'false').click();
    await kim.locator(`[data-device="hall-lamp"] [role=switch]:not([aria-checked=${before}])`).waitFor();
    expect(await isMarked(kim)).toBe(true);
  });

  test('finds the pages of administrators while they are one, and no longer', async () => {
    await giveRole('@kim', 'Administrator');
    await kim.getByRole('link', { name: 'Access' }).click();
    await kim.locator('main li', { hasText: '@owner' }).waitFor();
    await giveRole('@kim', 'Viewer');
    await kim.getByRole('heading', { name: 'Your role does not allow this' }).waitFor();
    expect(await kim.getByRole('link', { name: 'Access' }).count()).toBe(0);
    expect(await isMarked(kim)).toBe(true);
  });

  test('is out as soon as their session is ended, and told why', async () => {
    await personNamed('@kim').getByRole('button', { name: 'Sessions' }).click();
    await dialog().getByRole('listitem').waitFor();
    await admin.screenshot({ path: `${PICTURES}/sessions.png` });
    await dialog().getByRole('button', { name: 'End', exact: true }).click();
    await alertOf(kim, 'Your session has ended. Sign in again.').waitFor();
    await dialog().getByText('No session goes on.').waitFor();
    await dialog().getByRole('button', { name: 'Close' }).click();
    expect(await isMarked(kim)).toBe(true);
  });

  test('signs in by password, and not by another', async () => {
    await signInByPassword(kim, 'kim', 'something else');
    await alertOf(kim, 'The name or the password is not right.').waitFor();
    await signInByPassword(kim, '@Kim');
    await kim.getByRole('heading', { name: 'Your role does not allow this' }).waitFor();
  });

  test('sees all of it in the audit, as an administrator does', async () => {
    await admin.goto(`${hub.https}/audit?subject=@kim`);
    const entry = (...words: string[]) =>
      words.reduce((found, hasText) => found.filter({ hasText }), admin.locator('main li'));
    await entry('@owner', 'Invited', 'role: viewer').waitFor();
    await entry('@kim', 'Signed in', 'by: link').waitFor();
    await entry('@owner', 'Changed a person', 'role: operator').waitFor();
    await entry('@owner', 'Ended a session').waitFor();
    await entry('Unknown', 'Sign-in refused', 'by: password').waitFor();
    await entry('@kim', 'Signed in', 'by: password').waitFor();
    await admin.screenshot({ path: `${PICTURES}/audit.png` });

    await admin.getByLabel('Action').selectOption({ label: 'Invited' });
    await entry('Signed in').first().waitFor({ state: 'detached' });
    await entry('Invited').waitFor();
    expect(new URL(admin.url()).search).toBe('?action=person.invite&subject=%40kim');

    await admin.getByRole('button', { name: 'Export' }).click();
    const downloaded = admin.waitForEvent('download');
    await dialog().getByRole('button', { name: 'Save file' }).click();
    const file = readFileSync(await (await downloaded).path(), 'utf8');
    expect(file).toMatch(/^time,who,from,action,subject,detail\r?\n/);
    expect(file).toMatch(/,'@owner,[^,]+,person\.invite,'@kim,/);
  });
});

describe('one’s own account', () => {
  test('tells the sessions, and another password ends all but the one at hand', async () => {
    const other = await openBrowser(hub.ca);
    const phone = await other.context.newPage();
    await phone.goto(hub.https);
    await signInByPassword(phone, 'kim');
    await lampOf(phone, 'true').waitFor();

    await kim.getByRole('button', { name: 'Account' }).click();
    await kim.getByRole('link', { name: 'Account and sessions' }).click();
    await kim.locator('main li').nth(1).waitFor();
    expect(await kim.locator('main li', { hasText: 'This one' }).count()).toBe(1);
    await kim.getByLabel('Current password').fill('something else');
    await kim.getByLabel('New password').fill('another password of theirs');
    await kim.getByRole('button', { name: 'Change password' }).click();
    await kim.getByText('The current password is not right.').waitFor();
    await kim.getByLabel('Current password').fill(PASSWORD);
    await kim.getByRole('button', { name: 'Change password' }).click();
    await kim.getByText('The password is changed').waitFor();
    await alertOf(phone, 'Your session has ended. Sign in again.').waitFor();
    await kim.locator('main li').nth(1).waitFor({ state: 'detached' });

    await signInByPassword(phone, 'kim', 'another password of theirs');
    await lampOf(phone, 'true').waitFor();
    await kim.reload();
    const notThis = kim.locator('main li').filter({ hasNotText: 'This one' });
    await notThis.getByRole('button', { name: 'End' }).click();
    await kim.getByRole('dialog').getByRole('button', { name: 'End' }).click();
    await alertOf(phone, 'Your session has ended. Sign in again.').waitFor();
    await other.close();
  });
});

test('the last administrator stays one, and the hub says why', async () => {
  await openPeople();
  await personNamed('@owner').getByRole('button', { name: 'Remove' }).click();
  await dialog().getByRole('button', { name: 'Remove' }).click();
  await alertOf(admin, '@owner is the last administrator').waitFor();
});

test('somebody who forgot their password gets another link; removed, they are out', async () => {
  await personNamed('@kim').getByRole('button', { name: 'New link' }).click();
  await dialog().getByText('Whoever has it can choose a new password for Kim').waitFor();
  await dialog().getByRole('button', { name: 'Make it' }).click();
  const link = await dialog().locator('code').innerText();
  await dialog().getByRole('button', { name: 'Done' }).click();
  await kim.goto('about:blank');
  await signInByLink(kim, link);
  await lampOf(kim, 'true').waitFor();

  await personNamed('@kim').getByRole('button', { name: 'Remove' }).click();
  await dialog().getByRole('button', { name: 'Remove' }).click();
  await personNamed('@kim').waitFor({ state: 'detached' });
  await alertOf(kim, 'Your session has ended. Sign in again.').waitFor();
});

test('a link is taken where somebody is to sign in already, and pasted there', async () => {
  const link = await linkFor(hub);
  await kim.goto(`${hub.https}/sign-in`);
  await kim.getByRole('heading', { name: 'Sign in' }).waitFor();
  // The address changes after its "#" alone, and the page is not loaded anew.
  await kim.goto(link);
  await kim.getByRole('heading', { name: 'Hello, Owner' }).waitFor();
  expect(new URL(kim.url()).hash).toBe('');
  await kim.getByRole('button', { name: 'Sign in otherwise' }).click();
  await kim.getByText('No password, or forgotten?').click();
  await kim.getByLabel('Open it in this browser, or paste it here').fill(link);
  await kim.getByRole('button', { name: 'Go on' }).click();
  await kim.getByRole('heading', { name: 'Hello, Owner' }).waitFor();
  await kim.getByRole('button', { name: 'Sign in otherwise' }).click();
});

test('whoever guesses has to wait, and is told how long', async () => {
  const refusal = alertOf(kim, /\w/);
  let told = '';
  // Each wait is longer than the one before, and in the end longer than a slow machine takes for a try.
  for (let tries = 0; !told.startsWith('Too many tries'); tries += 1) {
    await signInByPassword(kim, 'nobody', `guess ${tries}`);
    told = await refusal.innerText();
    if (tries < 5) expect(told).toBe('The name or the password is not right.');
  }
  expect(told).toMatch(/^Too many tries: wait \d+ s, then try again\.$/);
});
