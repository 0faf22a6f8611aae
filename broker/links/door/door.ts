import { performance } from 'node:perf_hooks';
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { peerAddress, type CountedBy } from '../client-address.ts';
import type { RefusalCause, Refusals } from '../refusals.ts';
import { dismiss } from './dismiss.ts';
import { Gate, type GateLimits } from './gate.ts';
import type { Opening } from './opening.ts';
import { Pace } from './pace.ts';

/** How often it is looked for those who have been waiting for too long, in ms. */
const SWEEP = 250;

const REASONS = {
  'plain-stranger': 'it came to the plain listener, and is not in "trustProxy"',
  'waiting-full': 'too many wait for their handshake ("waiting")',
  'waiting-full-for-address': 'too many of its address wait for their handshake ("waitingPerAddress")',
  'waited-too-long': 'its turn did not come in time ("waitingMs")',
  'half-open-full': 'too many are no links, and it was the oldest ("halfOpen")',
  'half-open-full-for-address':
    'too many of its address are no links, and it was the oldest ("halfOpenPerAddress")',
  silent: 'it began no handshake in time ("handshakeMs")',
  'tls-failed': 'it does not speak TLS',
} as const satisfies Partial<Record<RefusalCause, string>>;

const SPEAK_TLS = { status: 400, reason: 'this port speaks TLS: connect with https:// or wss://' };

export interface DoorOptions {
  readonly limits: GateLimits;
  readonly countedBy: CountedBy;
  readonly refusals: Refusals;
}

/** How connections come to a server. */
export interface Entrance {
  readonly opening: Opening;
  /** Whether whoever has this address may come at all. */
  readonly admits?: (address: string) => boolean;
}

/** A connection that is no link. */
interface Peer {
  readonly socket: Socket;
  readonly address: string;
  /** Gives the connection to its server. */
  readonly hand: () => void;
  readonly onClose: () => void;
}

/** Takes the connections that come to the hub's servers, and gives them to the servers one by one, as the gate says. */
export class Door {
  readonly #gate: Gate<Peer>;
  readonly #pace: Pace;
  readonly #countedBy: CountedBy;
  readonly #refusals: Refusals;
  /** Connections that are no links, by their two ends: a TLS socket tells nobody which one it is in. */
  readonly #peers = new Map<string, Peer>();
  #sweep: NodeJS.Timeout | undefined;

  constructor({ limits, countedBy, refusals }: DoorOptions) {
    this.#gate = new Gate(limits);
    this.#pace = new Pace({ begin: () => this.#letIn(), wait: () => this.#gate.wait(performance.now()) });
    this.#countedBy = countedBy;
    this.#refusals = refusals;
  }

  /** How many connections wait for their handshake to begin. */
  get waiting(): number {
    return this.#gate.waiting;
  }

  /** How many have begun it, or make requests. */
  get halfOpen(): number {
    return this.#gate.halfOpen;
  }

  /** Stands before a server, which gets connections from here only. To be called before it listens. */
  guard(server: Server, entrance: Entrance): void {
    this.#sweep ??= setInterval(() => this.#removeOverdue(), SWEEP).unref();
    const takers = server.rawListeners('connection');
    server.removeAllListeners('connection');
    server.on('connection', (socket) =>
      this.#arrived(socket, entrance, () => {
        for (const take of takers) take.call(server, socket);
      }),
    );
  }

  /** A connection has become a link. @param socket that of its request */
  linked(socket: Duplex): void {
    const ends = endsOf(socket as Socket);
    const peer = this.#peers.get(ends);
    if (!peer) return;
    peer.socket.off('close', peer.onClose);
    this.#forget(ends, peer);
  }

  /** Ends all that is no link. */
  close(): void {
    this.#pace.stop();
    clearInterval(this.#sweep);
    for (const { socket } of this.#peers.values()) socket.destroy();
  }

  #arrived(socket: Socket, { opening, admits }: Entrance, take: () => void): void {
    // From the first moment: a reset must not be an unhandled error.
    socket.on('error', () => socket.destroy());
    const address = peerAddress(socket);
    if (admits?.(address) === false) {
      this.#refuse('plain-stranger', { socket, address });
      return;
    }
    const ends = endsOf(socket);
    const peer: Peer = {
      socket,
      address,
      hand: () => {
        endOpening();
        take();
      },
      onClose: () => this.#forget(ends, peer),
    };
    this.#pace.knocked();
    const refusal = this.#gate.arrive(peer, this.#countedBy(address), performance.now());
    if (refusal) {
      this.#refuse(refusal, peer);
      return;
    }
    this.#peers.set(ends, peer);
    socket.once('close', peer.onClose);
    const endOpening = opening(socket, {
      began: () => {
        this.#gate.heard(peer, performance.now());
        this.#pace.schedule();
      },
      unfit: (what) => {
        this.#note('tls-failed', peer);
        endOpening();
        if (what === 'http') dismiss(socket, SPEAK_TLS);
        else socket.destroy();
      },
      left: () => socket.destroy(),
    });
  }

  #letIn(): boolean {
    const turn = this.#gate.next(performance.now());
    if (!turn) return false;
    if (turn.removal) this.#refuse(turn.removal.cause, turn.removal.peer);
    // It may have gone in this very turn of the event loop.
    if (!turn.peer.socket.destroyed) turn.peer.hand();
    return true;
  }

  #removeOverdue(): void {
    for (const { cause, peer } of this.#gate.overdue(performance.now())) this.#refuse(cause, peer);
  }

  #refuse(cause: keyof typeof REASONS, peer: Pick<Peer, 'socket' | 'address'>): void {
    this.#note(cause, peer);
    peer.socket.destroy();
  }

  #note(cause: keyof typeof REASONS, { address }: Pick<Peer, 'address'>): void {
    this.#refusals.note(cause, address, `ended a connection from ${address}: ${REASONS[cause]}`);
  }

  #forget(ends: string, peer: Peer): void {
    this.#gate.forget(peer);
    // Its ends may be another's by now.
    if (this.#peers.get(ends) === peer) this.#peers.delete(ends);
    this.#pace.schedule();
  }
}

const endsOf = ({ remoteAddress, remotePort, localAddress, localPort }: Socket): string =>
  `${remoteAddress} ${remotePort} ${localAddress} ${localPort}`;
