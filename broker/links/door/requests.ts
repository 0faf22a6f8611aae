import type { RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { peerAddress } from '../client-address.ts';
import type { Refusals } from '../refusals.ts';

/** Requests of one connection that may wait for their answers. Browsers and proxies send one after the other. */
const MOST_PIPELINED = 8;

/** Keeps count of the requests that are not answered yet, and serves no connection that sends them on and on. */
export class Requests {
  readonly #serve: RequestListener;
  readonly #refusals: Refusals;
  readonly #unanswered = new WeakMap<Duplex, Set<ServerResponse>>();

  constructor(serve: RequestListener, refusals: Refusals) {
    this.#serve = serve;
    this.#refusals = refusals;
  }

  readonly listener: RequestListener = (request, response) => {
    const { socket } = request;
    if (socket.destroyed) return;
    const unanswered = this.#unanswered.get(socket) ?? new Set();
    if (unanswered.size >= MOST_PIPELINED) {
      const address = peerAddress(socket);
      const line = `ended a connection from ${address}: it sent ${unanswered.size} requests without reading an answer`;
      this.#refusals.note('request-pipelined', address, line);
      socket.destroy();
      return;
    }
    this.#unanswered.set(socket, unanswered.add(response));
    response.once('close', () => unanswered.delete(response));
    this.#serve(request, response);
  };

  /** Whether it waits for an answer. */
  isWaiting(socket: Duplex): boolean {
    return (this.#unanswered.get(socket)?.size ?? 0) > 0;
  }

  /** Whether a part of an answer is on its way, behind which nothing else can be said. */
  isAnswering(socket: Duplex): boolean {
    return [...(this.#unanswered.get(socket) ?? [])].some(({ headersSent }) => headersSent);
  }
}
