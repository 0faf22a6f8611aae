import type { IConnectPacket } from 'mqtt-packet';
import type { Settings } from '#broker/config/settings.ts';
import { startTestHub, type TestHub } from './hub.ts';
import { RawClient } from './raw-client.ts';
import { makeService, type Credentials } from './service.ts';

/** A hub, and clients of one service that may publish and subscribe to whatever is free. */
export class Plant {
  readonly hub: TestHub;
  /** A client that stays, to publish. */
  readonly publisher: RawClient;
  readonly #credentials: Credentials;
  readonly #clients: RawClient[] = [];
  #count = 0;

  private constructor(hub: TestHub, credentials: Credentials, publisher: RawClient) {
    this.hub = hub;
    this.publisher = publisher;
    this.#credentials = credentials;
  }

  static async start(change: (settings: Settings) => Settings = (same) => same): Promise<Plant> {
    const hub = await startTestHub((settings) =>
      change({ ...settings, limits: { ...settings.limits, sessionsPerService: 100 } }),
    );
    const credentials = await makeService(hub, 'plant');
    const publisher = await RawClient.connect(hub, { clientId: 'publisher', ...credentials });
    return new Plant(hub, credentials, publisher.acknowledge());
  }

  /** Connects a client, which answers nothing by itself. Without a client id it has one of its own. */
  async connect(options: Partial<IConnectPacket> = {}): Promise<RawClient> {
    this.#count += 1;
    const clientId = `client-${this.#count}`;
    const client = await RawClient.connect(this.hub, { clientId, ...this.#credentials, ...options });
    this.#clients.push(client);
    return client;
  }

  /** Connects a client with a session that is kept. */
  keep(clientId: string): Promise<RawClient> {
    return this.connect({ clientId, clean: false });
  }

  /** Connects a client that acknowledges, and subscribes it. */
  async subscriber(qos: 0 | 1 | 2, ...filters: string[]): Promise<RawClient> {
    const client = (await this.connect()).acknowledge();
    await client.subscribe(qos, ...filters);
    return client;
  }

  /** Ends the clients that were connected since the last time. */
  async endClients(): Promise<void> {
    await Promise.all(this.#clients.splice(0).map((client) => client.drop()));
  }

  async close(): Promise<void> {
    await this.endClients();
    await this.publisher.drop();
    await this.hub.close();
  }
}
