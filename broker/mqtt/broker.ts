import { randomUUID } from 'node:crypto';
import { Aedes, type Client } from 'aedes';
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
import type { EndCause } from '../links/ends.ts';
import type { Link, Way } from '../links/link.ts';
import type { Hold } from '../links/rates/meter.ts';
import { Turns } from '../links/rates/turns.ts';
import { PACKET } from '../links/reader/packet-type.ts';
import type { Log } from '../log/log.ts';
import type { KeptSessionStore } from '../store/kept-sessions.ts';
import { atOnce } from './aedes/at-once.ts';
import { NoQueue } from './aedes/no-queue.ts';
import { Persistence } from './aedes/persistence.ts';
import { Connecting, type AccessChanges } from './connecting.ts';
import type { Drops } from './drops.ts';
import { ownerOf, rightsOf } from './owners.ts';
import { Connections, type Connection } from './connections.ts';
import { Message } from './message.ts';
import { packetId } from './packets.ts';
import { Publishing, RETAINED } from './publishing.ts';
import type { RetainedLimits } from './retained-shares.ts';
import { Retaining } from './retaining.ts';
import { Router } from './router.ts';
import type { Owner } from './session/kept-session.ts';
import { KeptSessions, queueBounds, type SessionLimits } from './session/kept-sessions.ts';
import { Session } from './session/session.ts';
import { Subscribing, type Snapshot } from './subscribing.ts';

/** How often connections are checked for silence and for access that has run out, in ms. */
const CHECK = 500;
/** Ends that say something of the peer that a log should hold. */
const FAULTS: ReadonlySet<EndCause> = new Set([
  'malformed-frame',
  'malformed-packet',
  'protocol-violation',
  'text-frame',
  'packet-too-long',
  'too-slow',
  'too-many',
]);

export interface MqttOptions {
  readonly tenant: string;
  readonly authenticate: Authenticate;
  readonly access: AccessChanges;
  readonly log: Log;
  /** Time from the handshake to an accepted CONNECT, in ms. */
  readonly connectTimeout: number;
  readonly sessionLimits: SessionLimits & RetainedLimits;
  /** What keeps sessions. */
  readonly store: KeptSessionStore;
  /** The hub's time, Unix ms. */
  readonly now: () => number;
  /** A clock that only goes forward, in ms. */
  readonly elapsed: () => number;
}

/** What a broker has, and what it dropped, for metrics. */
export interface MqttFigures {
  /** Links by whose they are. */
  readonly links: ReadonlyMap<Principal['kind'] | 'nobody', number>;
  readonly subscriptions: number;
  readonly sessions: KeptSessions['figures'];
  readonly retained: Retaining['figures'];
  readonly drops: Drops['counts'];
}

/** Aedes with the hub's own router and permissions, between links on one side and the fleet on the other. */
export class MqttBroker {
  readonly #options: MqttOptions;
  readonly #router = new Router();
  readonly #turns = new Turns();
  readonly #retained: Retaining;
  readonly #connections = new Connections();
  readonly #kept: KeptSessions;
  readonly #check: NodeJS.Timeout;
  #aedes!: Aedes;
  #fleet!: Fleet;
  #connecting!: Connecting;
  #publishing!: Publishing;
  #subscribing!: Subscribing;

  private constructor(options: MqttOptions) {
    this.#options = options;
    const { sessionLimits: limits, store, log, now } = options;
    this.#retained = new Retaining(limits, log);
    this.#kept = new KeptSessions({ limits, router: this.#router, turns: this.#turns, store, log, now });
    this.#check = setInterval(() => this.#lookAround(), CHECK).unref();
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
    const { sessionLimits } = this.#options;
    const shared = { ...this.#options, ...sessionLimits, connections: this.#connections, fleet };
    const connecting = new Connecting({
      ...shared,
      kept: this.#kept,
      cleanSession: () =>
        new Session({
          router: this.#router,
          turns: this.#turns,
          bounds: queueBounds(sessionLimits, sessionLimits.outboundBytes),
        }),
    });
    this.#connecting = connecting;
    this.#publishing = new Publishing({
      ...shared,
      deliver: (message, owner) => this.#deliver(message, owner),
      stored: () => this.#kept.stored(),
      drops: this.#router.drops,
      whois: (credentials) => connecting.whois(credentials),
    });
    this.#subscribing = new Subscribing({
      ...shared,
      router: this.#router,
      retained: this.#retained,
      snapshot,
    });
  }

  /**
   * Takes up the sessions that are kept, before the first link. What is put back of devices before is no news to them.
   * @throws StoreError where the store cannot be read
   */
  load(): Promise<void> {
    return this.#kept.load();
  }

  /** What is wrong with what the store keeps of sessions, as a sentence, or undefined. */
  get trouble(): string | undefined {
    return this.#kept.failing ? 'Messages for services that are away cannot be stored just now.' : undefined;
  }

  /** Reads MQTT from a link until it ends. */
  accept(link: Link): void {
    const client = this.#aedes.handle(link.stream, link.request);
    const connection = this.#connections.open(client, link);
    // Before Aedes' own listener, which destroys the stream.
    client.prependListener('error', (error: Error) => this.#clientFailed(connection, error));
    // The stream ends before the link does, which waits for its peer.
    client.conn.once('close', () => connection.session?.leave(connection));
    link.read((packet, type) => this.#take(connection, packet, type));
    link.whenHeld((hold) => this.#held(connection, hold));
    const { connectTimeout } = this.#options;
    const deadline = setTimeout(() => {
      if (!connection.principal)
        link.end('connect-timeout', `no CONNECT was accepted within ${connectTimeout / 1_000} s`);
    }, connectTimeout);
    link.onceClosed((reason, _code, cause) => {
      clearTimeout(deadline);
      this.#linkClosed(connection, reason, cause);
    });
  }

  /** Sends to a device at QoS 1; `desired` is retained for a device that is away. */
  toDevice(device: string, channel: DownChannel, payload: Uint8Array): void {
    const topic = downTopic(this.#options.tenant, device, channel);
    this.#deliver(new Message({ topic, payload, qos: 1, retain: channel === 'desired' }));
  }

  /** Puts back what was retained of a device, as it was. */
  retain(device: string, channel: UpChannel, payload: Uint8Array): void {
    const topic = upTopic(this.#options.tenant, device, channel);
    this.#deliver(new Message({ topic, payload, qos: 1, retain: true }));
  }

  toConsoles(channel: FeedChannel, payload: Uint8Array): void {
    const topic = feedTopic(this.#options.tenant, channel);
    this.#deliver(new Message({ topic, payload, qos: 0, retain: false }));
  }

  /** Ends all links of a device, and lets go of what was retained for it. */
  dropDevice(device: string, reason: string): void {
    const { tenant } = this.#options;
    const retained = [...RETAINED].map((channel) => upTopic(tenant, device, channel));
    for (const topic of [...retained, downTopic(tenant, device, 'desired')]) {
      this.#deliver(new Message({ topic, payload: Buffer.alloc(0), qos: 0, retain: true }));
    }
    for (const connection of this.#connections.ofWhom({ kind: 'device', id: device })) {
      connection.voice = 'none';
      connection.link.end('access-ended', reason);
    }
  }

  /** Everybody who is there, or whoever of them is meant, once for each link. */
  present(whom?: Pick<Principal, 'kind' | 'id'>): Principal[] {
    const connections = whom ? this.#connections.ofWhom(whom) : this.#connections.all();
    return [...connections].map(({ principal }) => principal).filter((principal) => principal !== undefined);
  }

  /** Ends the links of those for whom there is a reason, and tells it to them. */
  dismiss(reasonFor: (principal: Principal) => string | undefined): void {
    for (const connection of this.#connections.all()) {
      const { principal } = connection;
      const reason = principal && reasonFor(principal);
      if (principal === undefined || reason === undefined) continue;
      this.#options.log.info(`ended the link of ${principalName(principal)}: ${reason}`);
      sendAway(connection, reason);
    }
  }

  /** The services that have stored sessions, or anything retained. */
  sessionOwners(): ReadonlySet<Owner> {
    return new Set([...this.#kept.owners(), ...this.#retained.owners()]);
  }

  /**
   * Holds stored sessions to what services may do now. Those of a service that is not among them end, and what it has
   * retained goes.
   * @param owners who had any of it when the services were looked up
   */
  holdSessions(owners: ReadonlySet<Owner>, services: readonly Service[]): void {
    const known = new Map(services.map((service) => [ownerOf(service).name, service]));
    const serviceOf = ({ name, createdAt }: Owner): Service | undefined => {
      const service = known.get(name);
      return service?.createdAt === createdAt ? service : undefined;
    };
    this.#kept.hold(owners, (owner) => {
      const service = serviceOf(owner);
      return service && rightsOf(service);
    });
    this.#retained.hold(owners, (owner) => serviceOf(owner) !== undefined);
  }

  /** To how many clients a message may go at the most: to those that read, to those that are kept, and to a device. */
  get reach(): number {
    return this.#connections.readers + this.#kept.size + 1;
  }

  /** What there is, and what was dropped. */
  get figures(): MqttFigures {
    return {
      links: this.#connections.kinds(),
      subscriptions: this.#router.size,
      sessions: this.#kept.figures,
      retained: this.#retained.figures,
      drops: this.#router.drops.counts,
    };
  }

  /** The hub's clock was set by so many ms: access lasts as long as before, and so do sessions. */
  clockJumped(by: number): void {
    this.#kept.clockJumped(by);
    for (const connection of this.#connections.all()) {
      if (connection.expiresAt !== undefined) connection.expiresAt += by;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#check);
    await new Promise<void>((done) => this.#aedes.close(done));
    await this.#kept.close();
  }

  async #createAedes(): Promise<Aedes> {
    const { log } = this.#options;
    const aedes = await Aedes.createBroker({
      id: randomUUID(),
      // In Aedes' own types it has listeners of another make.
      mq: new NoQueue() as never,
      persistence: new Persistence({
        isPresent: (id) => this.#kept.find(id)?.known ?? false,
        startsAnew: (client) => this.#startAnew(client),
        acknowledged: (client) => this.#begin(client),
        released: (client, id) => this.#released(client, id),
      }),
      concurrency: 0,
      drainTimeout: 0,
      // The hub's own deadline also covers what comes after the CONNECT, and gives its reason.
      connectTimeout: this.#options.connectTimeout * 2,
      preConnect: (client, packet, done) =>
        void this.#connecting.identify(client, packet).then(
          (ok) => done(null, ok),
          this.#failed(client, (error) => done(error, false)),
        ),
      authenticate: (client, _username, _password, done) => {
        try {
          this.#connecting.answer(client, done);
        } catch (error) {
          this.#failed(client, () => done(null, false))(error);
        }
      },
      authorizePublish: (client, packet, done) => {
        try {
          const verdict = this.#publishing.take(client, packet);
          if (verdict instanceof Promise) void verdict.then(done, this.#failed(client, done));
          else done(verdict);
        } catch (error) {
          this.#failed(client, done)(error);
        }
      },
      // The hub itself takes what clients subscribe to. Aedes asks for the mark of a session that is present.
      authorizeSubscribe: (_client, _subscription, done) => done(null, null),
    });
    // Emitted, but not in Aedes' own types.
    (aedes as NodeJS.EventEmitter).on('error', (error) =>
      log.error('the MQTT broker reported an error', error),
    );
    return aedes;
  }

  /** Whatever is thrown while something of a client is looked at ends the link of this client, and nothing else. */
  #failed(client: Client | null, done: (error: Error) => void): (error: unknown) => void {
    return (error) => {
      const reason = 'the hub could not take what it sent';
      this.#options.log.error('a packet could not be taken', error);
      if (client) this.#connections.of(client)?.link.explain('failure', reason);
      done(new Error(reason));
    };
  }

  /** What a client is to receive is the hub's own, what it sends is for Aedes. */
  #take(connection: Connection, packet: Buffer, type: number): Way {
    switch (type) {
      case PACKET.CONNECT:
        return 'on, and wait';
      case PACKET.SUBSCRIBE:
        this.#subscribing.subscribe(connection, packet);
        return 'taken';
      case PACKET.UNSUBSCRIBE:
        this.#subscribing.unsubscribe(connection, packet);
        return 'taken';
      case PACKET.PUBACK:
        connection.session?.answered(connection, 'puback', packetId(packet));
        return 'taken';
      case PACKET.PUBREC:
        connection.session?.answered(connection, 'pubrec', packetId(packet));
        return 'taken';
      case PACKET.PUBCOMP:
        connection.session?.answered(connection, 'pubcomp', packetId(packet));
        return 'taken';
      default:
        return 'on';
    }
  }

  /** The session that is kept of a client ends. Its CONNACK says so, and waits until a crash cannot take that back. */
  #startAnew(client: Client): PromiseLike<unknown> {
    if (!this.#kept.find(client.id)) return atOnce(undefined);
    this.#kept.discard(client.id);
    return this.#assured(client, this.#kept.stored());
  }

  /** A client that has its PUBCOMP may use the identifier for another message. */
  #released(client: Client, id: number): PromiseLike<unknown> {
    const session = this.#connections.of(client)?.session;
    session?.received.release(id);
    const stored = session?.stored();
    return stored ? this.#assured(client, stored) : atOnce(undefined);
  }

  #assured(client: Client, stored: Promise<void>): Promise<void> {
    return this.#connections.of(client)?.assured(stored) ?? stored;
  }

  /** The CONNACK is written: now comes what waits for its client, and what waits behind its CONNECT is read. */
  #begin(client: Client): void {
    const connection = this.#connections.of(client);
    const { session, link } = connection ?? {};
    // One that was taken over before it was there.
    if (!connection || !session || !link || client.closed) return;
    if (session.ended) {
      // It has just ended, and its client was told that it is there.
      link.end('access-ended', 'its session has ended');
      return;
    }
    session.resume(connection);
    link.proceed();
  }

  #deliver(message: Message, owner?: Owner): void {
    if (message.retain) this.#retained.store(message, owner);
    this.#router.publish(message);
  }

  #linkClosed(connection: Connection, reason: string, cause: EndCause | undefined): void {
    this.#connections.close(connection);
    const { principal, link } = connection;
    if (cause === 'connect-refused' && !connection.identity) {
      this.#options.log.warnLimited(
        `denied:${networkOf(link.remoteAddress)}`,
        `refused a CONNECT from ${link.remoteAddress}: ${reason}`,
      );
    }
    if (cause && FAULTS.has(cause)) {
      this.#options.log.warnLimited(
        `client:${cause}:${networkOf(link.remoteAddress)}`,
        `ended the link of ${principal ? principalName(principal) : link.remoteAddress}: ${reason}`,
      );
    }
    if (!principal) return;
    this.#options.log.debug(`${principalName(principal)} disconnected: ${reason}`);
    if (principal.kind !== 'device' || this.#connections.ofWhom(principal).size > 0) return;
    this.#fleet.disconnected(principal.id, this.#options.now());
  }

  #held({ principal, link }: Connection, { rate }: Hold): void {
    const who = principal ? principalName(principal) : link.remoteAddress;
    this.#options.log.warnLimited(
      `held:${networkOf(link.remoteAddress)}`,
      `${who} sends more than "${rate}" of the settings allows, and is read no faster than that`,
    );
  }

  #clientFailed({ closed, link }: Connection, error: Error): void {
    if (!closed) link.explain('protocol-violation', error.message);
  }

  #lookAround(): void {
    this.#kept.expire();
    const [now, elapsed] = [this.#options.now(), this.#options.elapsed()];
    for (const connection of this.#connections.all()) {
      const { expiresAt, link } = connection;
      if (expiresAt !== undefined && expiresAt <= now) sendAway(connection, 'its access has run out');
      if (connection.isSilent(elapsed)) link.end('keep-alive', 'nothing came for one and a half keep alives');
    }
  }
}

/** Ends a link whose client has no say any more, but that a device's will tells of its end. */
function sendAway(connection: Connection, reason: string): void {
  connection.voice = connection.principal?.kind === 'device' ? 'will' : 'none';
  connection.link.end('access-ended', reason);
}
