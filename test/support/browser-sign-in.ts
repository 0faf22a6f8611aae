import type { Page } from 'playwright-core';
import type { TestHub } from './hub.ts';
import { PASSWORD } from './sign-in.ts';

/** A one-time link to the console, for the owner if nobody is named. */
export const linkFor = async (hub: TestHub, person?: string): Promise<string> =>
  `${hub.https}/sign-in#${await hub.signInCode(person)}`;

/** Opens a one-time link and chooses a password, as people do. */
export async function signInByLink(page: Page, link: string): Promise<void> {
  await page.goto(link);
  await page.getByLabel('New password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Set password and sign in' }).click();
}

/** Signs in at the page that asks for name and password. */
export async function signInByPassword(page: Page, name: string, password = PASSWORD): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}
