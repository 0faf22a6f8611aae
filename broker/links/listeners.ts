import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
} from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIPv6, type AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { StartError } from '../config/start-error.ts';
import { quoted } from '../log/quoted.ts';
import { TLS_OPTIONS } from '../tls/tls-options.ts';
import { peerAddress } from './client-address.ts';
import type { Door } from './door/door.ts';
import { answerFaults } from './door/http-faults.ts';
import { untilHello, untilReadable } from './door/opening.ts';
import { Requests } from './door/requests.ts';
import type { Refusals } from './refusals.ts';

/** How many connections the system may hold for the hub. More of them try again after a second. */
const BACKLOG = 4_096;
/** How exactly times are kept that a request may take: as a part of the shortest, and at most so many ms. */
const PRECISION = 1 / 5;
const LEAST_PRECISE = 2_000;

/** How long peers may take, in ms. */
export interface Patience {
  /** For a TLS handshake. */
  readonly handshakeMs: number;
  /** For the headers of a request, and for the whole of it. */
  readonly headersMs: number;
  readonly requestMs: number;
  /** Without reading what they have asked for. */
  readonly stalledMs: number;
}

/** A certificate with its chain and its key, PEM encoded. */
export interface Presented {
  readonly key: string;
  readonly cert: string;
}

export interface ListenOptions {
  readonly https: { readonly host?: string | undefined; readonly port: number } & Presented;
  readonly http: { readonly host: string; readonly port: number };
  readonly onRequest: RequestListener;
  /** Whether whoever has this address may connect to the plain listener. */
  readonly admitsPlain: (address: string) => boolean;
  readonly patience: Patience;
  readonly door: Door;
  readonly refusals: Refusals;
  /** Hears of what is wrong with a listener itself, such as that there are no file descriptors left. */
  readonly onTrouble: (line: string) => void;
}

/** The hub's two listeners, open. */
export interface Listeners {
  readonly https: Server;
  readonly http: Server;
  readonly httpsPort: number;
  readonly httpPort: number;
  /** Presents another certificate from the next handshake on. Links that there are stay. */
  present(certificate: Presented): void;
  close(): Promise<void>;
}

/**
 * Opens https for everybody and plain http for this machine and for proxies.
 * @throws StartError where a port cannot be had; nothing stays open then
 */
export async function listen(options: ListenOptions): Promise<Listeners> {
  const { https, http, onRequest, admitsPlain, patience, door, refusals, onTrouble } = options;
  const requests = new Requests(onRequest, refusals);
  const bounds = serverBounds(patience);
  const secure = createHttpsServer(
    { ...bounds, ...TLS_OPTIONS, handshakeTimeout: patience.handshakeMs, key: https.key, cert: https.cert },
    requests.listener,
  );
  const plain = createHttpServer(bounds, requests.listener);
  noteFailedHandshakes(secure, refusals);
  door.guard(secure, { opening: untilHello });
  door.guard(plain, { opening: untilReadable, admits: admitsPlain });
  for (const server of [secure, plain]) {
    server.timeout = patience.stalledMs;
    answerFaults(server, requests, refusals);
  }
  try {
    await open(secure, https.port, https.host, 'https.port', '--port');
    await open(plain, http.port, http.host, 'http.port', '--http-port');
  } catch (error) {
    door.close();
    await Promise.all([shut(secure), shut(plain)]);
    throw error;
  }
  for (const server of [secure, plain]) {
    server.on('error', ({ message }) => onTrouble(`a connection could not be taken: ${message}`));
  }
  return {
    https: secure,
    http: plain,
    httpsPort: (secure.address() as AddressInfo).port,
    httpPort: (plain.address() as AddressInfo).port,
    present: ({ key, cert }) => secure.setSecureContext({ ...TLS_OPTIONS, key, cert }),
    close: async () => {
      door.close();
      await Promise.all([shut(secure), shut(plain)]);
    },
  };
}

function serverBounds({ headersMs, requestMs }: Patience) {
  return {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    connectionsCheckingInterval: Math.min(LEAST_PRECISE, headersMs * PRECISION),
    shouldUpgradeCallback: ({ headers }: IncomingMessage) => headers.upgrade?.toLowerCase() === 'websocket',
  };
}

/** A peer that goes away in the middle is its own affair; one that cannot agree wants to know why. */
function noteFailedHandshakes(secure: Server, refusals: Refusals): void {
  secure.prependListener('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    const { code = '', message } = error;
    const address = peerAddress(socket);
    if (code === 'ERR_TLS_HANDSHAKE_TIMEOUT') {
      refusals.note(
        'tls-timeout',
        address,
        `ended a connection from ${address}: its TLS handshake took too long`,
      );
    } else if (code.startsWith('ERR_SSL_')) {
      const line = `ended a connection from ${address}: its TLS handshake failed (${quoted(message)})`;
      refusals.note('tls-failed', address, line);
    }
  });
}

function open(server: Server, port: number, host: string | undefined, setting: string, flag: string) {
  return new Promise<void>((resolve, reject) => {
    const at = `${host === undefined ? '' : isIPv6(host) ? `[${host}]` : host}:${port}`;
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, at, setting, flag)));
    server.listen({ port, host, backlog: BACKLOG }, resolve);
  });
}

function explain(error: NodeJS.ErrnoException, at: string, setting: string, flag: string): StartError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartError(
        `${at} is in use by another program`,
        `stop that program, or choose another port with ${flag} or "${setting}"`,
      );
    case 'EACCES':
      return new StartError(
        `this user may not listen on ${at}`,
        `choose a port from 1024 up with ${flag} or "${setting}"`,
      );
    default:
      return new StartError(`cannot listen on ${at} (${error.code ?? error.message})`, `check "${setting}"`);
  }
}

function shut(server: Server): Promise<void> {
  return new Promise((done) => {
    server.close(() => done());
    server.closeAllConnections();
  });
}
