import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { quoted } from '../log/quoted.ts';

/** Where MQTT is served. */
export const MQTT_PATH = '/mqtt';
export const SUBPROTOCOL = 'mqtt';

/** Why a handshake is refused: an HTTP status, and a sentence for its peer and for the log. */
export interface Refusal {
  readonly status: 400 | 403 | 404 | 426 | 503;
  readonly reason: string;
}

/** What the guard is told about the hub at the moment of a handshake. */
export interface GuardContext {
  readonly originAllowed: (origin: string) => boolean;
  readonly links: number;
  readonly maxLinks: number;
}

const offered = (header: string | undefined): string[] =>
  (header ?? '').split(',').map((name) => name.trim());

/** Whether a handshake has what only browsers send, who always say their Origin (RFC 6455 §4.1). */
const isBrowsers = (headers: IncomingHttpHeaders): boolean =>
  Object.keys(headers).some((name) => name === 'cookie' || name.startsWith('sec-fetch-'));

/** Judges a WebSocket handshake before anything is spent on it. Returns undefined where it may go on. */
export function refuseUpgrade(
  request: Pick<IncomingMessage, 'url' | 'headers'>,
  { originAllowed, links, maxLinks }: GuardContext,
): Refusal | undefined {
  const path = (request.url ?? '').split('?', 1)[0] as string;
  if (path !== MQTT_PATH) {
    return { status: 404, reason: `nothing at ${quoted(path)}: connect to ${MQTT_PATH}` };
  }
  const { origin } = request.headers;
  if (origin === undefined && isBrowsers(request.headers)) {
    return { status: 403, reason: 'a browser must say its Origin' };
  }
  if (origin !== undefined && !originAllowed(origin)) {
    return {
      status: 403,
      reason: `Origin ${quoted(origin)} is not allowed: if it is to be, add it to "origins" in the hub's settings`,
    };
  }
  if (!offered(request.headers['sec-websocket-protocol']).includes(SUBPROTOCOL)) {
    return { status: 400, reason: `offer the WebSocket subprotocol "${SUBPROTOCOL}"` };
  }
  if (links >= maxLinks) {
    return { status: 503, reason: `all ${maxLinks} links are in use` };
  }
  return undefined;
}
