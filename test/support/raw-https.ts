import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TestHub } from './hub.ts';

/** What a raw request was answered with. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Where to send bytes: to the hub over TLS, or to a port in the clear. */
export type Target = TestHub | { readonly port: number; readonly host?: string };

/**
 * Sends a request byte for byte, which no client would make, and resolves with the answer when the hub ends the
 * connection or, where it switches protocols, has said so.
 */
export async function askRaw(target: Target, lines: readonly (string | Buffer)[]): Promise<RawAnswer> {
  const socket = await open(target);
  const request = Buffer.concat(
    [...lines, '', ''].flatMap((line, at) => [
      ...(at > 0 ? [Buffer.from('\r\n')] : []),
      typeof line === 'string' ? Buffer.from(line, 'latin1') : line,
    ]),
  );
  socket.on('error', () => undefined);
  socket.write(request);
  let answer = '';
  socket.setEncoding('latin1');
  for await (const chunk of socket as AsyncIterable<string>) {
    answer += chunk;
    if (/^HTTP\/1\.1 101 /.test(answer)) break;
  }
  socket.destroy();
  const [head = '', ...body] = answer.split('\r\n\r\n');
  return { status: Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0), head, body: body.join('\r\n\r\n') };
}

async function open(target: Target): Promise<Socket> {
  if ('port' in target) {
    const socket = connectTcp(target.port, target.host ?? '127.0.0.1');
    await once(socket, 'connect');
    return socket;
  }
  const socket = connectTls({
    host: 'localhost',
    servername: 'localhost',
    port: target.hub.httpsPort,
    ca: target.ca,
  });
  await once(socket, 'secureConnect');
  return socket;
}

/** The lines of a WebSocket handshake as a device makes it, with more headers. */
export const handshake = (...more: (string | Buffer)[]): (string | Buffer)[] => [
  'GET /mqtt HTTP/1.1',
  'Host: localhost',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  'Sec-WebSocket-Protocol: mqtt',
  ...more,
];
