import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { inProject } from '../scripts/project.ts';
import { signInByLink } from '../test/support/browser-sign-in.ts';
import { openBrowser } from '../test/support/browser.ts';

/**
 * What a person feels in the first minute, measured on the product as it runs: a second `npm start` until its page
 * works, a click until the page shows what the device confirmed, and the JavaScript that the page loads first.
 */

const CLICKS = 200;
const LAMP = '[data-device="hall-lamp"]';

const data = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));

interface Running {
  readonly process: ChildProcess;
  /** Where its console is: at the first start a link with which one chooses a password. */
  readonly address: string;
}

async function start(): Promise<Running> {
  const child = spawn(
    'npm',
    ['start', '--silent', '--', '--port', '0', '--http-port', '0', '--log', 'warn'],
    {
      env: { ...process.env, SWITCHYARD_DATA: data },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  let output = '';
  for (;;) {
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    output += chunk.toString();
    const address = /Console +(https:\S+)\n/.exec(output)?.[1];
    if (address !== undefined) return { process: child, address };
  }
}

async function stop({ process: child }: Running): Promise<void> {
  child.kill('SIGTERM');
  await once(child, 'exit');
}

/** Milliseconds from each click until the page shows the value that the device confirmed, in the page's own clock. */
function clickTimes(page: Page): Promise<number[]> {
  return page.evaluate(
    async ({ lamp, clicks }) => {
      const button = document.querySelector<HTMLElement>(`${lamp} [role=switch]`);
      if (!button) throw new Error('the lamp has no switch');
      const times: number[] = [];
      for (let click = 0; click < clicks; click += 1) {
        const before = button.ariaChecked;
        const changed = new Promise<void>((resolve) => {
          const observer = new MutationObserver(() => {
            if (button.ariaChecked === before) return;
            observer.disconnect();
            resolve();
          });
          observer.observe(button, { attributes: true });
        });
        const clickedAt = performance.now();
        button.click();
        await changed;
        times.push(performance.now() - clickedAt);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      return times;
    },
    { lamp: LAMP, clicks: CLICKS },
  );
}

const percentile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? NaN;

/** Bytes after gzip of every script that the page asked for until the fleet stood, the lazily loaded ones too. */
function scriptBytes(loaded: readonly string[]): number {
  const folder = inProject('console', 'dist', 'assets');
  return readdirSync(folder)
    .filter((file) => loaded.some((url) => url.endsWith(`/${file}`)))
    .reduce((sum, file) => sum + gzipSync(readFileSync(join(folder, file)), { level: 9 }).length, 0);
}

const first = await start();
const ca = readFileSync(join(data, 'ca.pem'), 'utf8');
const browser = await openBrowser(ca, { viewport: { width: 1440, height: 900 } });
const signedIn = await browser.context.newPage();
await signInByLink(signedIn, first.address);
await signedIn.locator(`${LAMP} [data-presence=online]`).waitFor();
await signedIn.close();
await stop(first);

const startedAt = performance.now();
const second = await start();
const page = await browser.context.newPage();
const scripts: string[] = [];
page.on('response', (response) => {
  if (response.request().resourceType() === 'script') scripts.push(new URL(response.url()).pathname);
});
await page.goto(second.address);
await page.locator(`${LAMP} [data-presence=online]`).waitFor();
await page.locator(`${LAMP} [role=switch][aria-disabled=false]`).waitFor();
const pageWorksMs = performance.now() - startedAt;

const times = (await clickTimes(page)).sort((a, b) => a - b);
const result = {
  secondStartToWorkingPageMs: Math.round(pageWorksMs),
  clickToConfirmedMs: {
    clicks: times.length,
    p50: Number(percentile(times, 0.5).toFixed(1)),
    p99: Number(percentile(times, 0.99).toFixed(1)),
  },
  javascriptUntilFleetStandsGzipKB: Number((scriptBytes(scripts) / 1_000).toFixed(1)),
};
await browser.close();
await stop(second);
rmSync(data, { recursive: true });
process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
