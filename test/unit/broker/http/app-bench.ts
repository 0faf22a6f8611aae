import type { IncomingMessage } from 'node:http';
import { tokenReader } from '#broker/auth/authenticate.ts';
import { Sessions } from '#broker/auth/sessions.ts';
import type { Api } from '#broker/http/api.ts';
import { createApp } from '#broker/http/app.ts';
import type { AuditRecord } from '#broker/store/journal.ts';
import { TestLog } from '../../../support/hub.ts';
import { ada, newAccess, NOW, PASSWORD } from '../auth/access-bench.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const ORIGIN = 'https://hub.example';

/** The whole HTTP side over a store that knows Ada, but for the fleet, with addresses and clocks as a test wants them. */
export class AppBench {
  readonly access: Awaited<ReturnType<typeof newAccess>>;
  readonly log = new TestLog();
  readonly #app: ReturnType<typeof createApp>;
  /** From where requests come. */
  address = '192.0.2.7';
  /** The clock of the wall, and the one that is never set. */
  now = NOW;
  elapsed = 0;

  private constructor(access: AppBench['access']) {
    this.access = access;
    const { store, keys, tenant } = access;
    const now = (): number => this.now;
    const deaf = (): void => undefined;
    const api: Omit<Api, 'history' | 'groups' | 'batches' | 'schedules'> = {
      records: store,
      devices: { devices: () => [], device: () => undefined, label: () => Promise.resolve(false) },
      sessions: new Sessions({ store, keys, tenant, onEnded: deaf }),
      access,
      accessChanged: deaf,
      registryChanged: () => Promise.resolve(),
    };
    this.#app = createApp({
      api: api as Api,
      identify: tokenReader(store, keys, tenant),
      originAllowed: (origin) => origin === ORIGIN,
      isOwnHost: () => true,
      clientOf: () => ({ address: this.address, secure: true, host: undefined }),
      now,
      elapsed: () => this.elapsed,
      log: this.log,
      consoleFolder: temporaryFolder(),
      ca: '',
      health: () => ({}),
      metrics: () => [],
    });
  }

  static create = async (): Promise<AppBench> => new AppBench(await newAccess());

  async ask(method: string, path: string, body?: unknown, token?: string): Promise<Response> {
    const headers = { Origin: ORIGIN, ...(token !== undefined && { Authorization: `Bearer ${token}` }) };
    const sent = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
    return this.#app.request(`${ORIGIN}${path}`, sent, { incoming: {} as IncomingMessage });
  }

  signIn(password = PASSWORD, id = ada.id): Promise<Response> {
    return this.ask('POST', '/api/session', { id, password });
  }

  /** The access token that Ada gets by signing in from here. */
  async token(): Promise<string> {
    const { accessToken } = (await (await this.signIn()).json()) as { accessToken: string };
    return accessToken;
  }

  /** What stands in the audit, the first first. */
  async audit(action: string): Promise<AuditRecord[]> {
    return (await this.access.store.audit({ limit: 1_000, action })).toReversed();
  }
}
