import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Service } from '#broker/auth/principal.ts';
import { loadSettings, type Settings } from '#broker/config/settings.ts';
import type { Fleet } from '#broker/fleet/fleet.ts';
import { Admission } from '#broker/links/admission.ts';
import { clientOf } from '#broker/links/client-address.ts';
import { MqttBroker } from '#broker/mqtt/broker.ts';
import { openDoor } from '../../../../support/door.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { TestLog } from '../../../../support/hub.ts';
import { PacketClient, type Publication } from './packet-client.ts';

const PUBLISHER = '@publisher';
/** When time begins, Unix ms. */
const START = 1_800_000_000_000;

/**
 * The hub's links and its broker, without a fleet, for services: whoever connects is the service that their user name is,
 * and may publish and receive what is free, within `grants`.
 */
export class SessionBroker {
  readonly log = new TestLog();
  /** The topic filters that services may subscribe to. */
  grants: readonly string[] = ['#'];
  /** When whoever connects was made. */
  createdAt = 1;
  /** How much time has passed, in ms. */
  elapsed = 0;
  /** How long it takes to find out who connects. */
  identify = (): Promise<void> => Promise.resolve();
  readonly #server: Server;
  readonly #store = new SqliteStore(':memory:');
  #mqtt!: MqttBroker;
  #admission!: Admission;
  #publisher!: PacketClient;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(limits: Partial<Settings['limits']> = {}): Promise<SessionBroker> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const broker = new SessionBroker(server);
    await broker.#begin({ ...loadSettings({ data: 'none' }).limits, ...limits });
    return broker;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}/mqtt`;
  }

  /** Publishes. Resolves when everybody who is there was sent it, and it is with those who are away. */
  publish(topic: string, payload: string, options: Partial<Publication> = {}): Promise<void> {
    return this.#publisher.publish(topic, payload, { qos: 1, retain: false, ...options });
  }

  /** Resolves when the hub has noticed of every client that has gone that it has. */
  async noticed(): Promise<void> {
    while (this.#admission.count > PacketClient.alive(this.url)) {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** What happens when services are looked at again: those that are not among them are gone. */
  look(...services: string[]): void {
    this.#mqtt.holdSessions(
      this.#mqtt.sessionOwners(),
      services.map((name) => this.#service(name)),
    );
  }

  /** The same, where who had sessions was looked up a moment ago. */
  lookLater(): (...services: string[]) => void {
    const owners = this.#mqtt.sessionOwners();
    return (...services) =>
      this.#mqtt.holdSessions(
        owners,
        services.map((name) => this.#service(name)),
      );
  }

  async close(): Promise<void> {
    await this.#admission.close();
    await this.#mqtt.close();
    await this.#store.close();
    this.#server.close();
  }

  async #begin(limits: Settings['limits']): Promise<void> {
    const { log } = this;
    this.#mqtt = await MqttBroker.start({
      tenant: 'home',
      authenticate: async ({ username = '' }) => {
        if (username !== PUBLISHER) await this.identify();
        return this.#service(username);
      },
      access: { count: 0, lookAgain: () => undefined },
      log,
      connectTimeout: limits.connectMs,
      sessionLimits: limits,
      store: this.#store,
      now: () => START + this.elapsed,
      elapsed: () => this.elapsed,
    });
    this.#mqtt.serve({} as Fleet, () => []);
    this.#admission = new Admission({
      bounds: limits,
      ...openDoor(limits).admitting,
      originAllowed: () => true,
      clientOf: clientOf([]),
      onLink: (link) => this.#mqtt.accept(link),
      reach: () => this.#mqtt.reach,
      onFailure: (error) => log.error('a packet could not be taken', error),
    });
    this.#admission.attach(this.#server);
    this.#publisher = await PacketClient.connect(this.url, 'publisher', {
      username: PUBLISHER,
      clean: true,
    });
  }

  #service(name: string): Service {
    const [id, { createdAt, grants }] = [name.slice(1), this];
    const may = { publish: ['#'], subscribe: name === PUBLISHER ? [] : grants };
    return { kind: 'service', tenant: 'home', id, role: null, ...may, generation: 1, createdAt } as Service;
  }
}
