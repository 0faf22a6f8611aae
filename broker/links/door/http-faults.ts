import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { quoted } from '../../log/quoted.ts';
import { peerAddress } from '../client-address.ts';
import type { RefusalCause, Refusals } from '../refusals.ts';
import { dismiss, type Answer } from './dismiss.ts';
import type { Requests } from './requests.ts';

/** An error of Node's HTTP server about one connection. */
type HttpError = Error & { readonly code?: string; readonly reason?: string };

interface Fault extends Answer {
  readonly cause: RefusalCause;
}

/** What is wrong with a request; undefined where it is the connection that broke. */
export function faultOf({ code = '', reason = '' }: HttpError): Fault | undefined {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return { cause: 'request-timeout', status: 408, reason: 'the request did not come whole in time' };
    case 'HPE_HEADER_OVERFLOW':
      return { cause: 'headers-too-long', status: 431, reason: 'the headers of a request may have 16 KiB' };
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return { cause: 'request-malformed', status: 413, reason: 'the chunks of a body need no extensions' };
    default:
      if (!code.startsWith('HPE_')) return undefined;
      return {
        cause: 'request-malformed',
        status: 400,
        reason: `this is no request of HTTP/1.1: ${quoted(reason)}`,
      };
  }
}

/** CONNECT (RFC 9110 §9.3.6). */
const NO_PROXY: Fault = { cause: 'request-malformed', status: 400, reason: 'the hub is no proxy' };

/** Answers what is no request, in whole or in time, and ends the connection that it came on. */
export function answerFaults(server: Server, requests: Requests, refusals: Refusals): void {
  const refuse = (fault: Fault, socket: Duplex & { remoteAddress?: string }): void => {
    const { cause, status, reason } = fault;
    const address = peerAddress(socket);
    refusals.note(cause, address, `refused a request from ${address} with ${status}: ${reason}`);
    if (requests.isAnswering(socket)) socket.destroy();
    else dismiss(socket, fault);
  };
  server.on('clientError', (error: HttpError, socket: Duplex) => {
    // The rest of what was refused.
    if (socket.writableEnded) return;
    const fault = faultOf(error);
    if (fault && socket.writable) refuse(fault, socket);
    else socket.destroy();
  });
  // Of those that are idle, too, who have nothing to be told.
  server.on('timeout', (socket) => {
    if (requests.isWaiting(socket)) {
      const address = peerAddress(socket);
      refusals.note(
        'request-stalled',
        address,
        `ended a connection from ${address}: it read no answer in time`,
      );
    }
    socket.destroy();
  });
  server.on('connect', (_request: IncomingMessage, socket: Duplex) => refuse(NO_PROXY, socket));
}
