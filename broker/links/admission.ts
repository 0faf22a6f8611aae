import { STATUS_CODES, type IncomingMessage, type Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { ClientOf } from './client-address.ts';
import { openLink, type Link } from './link.ts';
import { MqttSocket, type SocketBounds } from './mqtt-socket.ts';
import { refuseUpgrade, SUBPROTOCOL, type Refusal } from './upgrade-guard.ts';

/**
 * How long a link may be silent before it is pinged, and how long it then has to answer, in ms. MQTT's keep alive finds
 * dead peers sooner; this is for those that chose a long one or none. Clients with a keep alive up to a minute are never
 * pinged, which spares those that answer a ping wrongly, such as paho-mqtt 1.6 for Python (its pong has no mask).
 */
const SILENCE = 120_000;
const GOING_AWAY: Refusal = { status: 503, reason: 'the hub is shutting down' };
/** How long a peer may take to answer a close, in ms. */
const CLOSE_TIMEOUT = 1_000;

export interface AdmissionOptions {
  readonly bounds: SocketBounds;
  readonly maxLinks: number;
  /** How long a link may be silent, in ms: `SILENCE` unless a test is in a hurry. */
  readonly silence?: number;
  readonly originAllowed: (origin: string) => boolean;
  readonly clientOf: ClientOf;
  readonly onLink: (link: Link) => void;
  /** Told what was thrown while a link's packet was taken. */
  readonly onFailure: (error: unknown) => void;
  readonly onRefused: (refusal: Refusal, address: string) => void;
}

/** The door for WebSocket connections: guards the upgrade, keeps count of links, and finds dead peers. */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #server: WebSocketServer;
  readonly #links = new Map<Link, MqttSocket>();
  readonly #heard = new WeakSet<MqttSocket>();
  readonly #pinged = new WeakSet<MqttSocket>();
  readonly #heartbeat: NodeJS.Timeout;
  #closing = false;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#server = new WebSocketServer({
      noServer: true,
      WebSocket: MqttSocket as never,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: options.bounds.packetBytes * 2,
      maxFragments: 64,
      maxBufferedChunks: 4_096,
      closeTimeout: CLOSE_TIMEOUT,
      handleProtocols: () => SUBPROTOCOL,
    } as ConstructorParameters<typeof WebSocketServer>[0]);
    this.#heartbeat = setInterval(() => this.#findDeadPeers(), options.silence ?? SILENCE).unref();
  }

  get count(): number {
    return this.#links.size;
  }

  /** Serves the upgrades of an HTTP server. */
  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => this.#upgrade(request, socket, head));
  }

  /** Tells every link that the hub goes away, and waits until all are gone. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#heartbeat);
    const gone = [...this.#links.keys()].map(
      (link) => new Promise<void>((done) => link.onceClosed(() => done())),
    );
    for (const link of this.#links.keys()) link.end('shutting-down', 'the hub is shutting down');
    await Promise.all(gone);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // A reset during the handshake must not be an unhandled error.
    socket.on('error', () => socket.destroy());
    const { clientOf, originAllowed, maxLinks, onRefused } = this.#options;
    const refusal = this.#closing
      ? GOING_AWAY
      : refuseUpgrade(request, { originAllowed, maxLinks, links: this.#links.size });
    if (refusal) {
      onRefused(refusal, clientOf(request).address);
      refuse(socket, refusal);
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (webSocket) =>
      this.#admit(webSocket as never, socket, request),
    );
  }

  #admit(socket: MqttSocket, transport: Duplex, request: IncomingMessage): void {
    socket.bound(this.#options.bounds, transport, this.#options.onFailure);
    const link = openLink(socket, request, this.#options.clientOf(request).address);
    this.#links.set(link, socket);
    const heard = () => void this.#heard.add(socket);
    heard();
    socket.on('message', heard);
    socket.on('pong', heard);
    link.onceClosed(() => this.#links.delete(link));
    this.#options.onLink(link);
  }

  #findDeadPeers(): void {
    for (const [link, socket] of this.#links) {
      if (this.#heard.delete(socket)) {
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

function refuse(socket: Duplex, { status, reason }: Refusal): void {
  const body = `${reason}\n`;
  socket.end(
    [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Connection: close',
      'Content-Type: text/plain; charset=utf-8',
      'X-Content-Type-Options: nosniff',
      `Content-Length: ${Buffer.byteLength(body)}`,
      ...(status === 503 ? ['Retry-After: 5'] : []),
      '',
      body,
    ].join('\r\n'),
  );
}
