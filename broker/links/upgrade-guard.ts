import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { quoted } from '../log/quoted.ts';
import type { Answer } from './door/dismiss.ts';
import type { RefusalCause } from './refusals.ts';

/** Where MQTT is served. */
export const MQTT_PATH = '/mqtt';
export const SUBPROTOCOL = 'mqtt';
/** The version of the WebSocket protocol (RFC 6455 §4.1). */
const VERSION = '13';
/** 16 bytes in base64 (RFC 6455 §4.1). */
const KEY = /^[+/0-9A-Za-z]{22}==$/;

/** Why a handshake is refused: an HTTP status, and a sentence for its peer and for the log. */
export interface Refusal extends Answer {
  readonly cause: RefusalCause;
}

/** What the guard looks at. */
export type Handshake = Pick<IncomingMessage, 'httpVersion' | 'method' | 'url' | 'headers' | 'rawHeaders'>;

/** Judges a WebSocket handshake before anything is spent on it. Returns undefined where it may go on. */
export function refuseUpgrade(
  handshake: Handshake,
  originAllowed: (origin: string) => boolean,
): Refusal | undefined {
  return (
    refusePath(handshake) ??
    refuseOrigin(handshake.headers, originAllowed) ??
    refuseRequest(handshake) ??
    refuseHeaders(handshake.headers)
  );
}

function refusePath({ url = '' }: Handshake): Refusal | undefined {
  const path = url.split('?', 1)[0] as string;
  if (path === MQTT_PATH) return undefined;
  return { cause: 'wrong-path', status: 404, reason: `nothing at ${quoted(path)}: connect to ${MQTT_PATH}` };
}

/**
 * Whether a handshake has what only browsers send, who always say their Origin (RFC 6455 §4.1). Node's own WebSocket
 * sends `sec-fetch-mode` as well.
 */
const isBrowsers = (headers: IncomingHttpHeaders): boolean =>
  headers.cookie !== undefined || headers['sec-fetch-site'] !== undefined;

function refuseOrigin(
  headers: IncomingHttpHeaders,
  originAllowed: (origin: string) => boolean,
): Refusal | undefined {
  const { origin } = headers;
  const foreign = (reason: string): Refusal => ({ cause: 'foreign-origin', status: 403, reason });
  if (origin === undefined) return isBrowsers(headers) ? foreign('a browser must say its Origin') : undefined;
  if (originAllowed(origin)) return undefined;
  return foreign(
    `Origin ${quoted(origin)} is not allowed: if it is to be, add it to "origins" in the hub's settings`,
  );
}

const malformed = (
  reason: string,
  more: Pick<Refusal, 'headers'> & Partial<Pick<Refusal, 'status'>> = {},
): Refusal => ({ cause: 'handshake-malformed', status: 400, reason, ...more });

/** RFC 6455 §4.2.1, and RFC 9112 §3.2 of Host. */
function refuseRequest({ httpVersion, method, headers, rawHeaders }: Handshake): Refusal | undefined {
  if (method !== 'GET') {
    return malformed('a WebSocket begins with GET', { status: 405, headers: { Allow: 'GET' } });
  }
  if (httpVersion !== '1.1') return malformed('a WebSocket begins with HTTP/1.1');
  const hosts = rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host').length;
  if (hosts !== 1) return malformed('a request has one Host');
  if ((headers['content-length'] ?? '0') !== '0' || headers['transfer-encoding'] !== undefined) {
    return malformed('a handshake has no body');
  }
  return undefined;
}

/** RFC 6455 §4.2.1 and §4.4; the subprotocol is of [MQTT-6.0.0-3]. */
function refuseHeaders(headers: IncomingHttpHeaders): Refusal | undefined {
  const { 'sec-websocket-version': version, 'sec-websocket-key': key } = headers;
  if (version !== VERSION) {
    return malformed(`the version of the WebSocket protocol is ${VERSION}`, {
      status: 426,
      headers: { Connection: 'close, Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': VERSION },
    });
  }
  if (!KEY.test(key ?? '')) return malformed('Sec-WebSocket-Key must be one key of 16 bytes in base64');
  if (!offered(headers['sec-websocket-protocol']).includes(SUBPROTOCOL)) {
    return {
      cause: 'no-subprotocol',
      status: 400,
      reason: `offer the WebSocket subprotocol "${SUBPROTOCOL}"`,
    };
  }
  return undefined;
}

const offered = (header: string | undefined): string[] =>
  (header ?? '').split(',').map((name) => name.trim());
