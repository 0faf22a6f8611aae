import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIPv6, type AddressInfo } from 'node:net';
import { StartError } from '../config/start-error.ts';

/** Only this machine reaches the plain listener. */
const LOOPBACK = '127.0.0.1';

/** Bounds on an HTTP request until it is answered or upgraded, in ms. */
const TIMEOUTS = { headersTimeout: 10_000, requestTimeout: 20_000, connectionsCheckingInterval: 2_000 };

export interface ListenOptions {
  readonly https: { readonly host?: string | undefined; readonly port: number; key: string; cert: string };
  readonly http: { readonly port: number };
  readonly onRequest: RequestListener;
}

/** The hub's two listeners, open. */
export interface Listeners {
  readonly https: Server;
  readonly http: Server;
  readonly httpsPort: number;
  readonly httpPort: number;
  close(): Promise<void>;
}

/**
 * Opens https for everybody and plain http for loopback.
 * @throws StartError where a port cannot be had; nothing stays open then
 */
export async function listen({ https, http, onRequest }: ListenOptions): Promise<Listeners> {
  const secure = createHttpsServer(
    { ...TIMEOUTS, key: https.key, cert: https.cert, minVersion: 'TLSv1.2' },
    onRequest,
  );
  const plain = createHttpServer(TIMEOUTS, onRequest);
  // A peer that gives up during the TLS handshake is its own affair.
  secure.on('tlsClientError', (_error, socket) => socket.destroy());
  try {
    await open(secure, https.port, https.host, 'https.port', '--port');
    await open(plain, http.port, LOOPBACK, 'http.port', '--http-port');
  } catch (error) {
    await Promise.all([shut(secure), shut(plain)]);
    throw error;
  }
  return {
    https: secure,
    http: plain,
    httpsPort: (secure.address() as AddressInfo).port,
    httpPort: (plain.address() as AddressInfo).port,
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
