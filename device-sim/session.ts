import type { SecureContext } from 'node:tls';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { downFilter, parseTopic, upTopic } from '#firmware-protocol';
import { backoff, LASTING_MS } from './backoff.ts';
import type { Device, Effect } from './device.ts';
import { explain, type LinkProblem } from './link-problem.ts';
import type { Rng } from './rng.ts';
import type { Tally } from './summary.ts';

/** Where the hub is and whom to believe that it is the hub. */
export interface Hub {
  readonly url: string;
  readonly tenant: string;
  readonly trust: SecureContext;
}

/** What a session needs from whoever runs it. */
export interface SessionHost {
  readonly hub: Hub;
  readonly tally: Tally;
  /** The clock of all devices, in ms. */
  now(): number;
  /** Asks for `session.wake` at that time. */
  wakeAt(at: number, session: Session): void;
  online(): void;
  problem(problem: LinkProblem): void;
}

const KEEPALIVE_SECONDS = 30;
/** Bytes not yet taken by the network above which readings are dropped rather than kept in memory. */
const BACKLOG_BYTES = 65_536;

type Presence = 'offline' | 'online' | 'refused';

/** The MQTT link of one device: carries out what the device decides, and keeps trying while it runs. */
export class Session {
  readonly id: string;
  readonly #secret: string;
  readonly #device: Device;
  /** Jitter has a stream of its own, so that trouble with the link does not change how the device behaves. */
  readonly #jitter: Rng;
  readonly #host: SessionHost;
  #client: MqttClient | undefined;
  #presence: Presence = 'offline';
  #connectedAt: number | undefined;
  #connectedBefore = false;
  #failures = 0;
  #wakeAt = Infinity;
  #closing = false;

  constructor(credentials: { id: string; secret: string }, device: Device, jitter: Rng, host: SessionHost) {
    this.id = credentials.id;
    this.#secret = credentials.secret;
    this.#device = device;
    this.#jitter = jitter;
    this.#host = host;
  }

  get presence(): Presence {
    return this.#presence;
  }

  /** Opens the link, and keeps opening it again until `close`. */
  open(): void {
    const client = connect(this.#host.hub.url, this.#options());
    this.#client = client;
    this.#watchStream(client);
    client.on('reconnect', () => {
      Object.assign(client.options, this.#attempt());
      // MQTT.js makes the new stream right after this event.
      queueMicrotask(() => this.#watchStream(client));
    });
    client.on('connect', () => this.#connected(client));
    client.on('message', (topic, payload) => this.#received(topic, payload));
    client.on('error', (error) => this.#failed(error));
    client.on('close', () => this.#closed());
    this.#schedule();
  }

  /** To be called when the time given to `wakeAt` has come. */
  wake(now: number): void {
    if (now < this.#wakeAt) return;
    this.#wakeAt = Infinity;
    if (this.#connectedAt !== undefined && now - this.#connectedAt >= LASTING_MS) this.#forgiveFailures();
    this.#carryOut(this.#device.advance(now));
  }

  /** Says good-bye and disconnects; after `graceMs` the link is cut, whatever the hub does. */
  async close(graceMs: number): Promise<void> {
    const client = this.#client;
    if (client === undefined || this.#closing) return;
    this.#carryOut(this.#device.leaving(this.#host.now()));
    this.#closing = true;
    const cut = Promise.withResolvers<void>();
    const overdue = setTimeout(() => {
      client.stream.destroy();
      cut.resolve();
    }, graceMs);
    // MQTT.js waits for the hub's acknowledgements first, and so for ever if the hub is silent.
    await Promise.race([client.endAsync(!client.connected), cut.promise]);
    clearTimeout(overdue);
  }

  #options(): IClientOptions {
    const { hub } = this.#host;
    const tls = { secureContext: hub.trust, rejectUnauthorized: true, perMessageDeflate: false };
    return {
      protocolVersion: 4,
      clean: true,
      clientId: this.id,
      username: `${hub.tenant}/${this.id}`,
      password: this.#secret,
      keepalive: KEEPALIVE_SECONDS,
      resubscribe: false,
      reconnectOnConnackError: true,
      wsOptions: tls,
      ...this.#attempt(),
    };
  }

  /** What is different for each attempt to connect: the will, and how long to wait should it come to nothing. */
  #attempt(): Pick<IClientOptions, 'will' | 'reconnectPeriod'> {
    const payload = Buffer.from(this.#device.connecting());
    const topic = upTopic(this.#host.hub.tenant, this.id, 'status');
    return {
      will: { topic, payload, qos: 1, retain: true },
      reconnectPeriod: backoff(this.#failures++, this.#jitter.next()),
    };
  }

  #forgiveFailures(): void {
    if (this.#failures === 0 || this.#client === undefined) return;
    this.#failures = 0;
    this.#client.options.reconnectPeriod = backoff(0, this.#jitter.next());
  }

  /** MQTT.js swallows errors of the stream that have no code, such as an HTTP answer that is no upgrade. */
  #watchStream({ stream }: MqttClient): void {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === undefined) this.#failed(error);
    });
  }

  #connected(client: MqttClient): void {
    const { hub, tally } = this.#host;
    if (this.#closing) return;
    if (this.#connectedBefore) tally.reconnects += 1;
    this.#connectedBefore = true;
    this.#presence = 'online';
    this.#connectedAt = this.#host.now();
    client.subscribe(downFilter(hub.tenant, this.id), { qos: 1 }, (error) => {
      if (error && client.connected) this.#failed(error);
    });
    this.#carryOut(this.#device.connected(this.#connectedAt));
    this.#host.online();
  }

  #received(topic: string, payload: Uint8Array): void {
    const parsed = parseTopic(topic);
    if (this.#closing || parsed?.direction !== 'dn' || parsed.device !== this.id) return;
    this.#carryOut(this.#device.received(parsed.channel, payload, this.#host.now()));
  }

  #failed(error: Error): void {
    if (this.#closing) return;
    const problem = explain(error, { url: this.#host.hub.url, device: this.id });
    if (problem.kind === 'refused') this.#presence = 'refused';
    this.#host.problem(problem);
  }

  #closed(): void {
    if (this.#presence === 'online') this.#presence = 'offline';
    this.#connectedAt = undefined;
    this.#device.disconnected();
  }

  #carryOut(effects: readonly Effect[]): void {
    const { hub, tally } = this.#host;
    for (const effect of effects) {
      if (effect.do === 'count') {
        tally[effect.what] += 1;
      } else if (effect.qos > 0 || (this.#client?.stream.writableLength ?? 0) <= BACKLOG_BYTES) {
        const { channel, payload, qos, retain } = effect;
        const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
        this.#client?.publish(upTopic(hub.tenant, this.id, channel), bytes, { qos, retain });
        tally.sent += 1;
      }
    }
    this.#schedule();
  }

  #schedule(): void {
    const at = this.#device.wakeAt;
    if (at >= this.#wakeAt) return;
    this.#wakeAt = at;
    this.#host.wakeAt(at, this);
  }
}
