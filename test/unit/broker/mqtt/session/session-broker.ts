import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import { Aedes, type AuthenticateError, type PublishPacket } from 'aedes';
import { RetainedMessages, retainIn } from '#broker/mqtt/retained.ts';
import { Router } from '#broker/mqtt/router.ts';
import { SessionKeeper } from '#broker/mqtt/stored/session-keeper.ts';
import { StoredSessions, type SessionLimits } from '#broker/mqtt/stored/stored-sessions.ts';
import { TestLog } from '../../../../support/hub.ts';

const LIMITS: SessionLimits = {
  sessionsPerService: 10,
  sessions: 100,
  sessionMessages: 10_000,
  sessionBytes: 4_194_304,
  sessionDays: 7,
  outboundBytes: 8_388_608,
};

/**
 * Aedes with the hub's router, retained messages and stored sessions. Whoever wants a session has one, of the service
 * that their user name is; topics below "secret/" are forbidden.
 */
export class SessionBroker {
  readonly aedes: Aedes;
  readonly sessions: StoredSessions;
  readonly log = new TestLog();
  /** What Aedes said went wrong with clients. */
  readonly errors: string[] = [];
  /** How many connections there were so far. */
  accepted = 0;
  /** The hub's clock, in ms. */
  now = 0;
  maySubscribe = (filter: string): boolean => !filter.startsWith('secret/');
  mayReceive = (topic: string): boolean => !topic.startsWith('secret/');
  /** When whoever connects was made. */
  ownersCreatedAt = 1;
  /** How long it takes to find out who connects. */
  identify = (): Promise<void> => Promise.resolve();
  readonly #server: Server;

  private constructor(aedes: Aedes, router: Router, limits: SessionLimits) {
    this.aedes = aedes;
    this.sessions = new StoredSessions(limits, router, this.log);
    retainIn(new RetainedMessages(), (aedes as unknown as { persistence: object }).persistence);
    aedes.preConnect = (client, _packet, done) => {
      router.watch(client);
      void this.identify().then(() => done(null, true));
    };
    aedes.authenticate = (client, username, _password, done) => {
      const owner = { name: username ?? '@service', createdAt: this.ownersCreatedAt };
      if (client.clean || keeper.admit(client, owner, this.#rights)) done(null, true);
      else done(Object.assign(new Error('too many sessions'), { returnCode: 3 }) as AuthenticateError, false);
    };
    aedes.authorizeSubscribe = (_client, subscription, done) =>
      done(null, this.maySubscribe(subscription.topic) ? subscription : null);
    aedes.authorizeForward = (_client, packet) => (this.mayReceive(packet.topic) ? packet : null);
    aedes.on('clientError', (_client, { message }) => this.errors.push(message));
    const keeper = new SessionKeeper(aedes, {
      sessions: this.sessions,
      router,
      log: this.log,
      now: () => this.now,
    });
    this.#server = createServer({ noDelay: true }, (socket) => {
      this.accepted += 1;
      aedes.handle(socket);
    });
  }

  static async start(limits: Partial<SessionLimits> = {}): Promise<SessionBroker> {
    const router = new Router();
    const aedes = await Aedes.createBroker({ mq: router, concurrency: 0, drainTimeout: 0 });
    const broker = new SessionBroker(aedes, router, { ...LIMITS, ...limits });
    await once(broker.#server.listen(0, '127.0.0.1'), 'listening');
    return broker;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Publishes as the hub does. Resolves when everybody who is there was sent it. */
  publish(topic: string, payload: string, options: Partial<PublishPacket> = {}): Promise<void> {
    const packet = { topic, payload: Buffer.from(payload), qos: 1, retain: false, dup: false } as const;
    return new Promise((resolve, reject) =>
      this.aedes.publish({ cmd: 'publish', ...packet, ...options }, (error) =>
        error ? reject(error) : resolve(),
      ),
    );
  }

  /** Resolves when the hub has noticed that a client has gone. */
  away(clientId: string): Promise<void> {
    return this.#until(() => this.sessions.find(clientId)?.awaySince !== undefined);
  }

  /** Resolves when a client has its session: within the turn in which it was sent its CONNACK. */
  there(clientId: string): Promise<void> {
    return this.#until(() => this.sessions.find(clientId)?.awaySince === undefined);
  }

  /** Reads MQTT from any stream. */
  accept(stream: Duplex): void {
    this.aedes.handle(stream);
  }

  /** How many connections are open. */
  connections(): Promise<number> {
    return new Promise((resolve, reject) =>
      this.#server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
    );
  }

  async close(): Promise<void> {
    await new Promise<void>((done) => this.aedes.close(done));
    this.#server.close();
  }

  async #until(is: () => boolean): Promise<void> {
    while (!is()) await new Promise((resolve) => setImmediate(resolve));
  }

  readonly #rights = { maySubscribe: (filter: string): boolean => this.maySubscribe(filter) };
}
