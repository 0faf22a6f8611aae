import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** How long a peer that is turned away may take to hear why, in ms. */
const LINGER = 1_000;

/** What a peer that is turned away is told: an HTTP status and a sentence. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Answers on a connection that no HTTP server reads any more, and ends it. */
export function dismiss(socket: Duplex, { status, reason, headers }: Answer): void {
  const body = `${reason}\n`;
  const lines = {
    Connection: 'close',
    'Content-Type': 'text/plain; charset=utf-8',
    'X-Content-Type-Options': 'nosniff',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}`);
  socket.end([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...head, '', body].join('\r\n'));
  // Bytes that nobody reads would reset the connection before the answer arrives.
  socket.resume();
  const overdue = setTimeout(() => socket.destroy(), LINGER);
  socket.once('close', () => clearTimeout(overdue));
}
