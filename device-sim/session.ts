import type { SecureContext } from 'node:tls';
import { downFilter, parseTopic, upTopic, type UpChannel } from '#firmware-protocol';
import { backoff, LASTING_MS } from './backoff.ts';
import type { Deed } from './deed.ts';
import type { Device, Effect } from './device.ts';
import { explain, type LinkProblem } from './link-problem.ts';
import { Link, type LinkError, type Outgoing } from './link.ts';
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
  /** Longest wait between attempts to connect, in ms. */
  readonly longestWaitMs: number;
  /** The clock of all devices, in ms. */
  readonly now: () => number;
  /** Asks for `session.wake` at that time. */
  wakeAt(at: number, session: Session): void;
  online(): void;
  /** A device did something, and is about to say so. */
  did(device: string, deed: Deed): void;
  problem(problem: LinkProblem): void;
}

/** Bytes not yet taken by the network above which readings are dropped rather than kept in memory. */
const BACKLOG_BYTES = 65_536;

type Presence = 'offline' | 'online' | 'refused';

const isAnswer = (effect: Effect): boolean => effect.do === 'publish' && effect.channel === 'ack';

/** The links of one device, one after another: carries out what the device decides, and keeps trying while it runs. */
export class Session {
  readonly id: string;
  readonly #secret: string;
  readonly #device: Device;
  /** Jitter has a stream of its own, so that trouble with the link does not change how the device behaves. */
  readonly #jitter: Rng;
  readonly #host: SessionHost;
  #link: Link | undefined;
  #presence: Presence = 'offline';
  #connectedAt: number | undefined;
  #connectedBefore = false;
  #failures = 0;
  /** How long the hub has just asked to stay away, in ms. */
  #asked = 0;
  #tlsSession: Buffer | undefined;
  #retryAt = Infinity;
  #wakeAt = Infinity;
  /** Answers that may not have arrived: a hub that went down with them has to hear them again. */
  #unheard: readonly Outgoing[] = [];
  #ended: (() => void) | undefined;

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
    const { hub } = this.#host;
    this.#retryAt = Infinity;
    this.#link = new Link(
      {
        url: hub.url,
        trust: hub.trust,
        session: this.#tlsSession,
        clientId: this.id,
        username: `${hub.tenant}/${this.id}`,
        password: this.#secret,
        will: { topic: this.#topic('status'), payload: this.#device.connecting(), qos: 1, retain: true },
        now: this.#host.now,
      },
      {
        up: () => this.#connected(),
        message: (topic, payload) => this.#received(topic, payload),
        resumable: (session) => (this.#tlsSession = session),
        failed: (error) => this.#failed(error),
        ended: (unacknowledged) => this.#closed(unacknowledged),
      },
    );
    this.#schedule();
  }

  /** To be called when the time given to `wakeAt` has come. */
  wake(now: number): void {
    if (now < this.#wakeAt) return;
    this.#wakeAt = Infinity;
    if (now >= this.#retryAt) this.open();
    this.#link?.tick(now);
    this.#carryOut(this.#device.advance(now));
  }

  /** Says good-bye and disconnects; after `graceMs` the link is cut, whatever the hub does. */
  async close(graceMs: number): Promise<void> {
    if (this.#ended !== undefined) return;
    this.#carryOut(this.#device.leaving(this.#host.now()));
    this.#retryAt = Infinity;
    const ended = Promise.withResolvers<void>();
    this.#ended = ended.resolve;
    const link = this.#link;
    if (link === undefined) return;
    const overdue = setTimeout(() => link.cut(), graceMs);
    link.end();
    await ended.promise;
    clearTimeout(overdue);
  }

  get #closing(): boolean {
    return this.#ended !== undefined;
  }

  #topic(channel: UpChannel): string {
    return upTopic(this.#host.hub.tenant, this.id, channel);
  }

  #connected(): void {
    const { hub, tally } = this.#host;
    if (this.#closing) return;
    if (this.#connectedBefore) tally.reconnects += 1;
    this.#connectedBefore = true;
    this.#presence = 'online';
    this.#connectedAt = this.#host.now();
    this.#link?.subscribe(downFilter(hub.tenant, this.id));
    const effects = this.#device.connected(this.#connectedAt);
    this.#carryOut(effects.filter((effect) => !isAnswer(effect)));
    // A later word on the same command may be among those that are new.
    for (const answer of this.#unheard) this.#link?.publish(answer);
    this.#unheard = [];
    this.#carryOut(effects.filter(isAnswer));
    this.#host.online();
  }

  #received(topic: string, payload: Uint8Array): void {
    const parsed = parseTopic(topic);
    if (this.#closing || parsed?.direction !== 'dn' || parsed.device !== this.id) return;
    this.#carryOut(this.#device.received(parsed.channel, payload, this.#host.now()));
  }

  #failed(error: LinkError): void {
    if (this.#closing) return;
    this.#asked = error.retryAfterMs ?? 0;
    const problem = explain(error, { url: this.#host.hub.url, device: this.id });
    if (problem.kind === 'refused') this.#presence = 'refused';
    this.#host.problem(problem);
  }

  #closed(unacknowledged: readonly Outgoing[]): void {
    const now = this.#host.now();
    this.#link = undefined;
    if (this.#presence === 'online') this.#presence = 'offline';
    this.#unheard = [...this.#unheard, ...unacknowledged.filter(({ topic }) => topic === this.#topic('ack'))];
    if (this.#connectedAt !== undefined && now - this.#connectedAt >= LASTING_MS) this.#failures = 0;
    this.#connectedAt = undefined;
    this.#device.disconnected();
    if (this.#ended !== undefined) {
      this.#ended();
      return;
    }
    // A hub that says when to come again is well.
    const failures = this.#asked > 0 ? 0 : this.#failures++;
    this.#retryAt = now + this.#asked + backoff(failures, this.#jitter.next(), this.#host.longestWaitMs);
    this.#asked = 0;
    this.#schedule();
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) this.#do(effect);
    this.#schedule();
  }

  #do(effect: Effect): void {
    const { tally } = this.#host;
    switch (effect.do) {
      case 'count':
        tally[effect.what] += 1;
        break;
      case 'record':
        this.#host.did(this.id, effect.deed);
        break;
      case 'publish': {
        const { channel, payload, qos, retain } = effect;
        if (this.#link === undefined || (qos === 0 && this.#link.backlog > BACKLOG_BYTES)) return;
        this.#link.publish({ topic: this.#topic(channel), payload, qos, retain });
        tally.sent += 1;
        break;
      }
    }
  }

  #schedule(): void {
    const at = Math.min(this.#device.wakeAt, this.#link?.dueAt ?? this.#retryAt);
    if (at >= this.#wakeAt) return;
    this.#wakeAt = at;
    this.#host.wakeAt(at, this);
  }
}
