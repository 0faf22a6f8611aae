import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDevices, removeDevice, type NewDevice } from '#broker/commands/devices.ts';
import { withStore, type CommandContext } from '#broker/commands/open-store.ts';
import type { Clock } from '#broker/clock.ts';
import { ensureOwner } from '#broker/auth/people.ts';
import { accessToken, signInLink } from '#broker/commands/people.ts';
import { loadSettings, type Settings } from '#broker/config/settings.ts';
import { startHub, type Hub } from '#broker/hub.ts';
import type { Log } from '#broker/log/log.ts';
import type { TestPair } from './certificates.ts';

/** A log that tests can read and wait on. */
export class TestLog implements Log {
  readonly lines: string[] = [];
  readonly #waiting = new Set<() => void>();

  /** Resolves with the first line that matches, or the nth, of those so far and those to come. */
  async line(pattern: RegExp, nth = 1): Promise<string> {
    for (;;) {
      const found = this.lines.filter((line) => pattern.test(line))[nth - 1];
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  debug = (line: string): void => this.#write(line);
  info = (line: string): void => this.#write(line);
  warn = (line: string): void => this.#write(line);
  warnLimited = (_kind: string, line: string): void => this.#write(line);
  error = (line: string, cause?: unknown): void => this.#write(`${line} ${String(cause ?? '')}`);

  #write(line: string): void {
    this.lines.push(line);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** A real hub on free ports, with a data folder of its own. */
export interface TestHub {
  readonly hub: Hub;
  readonly log: TestLog;
  readonly settings: Settings;
  /** The CA, PEM, which is a local one unless the hub was given a certificate: what every client of these tests verifies the hub against. */
  readonly ca: string;
  readonly wss: string;
  readonly https: string;
  readonly ws: string;
  /** Registers devices. Resolves with their secrets by id. */
  addDevices(...devices: NewDevice[]): Promise<Map<string, string>>;
  removeDevice(id: string): Promise<void>;
  token(person?: string): Promise<string>;
  /** A one-time code with which somebody chooses a password. */
  signInCode(person?: string): Promise<string>;
  addPerson(id: string, role: 'viewer' | 'operator' | 'admin'): Promise<void>;
  /** Stops the hub and starts it again on the same data folder. @param meanwhile what happens while no hub runs */
  restart(meanwhile?: (context: CommandContext) => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

/** The files of a certificate that a hub is given, in its data folder. */
export const OWN = { certificate: 'own.pem', key: 'own-key.pem' } as const;

/**
 * Starts a hub.
 * @param pair a certificate that it is given, of an authority that its clients trust
 * @param clock its time
 */
export async function startTestHub(
  change: (settings: Settings) => Settings = (same) => same,
  pair?: TestPair,
  clock?: Clock,
): Promise<TestHub> {
  const data = mkdtempSync(join(tmpdir(), 'switchyard-test-'));
  const own = pair && { certificate: join(data, OWN.certificate), key: join(data, OWN.key) };
  if (pair && own) {
    writeFileSync(own.certificate, pair.cert);
    writeFileSync(own.key, pair.key);
  }
  const flags = { data, port: 0, httpPort: 0, ...own };
  const settings = change(loadSettings(flags));
  const log = new TestLog();
  let hub = await startHub(settings, log, clock);
  await withStore(flags, ({ store }) => ensureOwner(store, Date.now()));

  return {
    get hub() {
      return hub;
    },
    log,
    settings,
    ca: pair?.ca ?? readFileSync(join(data, 'ca.pem'), 'utf8'),
    get wss() {
      return `wss://localhost:${hub.httpsPort}/mqtt`;
    },
    get https() {
      return `https://localhost:${hub.httpsPort}`;
    },
    get ws() {
      return `ws://127.0.0.1:${hub.httpPort}/mqtt`;
    },
    addDevices: (...devices) =>
      withStore(flags, async (context) => {
        const credentials = await createDevices(context, devices, Date.now());
        return new Map(credentials.devices.map(({ id, secret = '' }) => [id, secret]));
      }),
    removeDevice: (id) => withStore(flags, (context) => removeDevice(context, id, Date.now())),
    token: (person = 'owner') => withStore(flags, (context) => accessToken(context, person, Date.now())),
    signInCode: (person = 'owner') =>
      withStore(flags, async ({ store }) => {
        const link = await signInLink(store, 'https://localhost', person, Date.now());
        return new URL(link).hash.slice(1);
      }),
    addPerson: (id, role) =>
      withStore(flags, async ({ store }) => {
        await store.createPerson({ id, name: id, role, password: null, createdAt: Date.now() });
      }),
    restart: async (meanwhile = async () => undefined) => {
      const { httpsPort, httpPort } = hub;
      await hub.close();
      await withStore(flags, meanwhile);
      const [https, http] = [
        { ...settings.https, port: httpsPort },
        { ...settings.http, port: httpPort },
      ];
      hub = await startHub({ ...settings, https, http }, log, clock);
    },
    close: async () => {
      await hub.close();
      rmSync(data, { recursive: true });
    },
  };
}
