import type { IncomingMessage, Server } from 'node:http';
import { performance } from 'node:perf_hooks';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ClientOf, CountedBy } from './client-address.ts';
import { dismiss } from './door/dismiss.ts';
import type { Door } from './door/door.ts';
import { inFaultDomain, type FaultDomain } from './fault-domain.ts';
import { openLink, type Link } from './link.ts';
import { LinkCounts } from './link-counts.ts';
import { MqttSocket, type SocketBounds } from './mqtt-socket.ts';
import type { RefusalCause, Refusals } from './refusals.ts';
import { Room, type RoomLimits } from './room.ts';
import { Allowances } from './rates/allowance.ts';
import type { RateLimits } from './rates/meter.ts';
import { Pace, type Reach } from './rates/pace.ts';
import { Turns } from './rates/turns.ts';
import { refuseUpgrade, SUBPROTOCOL, type Refusal } from './upgrade-guard.ts';

/**
 * How long a link may be silent before it is pinged, and how long it then has to answer, in ms. MQTT's keep alive finds
 * dead peers sooner; this is for those that chose a long one or none. Clients with a keep alive up to a minute are never
 * pinged, which spares those that answer a ping wrongly, such as paho-mqtt 1.6 for Python (its pong has no mask).
 */
const SILENCE = 120_000;
const GOING_AWAY: Refusal = {
  cause: 'shutting-down',
  status: 503,
  reason: 'the hub is shutting down',
  headers: { 'Retry-After': '5' },
};
/** RFC 6455 §4.1: whoever has sent a handshake waits for its answer. */
const TOO_EARLY: Refusal = {
  cause: 'handshake-malformed',
  status: 400,
  reason: 'a handshake is answered before anything may follow it',
};
/** How many answers to pings of one peer may wait to be sent. */
const PONGS = 32;
/** How long links are read in a turn of the event loop, in ms of the processor: for a thousand small messages or more. */
const READING = 25;
/** How often what waits for all links together is looked at, in ms. */
const AUDIT = 1_000;
/** How long a peer may take to answer a close, in ms. */
const CLOSE_TIMEOUT = 1_000;

export interface AdmissionOptions {
  readonly bounds: SocketBounds & RateLimits;
  readonly limits: RoomLimits;
  /** How long a link may be silent, in ms: `SILENCE` unless a test is in a hurry. */
  readonly silence?: number;
  readonly originAllowed: (origin: string) => boolean;
  readonly clientOf: ClientOf;
  readonly countedBy: CountedBy;
  readonly door: Pick<Door, 'linked' | 'waiting' | 'halfOpen'>;
  readonly refusals: Refusals;
  readonly onLink: (link: Link) => void;
  readonly reach: Reach;
  /** Told what was thrown while a link's packet was taken. */
  readonly onFailure: (error: unknown) => void;
}

/** Who asks for a link, and on which connection. */
interface Asked {
  readonly request: IncomingMessage;
  readonly transport: Duplex;
  readonly address: string;
}

/** Connections at one moment. */
export interface Connections {
  readonly links: number;
  /** Whose handshake has begun, or who make requests. */
  readonly halfOpen: number;
  /** Whose handshake has not begun. */
  readonly waiting: number;
}

/** Admits links: guards the upgrade, keeps count of them, and finds dead peers. */
export class Admission {
  /** What went over all links. */
  readonly counts = new LinkCounts();
  readonly #options: AdmissionOptions;
  readonly #room: Room;
  readonly #allowances: Allowances;
  readonly #reading = new Turns(READING);
  readonly #handshakes = new Turns();
  readonly #ends = new Turns();
  readonly #writes = new Turns();
  readonly #server: WebSocketServer;
  readonly #links = new Map<Link, MqttSocket>();
  readonly #heard = new WeakSet<MqttSocket>();
  readonly #pinged = new WeakSet<MqttSocket>();
  readonly #heartbeat: NodeJS.Timeout;
  readonly #audit: NodeJS.Timeout;
  #closing = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#room = new Room(options.limits, Math.random);
    this.#allowances = new Allowances(options.bounds);
    this.#server = new WebSocketServer({
      noServer: true,
      WebSocket: MqttSocket as never,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.bounds.packetBytes * 2,
      maxFragments: 64,
      maxBufferedChunks: 4_096,
      maxPendingAutoPongs: PONGS,
      closeTimeout: CLOSE_TIMEOUT,
      handleProtocols: () => SUBPROTOCOL,
    } as ConstructorParameters<typeof WebSocketServer>[0]);
    this.#heartbeat = setInterval(() => this.#findDeadPeers(), options.silence ?? SILENCE).unref();
    this.#audit = setInterval(() => this.#boundOutbound(), AUDIT).unref();
  }

  get count(): number {
    return this.#links.size;
  }

  get connections(): Connections {
    const { halfOpen, waiting } = this.#options.door;
    return { links: this.count, halfOpen, waiting };
  }

  /** How many connections were turned away before they were links, by cause. */
  get refusals(): ReadonlyMap<RefusalCause, number> {
    return this.#options.refusals.counts;
  }

  /** Bytes that wait to be sent, over all links. */
  get outboundBytes(): number {
    let bytes = 0;
    for (const socket of this.#links.values()) bytes += socket.outboundBytes;
    return bytes;
  }

  /** Serves the upgrades of an HTTP server. */
  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) =>
      inFaultDomain(this.#handshake(socket), () => this.#upgrade(request, socket, head)),
    );
  }

  /** Tells every link that the hub goes away, and waits until all are gone. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#heartbeat);
    clearInterval(this.#audit);
    const gone = [...this.#links.keys()].map(
      (link) => new Promise<void>((done) => link.onceClosed(() => done())),
    );
    for (const link of this.#links.keys()) link.end('shutting-down', 'the hub is shutting down');
    await Promise.all(gone);
  }

  /** What fails of a handshake ends its connection. */
  #handshake(socket: Duplex): FaultDomain {
    return {
      fail: (error) => {
        this.#options.onFailure(error);
        socket.destroy();
      },
    };
  }

  /** Answers handshakes for a part of a turn of the event loop, and the others in the next ones. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A reset during the handshake must not be an unhandled error.
    socket.on('error', () => socket.destroy());
    this.#handshakes.do(() => this.#answer(request, socket, head));
  }

  #answer(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (socket.destroyed) return;
    const { address } = this.#options.clientOf(request);
    const refusal = this.#judge(request, head, address);
    if (refusal) {
      const { cause, status, reason } = refusal;
      const line = `refused a connection from ${address} with ${status}: ${reason}`;
      this.#options.refusals.note(cause, address, line);
      dismiss(socket, refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) =>
      this.#admit(webSocket as never, { request, transport: socket, address }),
    );
  }

  #judge(request: IncomingMessage, head: Buffer, address: string): Refusal | undefined {
    if (this.#closing) return GOING_AWAY;
    const { originAllowed, countedBy } = this.#options;
    // Of the hub's own state a foreign page learns nothing.
    const malformed = refuseUpgrade(request, originAllowed) ?? (head.length > 0 ? TOO_EARLY : undefined);
    return malformed ?? this.#room.ask(countedBy(address), performance.now());
  }

  #admit(socket: MqttSocket, { request, transport, address }: Asked): void {
    const { bounds, countedBy, door, reach, onFailure } = this.#options;
    const network = countedBy(address);
    const allowance = this.#allowances.open(network);
    const pace = new Pace(allowance, this.#reading, reach);
    const turns = { ends: this.#ends, writes: this.#writes };
    socket.prepare({ bounds, transport, pace, turns, counts: this.counts, onFailure });
    const link = openLink(socket, request, address, allowance);
    this.counts.accepted += 1;
    this.#links.set(link, socket);
    this.#room.enter(network);
    door.linked(request.socket);
    const heard = () => void this.#heard.add(socket);
    heard();
    socket.on('message', heard);
    socket.on('pong', heard);
    // It is cut by `ws`; this is only to say why.
    socket.on('ping', () => {
      if (socket.readyState === socket.OPEN || socket.endReason !== undefined) return;
      link.terminate('too-many', `more than ${PONGS} pings at once`);
    });
    link.onceClosed((_reason, code, cause) => {
      this.#links.delete(link);
      this.#room.leave(network);
      allowance.close(performance.now());
      this.counts.end(code, cause);
    });
    inFaultDomain(socket, () => this.#options.onLink(link));
  }

  /** Where more waits for all links together than may, those go for which most waits. */
  #boundOutbound(): void {
    const { hubOutboundBytes } = this.#options.bounds;
    let waiting = this.outboundBytes;
    if (waiting <= hubOutboundBytes) return;
    const most = [...this.#links].toSorted(([, a], [, b]) => b.outboundBytes - a.outboundBytes);
    for (const [link, { outboundBytes }] of most) {
      if (waiting <= hubOutboundBytes) return;
      waiting -= outboundBytes;
      link.terminate(
        'too-slow',
        'too slow: more waits for all links than "hubOutboundBytes" of the settings allows',
      );
    }
  }

  #findDeadPeers(): void {
    for (const [link, socket] of this.#links) {
      // One that is not read cannot be heard.
      if (this.#heard.delete(socket) || socket.isPaused) {
        this.#pinged.delete(socket);
      } else if (this.#pinged.has(socket)) {
        link.end('ping-timeout', 'no answer to a ping');
      } else {
        this.#pinged.add(socket);
        socket.ping();
      }
    }
  }
}
