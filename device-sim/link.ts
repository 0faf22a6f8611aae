import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import { generate, parser, type IConnectPacket, type Packet } from 'mqtt-packet';
import { WebSocket } from 'ws';

/** A message to be published. */
export interface Outgoing {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

/** Who is told what happens on a link. */
export interface LinkUser {
  /** The hub accepted the connection. */
  up(): void;
  message(topic: string, payload: Uint8Array): void;
  /** The hub will take up this TLS session, which spares both sides most of the work of the next handshake. */
  resumable(session: Buffer): void;
  failed(error: LinkError): void;
  /** The last word of a link, with the messages that the hub has not acknowledged, oldest first. */
  ended(unacknowledged: readonly Outgoing[]): void;
}

/** Something is wrong. A `code` is that of CONNACK where it is a number, and one of Node's where it is text. */
export interface LinkError extends Error {
  readonly code?: number | string;
  /** How long the hub asks to stay away, in ms. */
  readonly retryAfterMs?: number | undefined;
}

export interface LinkSettings {
  readonly url: string;
  readonly trust: SecureContext;
  /** A TLS session of a link before this one. */
  readonly session: Buffer | undefined;
  readonly clientId: string;
  readonly username: string;
  readonly password: string;
  readonly will: Outgoing;
  /** The clock of `tick`, in ms. */
  readonly now: () => number;
}

const KEEPALIVE_SECONDS = 30;
/** After so long without a word from either side a link is tried out, in ms. */
const QUIET_MS = 25_000;
/** How long the hub may take to answer: a ping, in ms. */
const PING_MS = 10_000;
/** The same, for everything from the first packet of TCP to CONNACK. */
const CONNECT_MS = 30_000;
const HIGHEST_PACKET_ID = 65_535;

/**
 * One MQTT 3.1.1 connection over a WebSocket, from CONNECT to its end: as much of a client as a device needs, so that
 * ten thousand of them fit in one process. It has no timer: whoever drives it calls `tick` when `dueAt` has come.
 */
export class Link {
  readonly #user: LinkUser;
  readonly #now: () => number;
  readonly #socket: WebSocket;
  readonly #parser = parser({ protocolVersion: 4 });
  readonly #unacknowledged = new Map<number, Outgoing>();
  #tcp: Socket | undefined;
  #state: 'connecting' | 'up' | 'ending' = 'connecting';
  #packetId = 0;
  #openedAt: number;
  #sentAt: number;
  #heardAt: number;
  #pingedAt: number | undefined;

  constructor(settings: LinkSettings, user: LinkUser) {
    this.#user = user;
    this.#now = settings.now;
    this.#openedAt = this.#sentAt = this.#heardAt = settings.now();
    this.#parser.on('packet', (packet) => this.#take(packet));
    this.#parser.on('error', (error) => this.#break(error as Error));
    const { trust, session } = settings;
    const tls = { secureContext: trust, rejectUnauthorized: true, ...(session && { session }) };
    this.#socket = new WebSocket(settings.url, 'mqtt', {
      ...tls,
      perMessageDeflate: false,
      finishRequest: (request) => {
        request.once('socket', (socket) => socket.on('session', (latest) => user.resumable(latest)));
        request.end();
      },
    });
    this.#socket
      .on('unexpected-response', (_request, response) => this.#break(refusalOf(response)))
      .on('upgrade', ({ socket }) => (this.#tcp = socket))
      .on('open', () => this.#send(connectPacket(settings)))
      .on('message', (data) => this.#hear(data as Buffer))
      .on('error', (error) => this.#break(error))
      .on('close', () => this.#user.ended([...this.#unacknowledged.values()]));
  }

  /** When `tick` is due, on the clock of the settings. */
  get dueAt(): number {
    if (this.#state === 'connecting') return this.#openedAt + CONNECT_MS;
    if (this.#state !== 'up') return Infinity;
    if (this.#pingedAt !== undefined) return this.#pingedAt + PING_MS;
    return Math.min(this.#sentAt, this.#heardAt) + QUIET_MS;
  }

  /** Bytes that the network has not taken yet. */
  get backlog(): number {
    return this.#socket.bufferedAmount;
  }

  tick(now: number): void {
    if (now < this.dueAt) return;
    if (this.#state === 'connecting') {
      this.#break(new Error('connack timeout'));
    } else if (this.#pingedAt !== undefined) {
      this.#break(new Error('no answer to a ping'));
    } else {
      this.#pingedAt = now;
      this.#send({ cmd: 'pingreq' });
    }
  }

  subscribe(topic: string): void {
    this.#send({ cmd: 'subscribe', messageId: this.#nextId(), subscriptions: [{ topic, qos: 1 }] });
  }

  publish(message: Outgoing): void {
    const { topic, qos, retain } = message;
    const payload = asBuffer(message.payload);
    if (qos === 0) {
      this.#send({ cmd: 'publish', topic, payload, qos, retain, dup: false });
    } else {
      const messageId = this.#nextId();
      this.#unacknowledged.set(messageId, message);
      this.#send({ cmd: 'publish', topic, payload, qos, retain, dup: false, messageId });
    }
  }

  /** Sends what `write` publishes in one piece: a segment for each packet costs more than the packet. */
  together(write: () => void): void {
    this.#tcp?.cork();
    write();
    this.#tcp?.uncork();
  }

  /** Says good-bye once all is acknowledged. A link that is not up yet is cut. */
  end(): void {
    if (this.#state !== 'up') {
      this.cut();
      return;
    }
    this.#state = 'ending';
    this.#leaveIfDone();
  }

  cut(): void {
    this.#state = 'ending';
    this.#socket.terminate();
  }

  #hear(data: Buffer): void {
    this.#heardAt = this.#now();
    this.#pingedAt = undefined;
    this.together(() => this.#parser.parse(data));
  }

  #take(packet: Packet): void {
    switch (packet.cmd) {
      case 'connack':
        if (packet.returnCode === 0) this.#accepted();
        else this.#break(Object.assign(new Error('connection refused'), { code: packet.returnCode }));
        break;
      case 'publish':
        this.#user.message(packet.topic, packet.payload as Buffer);
        if (packet.qos === 1) this.#send({ cmd: 'puback', messageId: packet.messageId as number });
        break;
      case 'puback':
        this.#unacknowledged.delete(packet.messageId as number);
        if (this.#state === 'ending') this.#leaveIfDone();
        break;
      case 'suback':
        if (packet.granted.includes(128)) this.#user.failed(new Error('the subscription was refused'));
        break;
      default:
        break;
    }
  }

  #accepted(): void {
    this.#state = 'up';
    this.#user.up();
  }

  #leaveIfDone(): void {
    if (this.#unacknowledged.size > 0) return;
    this.#send({ cmd: 'disconnect' });
    this.#socket.close();
  }

  #break(error: Error): void {
    // ws calls it an error, too, when a link is cut before it is open.
    if (this.#state === 'ending') return;
    this.#user.failed(error);
    this.cut();
  }

  #send(packet: Packet): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    this.#sentAt = this.#now();
    this.#socket.send(generate(packet));
  }

  #nextId(): number {
    do this.#packetId = (this.#packetId % HIGHEST_PACKET_ID) + 1;
    while (this.#unacknowledged.has(this.#packetId));
    return this.#packetId;
  }
}

function connectPacket({ clientId, username, password, will }: LinkSettings): IConnectPacket {
  return {
    cmd: 'connect',
    protocolId: 'MQTT',
    protocolVersion: 4,
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    clientId,
    username,
    password: Buffer.from(password),
    will: { ...will, payload: asBuffer(will.payload) },
  };
}

/** Why the hub made no WebSocket, and when to ask again, if it said so (RFC 9110 §10.2.3). */
function refusalOf({ statusCode, headers }: IncomingMessage): LinkError {
  const seconds = /^\d{1,5}$/.exec(headers['retry-after'] ?? '')?.[0];
  const retryAfterMs = seconds === undefined ? undefined : 1_000 * Number(seconds);
  return Object.assign(new Error(`Unexpected server response: ${statusCode}`), { retryAfterMs });
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
