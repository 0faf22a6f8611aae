import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIPv6, type AddressInfo } from 'node:net';
import { StartError } from '../config/start-error.ts';
import { TLS_OPTIONS } from '../tls/tls-options.ts';

/** Bounds on an HTTP request until it is answered or upgraded, in ms. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 2_000 };
/** How long a TLS handshake may take, in ms. */
const HANDSHAKE_TIMEOUT = 10_000;

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
export async function listen({ https, http, onRequest, admitsPlain }: ListenOptions): Promise<Listeners> {
  const secure = createHttpsServer(
    { ...TIMEOUTS, ...TLS_OPTIONS, handshakeTimeout: HANDSHAKE_TIMEOUT, key: https.key, cert: https.cert },
    onRequest,
  );
  const plain = createHttpServer(TIMEOUTS, onRequest);
  // A peer that gives up during the TLS handshake is its own affair.
  secure.on('tlsClientError', (_error, socket) => socket.destroy());
  // Before the HTTP parser hears of the connection, so that not a byte is answered.
  plain.prependListener('connection', (socket) => {
    if (!admitsPlain(socket.remoteAddress ?? 'unknown')) socket.destroy();
  });
  try {
    await open(secure, https.port, https.host, 'https.port', '--port');
    await open(plain, http.port, http.host, 'http.port', '--http-port');
  } catch (error) {
    await Promise.all([shut(secure), shut(plain)]);
    throw error;
  }
  return {
    https: secure,
    http: plain,
    httpsPort: (secure.address() as AddressInfo).port,
    httpPort: (plain.address() as AddressInfo).port,
    present: ({ key, cert }) => secure.setSecureContext({ ...TLS_OPTIONS, key, cert }),
    close: async () => void (await Promise.all([shut(secure), shut(plain)])),
  };
}

function open(server: Server, port: number, host: string | undefined, setting: string, flag: string) {
  return new Promise<void>((resolve, reject) => {
    const at = `${host === undefined ? '' : isIPv6(host) ? `[${host}]` : host}:${port}`;
    server.once('error', (error: NodeJS.ErrnoException) => reject(explain(error, at, setting, flag)));
    server.listen({ port, host }, resolve);
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
