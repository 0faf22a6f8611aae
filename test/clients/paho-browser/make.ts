import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inProject } from '../../../scripts/project.ts';
import { openBrowser, type TestBrowser } from '../../support/browser.ts';
import { DrivenClient } from '../driven-client.ts';
import type { Make, OtherClient, Place } from '../other-client.ts';
import { PageServer } from './page-server.ts';

/** The client, as a page takes it. */
export const PAHO = readFileSync(inProject('node_modules', 'paho-mqtt', 'paho-mqtt.js'));

/** Serves the page with the client that is driven. */
export const servePage = (): Promise<PageServer> =>
  PageServer.start({
    'page.html': readFileSync(join(import.meta.dirname, 'page.html')),
    'page.js': readFileSync(join(import.meta.dirname, 'page.js')),
    'paho-mqtt.js': PAHO,
  });

/** paho-mqtt for browsers, each client in a tab of Chromium's with a page of another origin than the hub's. */
export class PahoForBrowsers implements Make {
  readonly #pages: PageServer;
  /** By the authority that they trust. */
  readonly #browsers = new Map<string, Promise<TestBrowser>>();

  constructor(pages: PageServer) {
    this.#pages = pages;
  }

  async start({ ca, url, username, password }: Place): Promise<OtherClient> {
    const browser = this.#browsers.get(ca) ?? openBrowser(readFileSync(ca, 'utf8'));
    this.#browsers.set(ca, browser);
    const page = await (await browser).context.newPage();
    const client = new DrivenClient({
      tell: (line) => {
        const request = { ...(JSON.parse(line) as object), url, username, password };
        void page.evaluate(`ask(${JSON.stringify(request)})`);
      },
      kill: () => page.close(),
    });
    await page.exposeFunction('hear', (line: string) => client.hear(line));
    await page.goto(`${this.#pages.origin}/page.html`);
    page.once('close', () => client.end('its tab was closed'));
    return client;
  }

  async close(): Promise<void> {
    for (const browser of this.#browsers.values()) await (await browser).close();
  }
}
