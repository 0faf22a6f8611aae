import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { Aedes, type PublishPacket } from 'aedes';
import {
  downTopic,
  upTopic,
  feedTopic,
  type DownChannel,
  type FeedChannel,
  type UpChannel,
} from '#firmware-protocol';
import type { Authenticate } from '../auth/authenticate.ts';
import { networkOf } from '../auth/network.ts';
import { principalName, type Principal, type Service } from '../auth/principal.ts';
import type { Fleet } from '../fleet/fleet.ts';
import type { Link } from '../links/link.ts';
import type { Log } from '../log/log.ts';
import { Connecting, type AccessChanges } from './connecting.ts';
import { ownerOf, rightsOf } from './owners.ts';
import { Publishing, RETAINED } from './publishing.ts';
import { RetainedMessages, retainIn } from './retained.ts';
import { Router } from './router.ts';
import { Sessions, type MqttSession } from './sessions.ts';
import { SessionKeeper } from './stored/session-keeper.ts';
import type { Owner } from './stored/stored-session.ts';
import { StoredSessions, type SessionLimits } from './stored/stored-sessions.ts';
import { Subscribing, type Snapshot } from './subscribing.ts';

/** How often access is checked for having run out, in ms. */
const EXPIRY_CHECK = 500;

export interface MqttOptions {
  readonly tenant: string;
  readonly authenticate: Authenticate;
  readonly access: AccessChanges;
  readonly log: Log;
  /** Time from the handshake to an accepted CONNECT, in ms. */
  readonly connectTimeout: number;
  readonly sessionLimits: SessionLimits;
  /** The hub's time, Unix ms. */
  readonly now: () => number;
}

/** Aedes with the hub's own router and permissions, between links on one side and the fleet on the other. */
export class MqttBroker {
  readonly #options: MqttOptions;
  readonly #router = new Router();
  readonly #sessions = new Sessions();
  readonly #stored: StoredSessions;
  readonly #expiryCheck: NodeJS.Timeout;
  #aedes!: Aedes;
  #keeper!: SessionKeeper;
  #fleet!: Fleet;
  #connecting!: Connecting;
  #publishing!: Publishing;
  #subscribing!: Subscribing;

  private constructor(options: MqttOptions) {
    this.#options = options;
    this.#stored = new StoredSessions(options.sessionLimits, this.#router, options.log);
    this.#expiryCheck = setInterval(() => this.#endExpired(), EXPIRY_CHECK).unref();
  }

  static async start(options: MqttOptions): Promise<MqttBroker> {
    const broker = new MqttBroker(options);
    broker.#aedes = await broker.#createAedes();
    return broker;
  }

  /**
   * Whom to tell of sessions and messages, and what a console that subscribes to a feed is told first. Set once,
   * before the first link.
   */
  serve(fleet: Fleet, snapshot: Snapshot): void {
    this.#fleet = fleet;
    const shared = { ...this.#options, sessions: this.#sessions, fleet };
    const connecting = new Connecting({ ...shared, router: this.#router, keeper: this.#keeper });
    this.#connecting = connecting;
    this.#publishing = new Publishing({
      ...shared,
      whois: (credentials, packet) => connecting.whois(credentials, packet),
    });
    this.#subscribing = new Subscribing({ ...shared, snapshot });
  }

  /** Reads MQTT from a link until it ends. */
  accept(link: Link): void {
    const client = this.#aedes.handle(link.stream, link.request);
    const session = this.#sessions.open(client, link);
    // Before Aedes' own listener, which destroys the stream.
    client.prependListener('error', (error: Error) => this.#clientFailed(session, error));
    const { connectTimeout } = this.#options;
    const deadline = setTimeout(() => {
      if (!session.principal)
        link.end('connect-timeout', `no CONNECT was accepted within ${connectTimeout / 1_000} s`);
    }, connectTimeout);
    link.onceClosed((reason) => {
      clearTimeout(deadline);
      this.#linkClosed(session, reason);
    });
  }

  /** Sends to a device at QoS 1; `desired` is retained for a device that is away. */
  toDevice(device: string, channel: DownChannel, payload: Uint8Array): void {
    this.#publish({
      topic: downTopic(this.#options.tenant, device, channel),
      payload: Buffer.from(payload),
      qos: 1,
      retain: channel === 'desired',
    });
  }

  /** Puts back what was retained of a device, as it was. */
  retain(device: string, channel: UpChannel, payload: Uint8Array): void {
    const topic = upTopic(this.#options.tenant, device, channel);
    this.#publish({ topic, payload: Buffer.from(payload), qos: 1, retain: true });
  }

  toConsoles(channel: FeedChannel, payload: Uint8Array): void {
    this.#publish({
      topic: feedTopic(this.#options.tenant, channel),
      payload: Buffer.from(payload),
      qos: 0,
      retain: false,
    });
  }

  /** Ends all links of a device, and lets go of what was retained for it. */
  dropDevice(device: string, reason: string): void {
    const { tenant } = this.#options;
    const retained = [...RETAINED].map((channel) => upTopic(tenant, device, channel));
    for (const topic of [...retained, downTopic(tenant, device, 'desired')]) {
      this.#publish({ topic, payload: Buffer.alloc(0), qos: 0, retain: true });
    }
    for (const session of this.#sessions.ofWhom({ kind: 'device', id: device })) {
      session.voice = 'none';
      session.link.end('access-ended', reason);
    }
  }

  /** Everybody who is there, or whoever of them is meant, once for each link. */
  present(whom?: Pick<Principal, 'kind' | 'id'>): Principal[] {
    const sessions = whom ? this.#sessions.ofWhom(whom) : this.#sessions.all();
    return [...sessions].map(({ principal }) => principal).filter((principal) => principal !== undefined);
  }

  /** Ends the links of those for whom there is a reason, and tells it to them. */
  dismiss(reasonFor: (principal: Principal) => string | undefined): void {
    for (const session of this.#sessions.all()) {
      const { principal } = session;
      const reason = principal && reasonFor(principal);
      if (principal === undefined || reason === undefined) continue;
      this.#options.log.info(`ended the link of ${principalName(principal)}: ${reason}`);
      sendAway(session, reason);
    }
  }

  /** The services that have stored sessions. */
  sessionOwners(): ReadonlySet<Owner> {
    return this.#stored.owners();
  }

  /**
   * Holds stored sessions to what services may do now. Those of a service that is not among them end.
   * @param owners who had stored sessions when the services were looked up
   */
  holdSessions(owners: ReadonlySet<Owner>, services: readonly Service[]): void {
    const known = new Map(services.map((service) => [ownerOf(service).name, service]));
    this.#stored.hold(owners, ({ name, createdAt }) => {
      const service = known.get(name);
      return service?.createdAt === createdAt ? rightsOf(service) : undefined;
    });
  }

  /** The hub's clock was set by so many ms: access lasts as long as before. */
  clockJumped(by: number): void {
    for (const session of this.#sessions.all()) {
      if (session.expiresAt !== undefined) session.expiresAt += by;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#expiryCheck);
    await new Promise<void>((done) => this.#aedes.close(done));
  }

  async #createAedes(): Promise<Aedes> {
    const { log } = this.#options;
    const aedes = await Aedes.createBroker({
      id: randomUUID(),
      mq: this.#router,
      concurrency: 0,
      drainTimeout: 0,
      // The hub's own deadline also covers what comes after the CONNECT, and gives its reason.
      connectTimeout: this.#options.connectTimeout * 2,
      preConnect: (client, packet, done) =>
        void this.#connecting.identify(client, packet).then((ok) => done(null, ok)),
      authenticate: (client, _username, _password, done) => this.#connecting.answer(client, done),
      authorizePublish: (client, packet, done) => {
        const verdict = this.#publishing.take(client, packet);
        if (verdict instanceof Promise) void verdict.then(done);
        else done(verdict);
      },
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.#subscribing.authorize(client, subscription)),
      authorizeForward: (client, packet) => (this.#subscribing.mayForward(client, packet) ? packet : null),
    });
    // Not in Aedes' own types.
    retainIn(new RetainedMessages(), (aedes as unknown as { persistence: object }).persistence);
    this.#keeper = new SessionKeeper(aedes, {
      sessions: this.#stored,
      router: this.#router,
      log,
      now: () => performance.now(),
    });
    // Emitted, but not in Aedes' own types.
    (aedes as NodeJS.EventEmitter).on('error', (error) =>
      log.error('the MQTT broker reported an error', error),
    );
    aedes.on('subscribe', (subscriptions, client) => this.#subscribing.subscribed(subscriptions, client));
    return aedes;
  }

  #linkClosed(session: MqttSession, reason: string): void {
    this.#sessions.close(session);
    const { principal } = session;
    if (!principal) return;
    this.#options.log.debug(`${principalName(principal)} disconnected: ${reason}`);
    if (principal.kind !== 'device' || this.#sessions.ofWhom(principal).size > 0) return;
    this.#fleet.disconnected(principal.id, this.#options.now());
  }

  #clientFailed({ closed, link, principal }: MqttSession, error: Error): void {
    if (closed) return;
    const who = principal ? principalName(principal) : link.remoteAddress;
    this.#options.log.warnLimited(
      `client:${networkOf(link.remoteAddress)}`,
      `ended the link of ${who}: ${error.message}`,
    );
    link.explain('protocol-violation', error.message);
  }

  #publish(packet: Pick<PublishPacket, 'topic' | 'payload' | 'qos' | 'retain'>): void {
    this.#aedes.publish({ cmd: 'publish', dup: false, ...packet }, (error) => {
      if (error) this.#options.log.error(`could not publish to ${packet.topic}`, error);
    });
  }

  #endExpired(): void {
    this.#stored.expire(performance.now());
    const now = this.#options.now();
    for (const session of this.#sessions.all()) {
      const { expiresAt } = session;
      if (expiresAt !== undefined && expiresAt <= now) sendAway(session, 'its access has run out');
    }
  }
}

/** Ends a link whose client has no say any more, but that a device's will tells of its end. */
function sendAway(session: MqttSession, reason: string): void {
  session.voice = session.principal?.kind === 'device' ? 'will' : 'none';
  session.link.end('access-ended', reason);
}
