import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { generate, type IConnectPacket } from 'mqtt-packet';
import { PacketCutter } from '../../broker/links/packet-cutter.ts';
import { clientFrame, FrameReader } from './frames.ts';

const HEAD_END = '\r\n\r\n';
const [CONNACK, PUBLISH] = [2, 3];

/** Why a link is not up. */
export class NotLetIn extends Error {
  /** HTTP status where the handshake was refused, and in how many seconds to come again, if it says so. */
  readonly status: number | undefined;
  readonly retryAfter: number | undefined;

  constructor(message: string, status?: number, retryAfter?: number) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/**
 * An MQTT link with as little around it as can be, so that the process of a load does less than the hub's: a handshake
 * that is just enough, frames that are made once, packets of which only the kind is looked at.
 */
export class RawLink {
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  readonly #cutter = new PacketCutter();
  /** Of the way to a link that is up. */
  #stage = 'the answer to its handshake';
  #answered: ((packet: Uint8Array) => void) | undefined;
  /** Called with how many PUBLISH packets came in one piece. */
  onPublishes: (count: number) => void = () => undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
  }

  /**
   * Makes a link of a connection that is open. Resolves when its CONNACK has come.
   * Rejects with `NotLetIn` where it is refused, or where it ends before.
   */
  static async open(socket: Socket, host: string, connect: IConnectPacket): Promise<RawLink> {
    const link = new RawLink(socket);
    let onClose = (): void => undefined;
    const lost = new Promise<never>((_resolve, reject) => {
      onClose = () => reject(new NotLetIn(`ended before ${link.#stage}`));
      socket.once('close', onClose);
    });
    try {
      await Promise.race([link.#begin(host, connect), lost]);
    } finally {
      socket.off('close', onClose);
      lost.catch(() => undefined);
    }
    return link;
  }

  /** Sends frames. */
  write(frames: Uint8Array): void {
    this.#socket.write(frames);
  }

  /** Sends a packet that is answered by one of another kind than PUBLISH. Resolves with that. */
  ask(packet: Uint8Array): Promise<Uint8Array> {
    return new Promise((resolve) => {
      this.#answered = resolve;
      this.write(clientFrame(packet));
    });
  }

  /** Breaks the connection without a word. */
  cut(): void {
    this.#socket.destroy();
  }

  async #begin(host: string, connect: IConnectPacket): Promise<void> {
    const head = await this.#handshake(host);
    const status = Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]);
    if (status !== 101) {
      const retryAfter = /^Retry-After: (\d+)/im.exec(head)?.[1];
      this.cut();
      throw new NotLetIn(
        `answered ${status}`,
        status,
        retryAfter === undefined ? undefined : Number(retryAfter),
      );
    }
    this.#stage = 'its CONNACK';
    this.#socket.on('data', (chunk: Buffer) => this.#read(chunk));
    const [first = 0, , , code] = await this.ask(generate(connect));
    if (first >> 4 === CONNACK && code === 0) return;
    this.cut();
    throw new NotLetIn(`refused with return code ${code}`);
  }

  /** Resolves with the head of the answer. Nothing follows it before the CONNECT. */
  #handshake(host: string): Promise<string> {
    const lines = [
      'GET /mqtt HTTP/1.1',
      `Host: ${host}`,
      'Upgrade: websocket',
      'Connection: Upgrade',
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Protocol: mqtt',
    ];
    this.#socket.write(lines.join('\r\n') + HEAD_END);
    return new Promise((resolve) => {
      let head = '';
      const read = (chunk: Buffer): void => {
        head += chunk.toString('latin1');
        if (!head.includes(HEAD_END)) return;
        this.#socket.off('data', read);
        resolve(head);
      };
      this.#socket.on('data', read);
    });
  }

  #read(chunk: Buffer): void {
    let publishes = 0;
    this.#frames.push(chunk, (payload) => {
      for (const packet of this.#cutter.push(payload)) {
        if ((packet[0] as number) >> 4 === PUBLISH) publishes += 1;
        else this.#answered?.(packet);
      }
    });
    if (publishes > 0) this.onPublishes(publishes);
  }
}
