import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium, type BrowserContext } from 'playwright-core';
import { findChromium } from '../../scripts/system-packages.ts';

/** Chromium that keeps to itself: nothing it starts by default may reach out of this machine. */
const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

type Options = Parameters<typeof chromium.launchPersistentContext>[1];

export interface TestBrowser {
  readonly context: BrowserContext;
  close(): Promise<void>;
}

/**
 * A real Chromium with a fresh profile, which trusts one CA more than usual: the hub's. A wrong certificate is
 * refused here as in any browser.
 */
export async function openBrowser(ca: string, options: Options = {}): Promise<TestBrowser> {
  const home = mkdtempSync(join(tmpdir(), 'switchyard-browser-'));
  trust(home, ca);
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('no Chromium: "npm test" installs it or says how');
  const context = await chromium.launchPersistentContext(join(home, 'profile'), {
    executablePath,
    args: FLAGS,
    env: { ...process.env, HOME: home },
    ...options,
  });
  return {
    context,
    close: async () => {
      await context.close();
      rmSync(home, { recursive: true, maxRetries: 5 });
    },
  };
}

/** On Linux, Chromium takes a person's own authorities from the NSS database in the home folder. */
function trust(home: string, ca: string): void {
  const folder = join(home, '.pki', 'nssdb');
  const file = join(home, 'ca.pem');
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, ca);
  const database = `sql:${folder}`;
  for (const args of [
    ['-N', '-d', database, '--empty-password'],
    ['-A', '-d', database, '-n', 'switchyard', '-t', 'C,,', '-i', file],
  ]) {
    const { status, stderr } = spawnSync('certutil', args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`certutil ${args[0]} failed: ${stderr}`);
  }
}
