import { randomUUID } from 'node:crypto';
import {
  Aedes,
  type AedesPublishPacket,
  type AuthenticateError,
  type Client,
  type ConnectPacket,
  type PublishPacket,
  type Subscription,
} from 'aedes';
import {
  desc,
  downTopic,
  upTopic,
  FEED_CHANNELS,
  feedTopic,
  ProtocolError,
  type DownChannel,
  type FeedChannel,
  type UpChannel,
} from '#firmware-protocol';
import type { Authenticate, Credentials, Denied } from '../auth/authenticate.ts';
import { principalName, usernameOf, type DevicePrincipal, type Principal } from '../auth/principal.ts';
import type { DeviceLink } from '../fleet/devices/double-use.ts';
import type { Fleet } from '../fleet/fleet.ts';
import { CLOSE } from '../links/mqtt-socket.ts';
import type { Link } from '../links/link.ts';
import type { Log } from '../log/log.ts';
import { mayReceive, maySubscribe, publication, type Publication } from '../permission/topics.ts';
import { birthOf } from './birth.ts';
import { clientId } from './client-id.ts';
import { RetainedMessages, retainIn } from './retained.ts';
import { Router } from './router.ts';
import { Sessions, type MqttSession } from './sessions.ts';

/** MQTT 3.1.1 §3.2.2.3: bad user name or password. */
const BAD_CREDENTIALS = 4;
/** MQTT 3.1.1 is protocol level 4 [3.1.2.2]. */
const PROTOCOL_LEVEL = 4;
/** Channels of a device that the broker retains; a retain flag on any other is ignored. */
const RETAINED: ReadonlySet<UpChannel> = new Set(['status', 'desc', 'state']);
/** Where a packet goes that was acknowledged but must have no effect. Nobody may subscribe to it. */
const DISCARDED = '$SYS/discarded';
/** What a device is told whose session another one has taken over. */
const TAKEN_OVER = 'another connection with the same credentials took over';
/** Characters of a user name that the log shows; JSON escapes those that could steer a terminal. */
const SHOWN = 64;
/** How often access is checked for having run out, in ms. */
const EXPIRY_CHECK = 500;

export interface MqttOptions {
  readonly tenant: string;
  readonly authenticate: Authenticate;
  readonly access: AccessChanges;
  readonly log: Log;
  /** Time from the handshake to an accepted CONNECT, in ms. */
  readonly connectTimeout: number;
  /** The hub's time, Unix ms. */
  readonly now: () => number;
}

/**
 * What changes of who may be here. Somebody may be let in by what was true a moment ago: where `count` has changed
 * since their credentials were looked at, they are looked at again.
 */
export interface AccessChanges {
  readonly count: number;
  /** @param asOf the count when their credentials were looked at */
  lookAgain(who: Principal, asOf: number): void;
}

/** Payloads that tell one console all there is to know, in order. */
export type Snapshot = (channel: FeedChannel, now: number) => readonly Uint8Array[];

/** Aedes with the hub's own router and permissions, between links on one side and the fleet on the other. */
export class MqttBroker {
  readonly #options: MqttOptions;
  readonly #router = new Router();
  readonly #sessions = new Sessions();
  readonly #expiryCheck: NodeJS.Timeout;
  #aedes!: Aedes;
  #fleet!: Fleet;
  #snapshot!: Snapshot;

  private constructor(options: MqttOptions) {
    this.#options = options;
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
    this.#snapshot = snapshot;
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
        link.end(CLOSE.policy, `no CONNECT was accepted within ${connectTimeout / 1_000} s`);
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
    for (const { link } of this.#sessions.ofWhom({ kind: 'device', id: device }))
      link.end(CLOSE.policy, reason);
  }

  /** Lets the links of a person's sign-in session live until then, in Unix ms. */
  extend(person: string, sid: string, expiresAt: number): void {
    for (const session of this.#sessions.ofWhom({ kind: 'person', id: person })) {
      if (session.principal?.kind === 'person' && session.principal.sid === sid)
        session.expiresAt = expiresAt;
    }
  }

  /** Everybody who is there, or whoever of them is meant, once for each link. */
  present(whom?: Pick<Principal, 'kind' | 'id'>): Principal[] {
    const sessions = whom ? this.#sessions.ofWhom(whom) : this.#sessions.all();
    return [...sessions].map(({ principal }) => principal).filter((principal) => principal !== undefined);
  }

  /** Ends the links of those for whom there is a reason, and tells it to them. */
  dismiss(reasonFor: (principal: Principal) => string | undefined): void {
    for (const { link, principal } of this.#sessions.all()) {
      const reason = principal && reasonFor(principal);
      if (principal === undefined || reason === undefined) continue;
      this.#options.log.info(`ended the link of ${principalName(principal)}: ${reason}`);
      link.end(CLOSE.policy, reason);
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
        void this.#preConnect(client, packet).then((ok) => done(null, ok)),
      authenticate: (client, _username, _password, done) => this.#answerConnect(client, done),
      authorizePublish: (client, packet, done) => {
        const verdict = this.#authorizePublish(client, packet);
        if (verdict instanceof Promise) void verdict.then(done);
        else done(verdict);
      },
      authorizeSubscribe: (client, subscription, done) =>
        done(null, this.#authorizeSubscribe(client, subscription)),
      authorizeForward: (client, packet) => (this.#mayForward(client, packet) ? packet : null),
    });
    // Not in Aedes' own types.
    retainIn(new RetainedMessages(), (aedes as unknown as { persistence: object }).persistence);
    // Emitted, but not in Aedes' own types.
    (aedes as NodeJS.EventEmitter).on('error', (error) =>
      log.error('the MQTT broker reported an error', error),
    );
    aedes.on('subscribe', (subscriptions, client) => this.#subscribed(subscriptions, client));
    return aedes;
  }

  /** Finds out who connects, before Aedes gives the client its id. */
  async #preConnect(client: Client, packet: ConnectPacket): Promise<boolean> {
    const session = this.#sessions.of(client);
    if (!session) return false;
    this.#router.watch(client);
    const { username } = packet;
    const password = packet.password?.toString();
    session.asOf = this.#options.access.count;
    session.identity = await this.#identify({ username, password }, packet);
    if (session.identity.kind === 'denied') this.#refuseConnect(session, session.identity, packet);
    // Stored sessions and their queues would outlive a refused filter and replay old commands.
    packet.clean = true;
    if (session.identity.kind === 'device') {
      const birth = birthOf(session.identity, packet.will);
      session.deviceLink = { address: session.link.remoteAddress, birth };
    }
    packet.clientId = clientId(session.identity, packet.clientId);
    return true;
  }

  async #identify(
    credentials: Credentials,
    { protocolVersion = PROTOCOL_LEVEL }: Pick<ConnectPacket, 'protocolVersion'>,
  ): Promise<Principal | Denied> {
    // Aedes itself answers with return code 1, and asks nobody.
    if (protocolVersion > PROTOCOL_LEVEL)
      return { kind: 'denied', cause: 'it speaks MQTT 5: set its protocol version to MQTT 3.1.1' };
    try {
      return await this.#options.authenticate(credentials, this.#options.now());
    } catch (error) {
      this.#options.log.error('a sign-in could not be checked', error);
      return { kind: 'denied', cause: 'the hub could not check it' };
    }
  }

  #answerConnect(client: Client, done: (error: AuthenticateError | null, success: boolean) => void): void {
    const session = this.#sessions.of(client);
    const identity = session?.identity;
    if (!session || session.closed || !identity) {
      done(null, false);
      return;
    }
    if (identity.kind !== 'denied') {
      this.#admit(session, identity);
      done(null, true);
      return;
    }
    done(Object.assign(new Error('bad user name or password'), { returnCode: BAD_CREDENTIALS }), false);
  }

  #refuseConnect(
    { link }: MqttSession,
    { cause }: Denied,
    { protocolVersion, username }: ConnectPacket,
  ): void {
    this.#options.log.warnLimited(
      `denied:${link.remoteAddress}`,
      `refused a CONNECT from ${link.remoteAddress} as ${JSON.stringify(username?.slice(0, SHOWN) ?? '')}: ${cause}`,
    );
    const spoken = protocolVersion !== undefined && protocolVersion > PROTOCOL_LEVEL;
    link.explain(CLOSE.policy, spoken ? 'connect with MQTT 3.1.1' : 'bad user name or password');
  }

  /** Before the CONNACK, so that whatever the client sends after it finds its session. */
  #admit(session: MqttSession, principal: Principal): void {
    const { access } = this.#options;
    if (principal.kind === 'device') {
      if (session.deviceLink) this.#takeOver(principal, session.deviceLink);
      session.link.framePackets();
    }
    this.#sessions.admit(session, principal);
    if (access.count !== session.asOf) access.lookAgain(principal, session.asOf);
    this.#options.log.debug(`${principalName(principal)} connected from ${session.link.remoteAddress}`);
    if (principal.kind !== 'device') return;
    this.#fleet.connected(principal.id, this.#options.now(), session.deviceLink);
  }

  /** Aedes ends the session that a device has already; here its peer and the log are told why. */
  #takeOver(device: DevicePrincipal, by: DeviceLink): void {
    for (const session of this.#sessions.ofWhom(device)) {
      const { link, deviceLink: old, replaced } = session;
      if (!old || replaced) continue;
      session.replaced = true;
      link.explain(CLOSE.policy, TAKEN_OVER);
      link.onceClosed((reason, answer) => {
        // Whoever is still there answers a close with its code (RFC 6455 §5.5.1).
        if (reason !== TAKEN_OVER || answer !== CLOSE.policy) return;
        this.#fleet.outlived(device.id, old, by, this.#options.now());
      });
      this.#options.log.warnLimited(
        `takeover:${device.id}`,
        `${device.id} connected again from ${by.address}, and the connection it had from ${old.address} ends; ` +
          'if this goes on, two programs use one secret',
      );
    }
  }

  #linkClosed(session: MqttSession, reason: string): void {
    this.#sessions.close(session);
    const { principal } = session;
    if (!principal) return;
    this.#options.log.debug(`${principalName(principal)} disconnected: ${reason}`);
    if (principal.kind !== 'device' || this.#sessions.ofWhom(principal).size > 0) return;
    this.#fleet.disconnected(principal.id, this.#options.now());
  }

  #authorizePublish(client: Client | null, packet: PublishPacket): Error | null | Promise<Error | null> {
    const session = client ? this.#sessions.of(client) : undefined;
    const principal = session?.principal;
    if (!session || !principal) return new Error('nobody in particular may publish');
    const published = publication(principal, packet.topic);
    if (!published) {
      return this.#violation(session, `${principalName(principal)} may not publish to ${packet.topic}`);
    }
    if (published.kind === 'renewal') return this.#renew(session, principal, packet);
    packet.retain = packet.retain && mayRetain(published);
    try {
      const pretence = pretenceOf(principal, published, packet.payload as Buffer);
      if (pretence !== undefined) return this.#violation(session, pretence);
      if (!this.#take(published, packet.payload as Buffer, session, principal)) discard(packet);
    } catch (error) {
      if (error instanceof ProtocolError) this.#refuse(packet, principal, error);
      else {
        this.#options.log.error(`a message on ${packet.topic} could not be taken`, error);
        return new Error('the hub could not take a message');
      }
    }
    return null;
  }

  /**
   * Takes a token in place of the one that the link was made with, so that the link outlives it. The link ends where
   * it is not good: its client would go on without access.
   */
  async #renew(session: MqttSession, principal: Principal, packet: PublishPacket): Promise<Error | null> {
    const password = packet.payload.toString();
    discard(packet);
    session.asOf = this.#options.access.count;
    const renewed = await this.#identify({ username: usernameOf(principal), password }, {});
    if (session.closed) return null;
    if (renewed.kind === 'denied') {
      return this.#violation(session, `a token of ${principalName(principal)} was refused: ${renewed.cause}`);
    }
    this.#sessions.admit(session, renewed);
    const { access } = this.#options;
    if (access.count !== session.asOf) access.lookAgain(renewed, session.asOf);
    return null;
  }

  /** Hands a payload to the fleet. Returns whether anybody else may have it. */
  #take(published: Publication, payload: Buffer, { link }: MqttSession, principal: Principal): boolean {
    const now = this.#options.now();
    if (published.kind !== 'report' && published.kind !== 'request') return true;
    const { topic } = published;
    if (topic.direction === 'up') return this.#fleet.received(topic.device, topic.channel, payload, now);
    if (topic.direction === 'rq') {
      const by = { who: principalName(principal), address: link.remoteAddress };
      this.#fleet.requested(topic.device, topic.channel, payload, by, now);
    }
    return true;
  }

  #refuse(packet: PublishPacket, principal: Principal, error: ProtocolError): void {
    const { code, message, offset, clause } = error;
    const where = offset === undefined ? '' : ` at byte ${offset}`;
    const rule = clause === undefined ? '' : `; see clause ${clause} of firmware-protocol/SPEC.md`;
    this.#options.log.warnLimited(
      `payload:${principal.id}:${packet.topic}:${code}:${clause}`,
      `dropped a payload of ${packet.payload.length} bytes from ${principalName(principal)} on ${packet.topic}: ` +
        `${message} (${code}${where})${rule}`,
    );
    discard(packet);
  }

  #authorizeSubscribe(client: Client, subscription: Subscription): Subscription | null {
    const session = this.#sessions.of(client);
    const principal = session?.principal ?? null;
    if (principal && maySubscribe(principal, subscription.topic)) return subscription;
    const who = principal ? principalName(principal) : 'nobody in particular';
    this.#options.log.warnLimited(`subscribe:${who}`, `${who} may not subscribe to ${subscription.topic}`);
    return null;
  }

  #mayForward(client: Client, packet: AedesPublishPacket): boolean {
    const session = this.#sessions.of(client);
    if (!session?.principal || !mayReceive(session.principal, packet.topic)) return false;
    return packet.qos > 0 || session.owed || !session.link.congested;
  }

  #subscribed(subscriptions: Subscription[], client: Client): void {
    const session = this.#sessions.of(client);
    const principal = session?.principal;
    if (!session || !principal) return;
    const granted = subscriptions.filter(({ topic }) => maySubscribe(principal, topic));
    const now = this.#options.now();
    if (principal.kind === 'device') {
      if (granted.length > 0) this.#fleet.listening(principal.id, now);
      return;
    }
    for (const channel of FEED_CHANNELS) {
      const topic = feedTopic(principal.tenant, channel);
      if (!granted.some((subscription) => subscription.topic === topic)) continue;
      session.owed = true;
      for (const payload of this.#snapshot(channel, now)) {
        const packet = { topic, payload: Buffer.from(payload), qos: 0, dup: false, retain: false } as const;
        // A link that failed meanwhile has said so already.
        client.publish({ cmd: 'publish', ...packet }, () => undefined);
      }
      session.owed = false;
    }
  }

  /** What MQTT itself does not allow, or what this client may not do, ends its link with the reason. */
  #violation(session: MqttSession, reason: string): Error {
    this.#options.log.warnLimited(`violation:${session.link.remoteAddress}`, `${reason}; its link was ended`);
    session.link.explain(CLOSE.policy, reason);
    return new Error(reason);
  }

  #clientFailed({ closed, link, principal }: MqttSession, error: Error): void {
    if (closed) return;
    const who = principal ? principalName(principal) : link.remoteAddress;
    this.#options.log.warnLimited(
      `client:${link.remoteAddress}`,
      `ended the link of ${who}: ${error.message}`,
    );
    link.explain(CLOSE.protocolError, error.message);
  }

  #publish(packet: Pick<PublishPacket, 'topic' | 'payload' | 'qos' | 'retain'>): void {
    this.#aedes.publish({ cmd: 'publish', dup: false, ...packet }, (error) => {
      if (error) this.#options.log.error(`could not publish to ${packet.topic}`, error);
    });
  }

  #endExpired(): void {
    const now = this.#options.now();
    for (const { link, expiresAt } of this.#sessions.all()) {
      if (expiresAt !== undefined && expiresAt <= now) link.end(CLOSE.policy, 'its access has run out');
    }
  }
}

/** That a device is of another model than the claim was for with which it registered itself, as a sentence. */
function pretenceOf(principal: Principal, published: Publication, payload: Uint8Array): string | undefined {
  if (principal.kind !== 'device' || principal.model === undefined) return undefined;
  if (published.kind !== 'report' || published.topic.channel !== 'desc') return undefined;
  const { model } = desc.decode(payload);
  if (model === principal.model) return undefined;
  return `${principal.id} describes itself as ${JSON.stringify(model)}, and was registered as ${JSON.stringify(principal.model)}`;
}

/** What may be retained: what tells of a device as it is, and what is none of the hub's business. */
const mayRetain = (published: Publication): boolean =>
  published.kind === 'free' ||
  (published.kind === 'report' &&
    published.topic.direction === 'up' &&
    RETAINED.has(published.topic.channel));

/** A packet that cannot be used is acknowledged all the same [MQTT-3.3.5-2], and then has no effect. */
function discard(packet: PublishPacket): void {
  packet.topic = DISCARDED;
  packet.payload = Buffer.alloc(0);
  packet.retain = false;
}
