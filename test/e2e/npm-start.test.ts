import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { signInByLink } from '../support/browser-sign-in.ts';
import { openBrowser } from '../support/browser.ts';

test('npm start on an empty data folder leads to a page on which a click switches a simulated lamp', async () => {
  const data = mkdtempSync(join(tmpdir(), 'switchyard-newcomer-'));
  const start = spawn('npm', ['start', '--silent', '--', '--port', '0', '--http-port', '0'], {
    env: { ...process.env, SWITCHYARD_DATA: join(data, 'new') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(start, 'exit');
  let output = '';
  start.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  while (!/needs no trust/.test(output)) await once(start.stdout, 'data');
  const link = /https:\S+\/sign-in#\S+/.exec(output)?.[0] ?? '';

  const browser = await openBrowser(readFileSync(join(data, 'new', 'ca.pem'), 'utf8'));
  const page = await browser.context.newPage();
  await signInByLink(page, link);
  await page.locator('[data-presence=online]').nth(11).waitFor();
  const lamp = page.locator('[data-device="hall-lamp"]').getByRole('switch');
  const before = await lamp.getAttribute('aria-checked');
  await lamp.click();
  await page.locator(`[data-device="hall-lamp"] [role=switch]:not([aria-checked=${before}])`).waitFor();

  await browser.close();
  start.kill('SIGTERM');
  const [code] = (await ended) as [number];
  expect(code).toBe(0);
  expect(output).toMatch(/closed/);
  rmSync(data, { recursive: true });
});
