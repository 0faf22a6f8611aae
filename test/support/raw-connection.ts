import { once } from 'node:events';
import { connect as connectTcp, createServer, type AddressInfo, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TestHub } from './hub.ts';

/** How to reach the hub: over TCP and TLS, over TCP alone at the same port, or at its plain listener. */
export type Way = 'tls' | 'tcp' | 'plain';

/** A connection at the level of bytes, that does only what a test says. */
export class RawConnection {
  readonly socket: Socket;
  /** Resolves when the connection is gone, however it ended. */
  readonly closed: Promise<void>;
  readonly #tcp: Socket;
  readonly #waiting = new Set<() => void>();
  #received = Buffer.alloc(0);
  #isClosed = false;

  private constructor(socket: Socket, tcp = socket) {
    this.socket = socket;
    this.#tcp = tcp;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk]);
      this.#wake();
    });
    this.closed = new Promise((resolve) =>
      socket.once('close', () => {
        this.#isClosed = true;
        this.#wake();
        resolve();
      }),
    );
  }

  /** @param from an address of this machine that the hub sees it come from */
  static async open(hub: TestHub, way: Way, from = '127.0.0.1'): Promise<RawConnection> {
    const { httpsPort, httpPort } = hub.hub;
    const at = { host: '127.0.0.1', port: way === 'plain' ? httpPort : httpsPort, localAddress: from };
    const tcp = connectTcp(at);
    await once(tcp, 'connect');
    if (way !== 'tls') return new RawConnection(tcp);
    const socket = connectTls({ socket: tcp, servername: 'localhost', ca: hub.ca });
    const connection = new RawConnection(socket, tcp);
    await once(socket, 'secureConnect');
    return connection;
  }

  /** All that came so far. */
  get received(): Buffer {
    return this.#received;
  }

  send(bytes: string | Uint8Array): void {
    this.socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  }

  /** Resolves with the first answer that `find` gives for what has come. Rejects where the connection ends before. */
  async until<T>(find: (received: Buffer) => T | undefined): Promise<T> {
    for (;;) {
      const found = find(this.#received);
      if (found !== undefined) return found;
      if (this.#isClosed) throw new Error(`the connection ended behind ${JSON.stringify(this.text)}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Breaks the connection with a reset. */
  reset(): void {
    this.#tcp.resetAndDestroy();
  }

  /** What came, as text. */
  get text(): string {
    return this.#received.toString('latin1');
  }

  /** Sends byte by byte, each in a packet of TCP of its own, until all is sent or the connection is gone. */
  async trickle(bytes: Uint8Array, pause: () => Promise<unknown>): Promise<void> {
    this.socket.setNoDelay(true);
    for (const byte of bytes) {
      if (this.#isClosed) return;
      this.send(Uint8Array.of(byte));
      await pause();
    }
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** The first bytes of a client of TLS, as one sends them. */
export async function clientHello(): Promise<Buffer> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = connectTls({ port: (server.address() as AddressInfo).port, host: '127.0.0.1' });
  client.on('error', () => undefined);
  const [peer] = (await once(server, 'connection')) as [Socket];
  const [hello] = (await once(peer, 'data')) as [Buffer];
  client.destroy();
  peer.destroy();
  server.close();
  return hello;
}
