import { once } from 'node:events';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSecureContext, type TLSSocket } from 'node:tls';
import { generate, parser, type Packet } from 'mqtt-packet';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Outgoing } from '#device-sim/link.ts';
import type { TestPair } from '../../support/certificates.ts';

/** One connection at the server's end: what came, packet by packet, and what the test lets it answer. */
export class Peer {
  readonly packets: Packet[] = [];
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();

  constructor(socket: WebSocket) {
    this.#socket = socket;
    const reader = parser({ protocolVersion: 4 });
    reader.on('packet', (packet) => {
      this.packets.push(packet);
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
    socket.on('message', (data) => reader.parse(data as Buffer));
  }

  /** Resolves with the packet of that kind that is the `nth` to come, from 1. */
  async packet<C extends Packet['cmd']>(cmd: C, nth = 1): Promise<Extract<Packet, { cmd: C }>> {
    for (;;) {
      const found = this.packets.filter((packet) => packet.cmd === cmd)[nth - 1];
      if (found !== undefined) return found as Extract<Packet, { cmd: C }>;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  say(packet: Packet): void {
    this.#socket.send(generate(packet));
  }

  /** Sends a packet in frames of one byte. */
  sayByteByByte(packet: Packet): void {
    for (const byte of generate(packet)) this.#socket.send(Uint8Array.of(byte));
  }

  accept(): void {
    this.say({ cmd: 'connack', returnCode: 0, sessionPresent: false });
  }

  acknowledge(messageId: number): void {
    this.say({ cmd: 'puback', messageId });
  }

  cut(): void {
    this.#socket.terminate();
  }
}

/** A WebSocket server on this machine that does what a test says. */
export class ScriptedServer {
  readonly url: string;
  /** Of each TLS connection, whether it has taken up the session of one before. */
  readonly resumed: boolean[] = [];
  /** While it is set, nobody is let in, and all are told to come again after so many seconds. */
  retryAfter: string | undefined;
  readonly #server: Server;
  readonly #peers: Peer[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(server: Server, scheme: 'ws' | 'wss') {
    this.#server = server;
    this.url = `${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}/mqtt`;
    server.on('secureConnection', (socket: TLSSocket) => this.resumed.push(socket.isSessionReused()));
    const webSockets = new WebSocketServer({
      server,
      verifyClient: (_info, done) => {
        const busy = this.retryAfter;
        if (busy === undefined) done(true);
        else done(false, 503, 'no room', { 'Retry-After': busy });
      },
    });
    webSockets.on('connection', (socket) => {
      this.#peers.push(new Peer(socket));
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    });
  }

  /** @param pair what it speaks TLS with; it does not without */
  static async start(pair?: TestPair): Promise<ScriptedServer> {
    const server = pair ? createHttpsServer(pair) : createHttpServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ScriptedServer(server, pair ? 'wss' : 'ws');
  }

  /** Resolves with the connection that is the `nth` to be made, from 1. */
  async peer(nth = 1): Promise<Peer> {
    for (;;) {
      const peer = this.#peers[nth - 1];
      if (peer !== undefined) return peer;
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  close(): void {
    for (const peer of this.#peers) peer.cut();
    this.#server.close();
  }
}

export const NO_TRUST = createSecureContext();

export const WILL: Outgoing = { topic: 'will', payload: Uint8Array.of(0), qos: 1, retain: true };
