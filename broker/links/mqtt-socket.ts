import type { Duplex } from 'node:stream';
import { WebSocket, type RawData } from 'ws';
import { ENDS, type EndCause } from './ends.ts';
import { inFaultDomain, type FaultDomain } from './fault-domain.ts';
import { framesOf } from './frames.ts';
import { Inbox } from './inbox.ts';
import type { LinkCounts } from './link-counts.ts';
import { PacketCutter } from './packet-cutter.ts';
import type { Pace } from './rates/pace.ts';
import type { Turns } from './rates/turns.ts';
import type { ReaderBounds } from './reader/packet-reader.ts';
import type { Violation } from './reader/violation.ts';

/** The close code of a link that ends without a fault (RFC 6455 §7.4.1). */
const NORMAL = 1000;

/** What `ws` ends a link for by itself, by the code that it sends and gives no reason for. */
const MALFORMED_FRAMES: Readonly<Record<number, string>> = {
  1002: 'a frame that WebSocket does not allow (RFC 6455 §5)',
  1007: 'text that is not UTF-8 (RFC 6455 §8.1)',
  1008: 'a message in too many pieces',
  1009: 'a message that is too long',
};

/** Bounds on one link, sizes in bytes. */
export interface SocketBounds extends ReaderBounds {
  /** From here on the link is congested: QoS 0 messages for it are dropped. */
  readonly congestedBytes: number;
  /** From here on the link is too slow to be kept. */
  readonly outboundBytes: number;
  /** How much may wait for all links together. */
  readonly hubOutboundBytes: number;
}

/** Turns that all sockets share. */
export interface SocketTurns {
  /** In which links end. */
  readonly ends: Pick<Turns, 'do'>;
  /** In which is written what is to be sent. */
  readonly writes: Pick<Turns, 'next'>;
}

/** What a socket is given. */
export interface SocketOptions {
  readonly bounds: SocketBounds;
  /** The connection beneath it. */
  readonly transport: Duplex;
  readonly pace: Pace;
  readonly turns: SocketTurns;
  readonly counts: LinkCounts;
  /** Told what whoever took a packet threw: the link ends then, and nothing else. */
  readonly onFailure: (error: unknown) => void;
}

/** A close frame carries at most 123 bytes of reason (RFC 6455 §5.5). */
const REASON_BYTES = 123;

function shorten(reason: string | undefined): string | undefined {
  if (reason === undefined || Buffer.byteLength(reason) <= REASON_BYTES) return reason;
  return new TextDecoder().decode(Buffer.from(reason).subarray(0, REASON_BYTES), { stream: true });
}

/**
 * The WebSocket beneath `websocket-stream`: binary messages only [MQTT-6.0.0-1], of which whole packets are read that
 * are sound. Each packet goes out in a frame of its own, and all of one turn of the event loop in one write.
 */
export class MqttSocket extends WebSocket implements FaultDomain {
  #bounds!: SocketBounds;
  #transport!: Duplex;
  #counts!: LinkCounts;
  #turns!: SocketTurns;
  #inbox!: Inbox;
  readonly #cutter = new PacketCutter();
  #outbox: Uint8Array[] = [];
  #outboxBytes = 0;
  #onFailure!: (error: unknown) => void;
  #whenCalm: (() => void)[] = [];
  #closing = false;
  #peerHasLeft = false;
  #farewell: { cause: EndCause; reason: string } | undefined;
  /** Why the hub ended this link, once it has. */
  endReason: string | undefined;
  endCause: EndCause | undefined;

  /** Makes it ready; `ws` constructs the socket itself, so this follows at once. */
  prepare({ bounds, transport, pace, turns, counts, onFailure }: SocketOptions): void {
    this.#bounds = bounds;
    this.#transport = transport;
    this.#counts = counts;
    this.#turns = turns;
    this.#onFailure = onFailure;
    this.#inbox = new Inbox({
      bounds,
      pace,
      counts,
      pause: () => this.pause(),
      resume: () => this.resume(),
      pass: (packets) => super.emit('message', packets, true),
      refuse: (violation) => this.#refuse(violation),
      domain: this,
    });
    this.once('close', () => this.#inbox.close());
    for (const frame of ['ping', 'pong']) this.on(frame, () => this.#inbox.count());
  }

  /** What comes in. */
  get inbox(): Inbox {
    return this.#inbox;
  }

  /** Bytes written to this link that have not left the process. */
  get outboundBytes(): number {
    return this.#outboxBytes + this.bufferedAmount;
  }

  get congested(): boolean {
    return this.outboundBytes > this.#bounds.congestedBytes;
  }

  /** Calls back once, when the link is not congested any more; never where it ends before. */
  whenCalm(listener: () => void): void {
    this.#whenCalm.push(listener);
  }

  /** Sets what the peer is told when the stream is destroyed without another reason. */
  explain(cause: EndCause, reason: string): void {
    this.#farewell ??= { cause, reason };
  }

  /** Ends the link; its peer is told the code of the cause, and the reason. The first call wins. */
  end(cause: EndCause, reason: string): void {
    if (this.#closing) return;
    this.explain(cause, reason);
    this.close();
  }

  /** Ends the link without a word, for a peer that would not read it. */
  cut(cause: EndCause, reason: string): void {
    this.endReason ??= reason;
    this.endCause ??= cause;
    this.#outbox = [];
    this.#outboxBytes = 0;
    this.#inbox.close();
    this.terminate();
  }

  /**
   * Also called by `websocket-stream`, once Aedes has destroyed the stream, and by `ws`: without a reason when a frame
   * is malformed, with one when the peer's half of the closing handshake has come.
   */
  override close(code?: number, reason?: string | Buffer): void {
    if (this.#peerLeaves()) {
      // What it sent before counts, and may be on its way yet.
      this.#inbox.whenRead(() => this.close(code, reason));
      return;
    }
    const malformed = reason === undefined && code !== undefined ? MALFORMED_FRAMES[code] : undefined;
    if (malformed !== undefined && !this.#closing) {
      this.endReason ??= malformed;
      this.endCause ??= 'malformed-frame';
    }
    const farewell = code === undefined ? this.#farewell : undefined;
    if (!this.#closing) {
      this.#flush();
      this.endReason ??= farewell?.reason;
      this.endCause ??= farewell?.cause;
    }
    this.#closing = true;
    this.#inbox.close();
    super.close(
      farewell ? ENDS[farewell.cause] : (code ?? NORMAL),
      shorten(farewell?.reason ?? malformed) ?? reason,
    );
  }

  /** Whether this is the call by which `ws` tells that its peer has said goodbye. */
  #peerLeaves(): boolean {
    // Not in its types.
    const { _closeFrameReceived: hasLeft } = this as unknown as { readonly _closeFrameReceived: boolean };
    if (!hasLeft || this.#closing || this.#peerHasLeft) return false;
    this.#peerHasLeft = true;
    return true;
  }

  /** Whatever comes over the link is of its fault domain. Thousands of links may end at once: each in its turn. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event === 'message') inFaultDomain(this, () => this.#came(...(args as [RawData, boolean])));
    else if (event === 'close') this.#turns.ends.do(() => this.#tell(event, args));
    else this.#tell(event, args);
    return true;
  }

  #tell(event: string | symbol, args: readonly unknown[]): void {
    inFaultDomain(this, () => super.emit(event as 'message', ...(args as never[])));
  }

  fail(error: unknown): void {
    this.#onFailure(error);
    this.end('failure', 'the hub could not take what it sent');
  }

  #came(data: RawData, isBinary: boolean): void {
    if (this.#closing) return;
    if (isBinary) this.#inbox.push(data as Buffer);
    else this.end('text-frame', 'a text frame: MQTT travels in binary frames only');
  }

  /** What `websocket-stream` writes: bytes, in whatever pieces. */
  override send(data: Uint8Array, ...rest: unknown[]): void {
    for (const packet of this.#cutter.push(data)) this.sendPacket(packet);
    // Aedes never waits for a link: what a link may hold back is bounded.
    const written = rest.at(-1) as ((error?: Error) => void) | undefined;
    written?.();
  }

  /** Sends a whole packet. */
  sendPacket(packet: Uint8Array): void {
    if (this.readyState !== this.OPEN || this.#closing) return;
    if (this.#outbox.length === 0) this.#turns.writes.next(this.#flush);
    this.#counts.send(packet);
    this.#outbox.push(packet);
    this.#outboxBytes += packet.length;
    this.#boundOutbound();
  }

  /** Also called by `ws`, which answers every ping, of a peer that may read none of it. */
  override pong(...args: Parameters<WebSocket['pong']>): void {
    super.pong(...args);
    this.#boundOutbound();
  }

  #boundOutbound(): void {
    if (this.outboundBytes <= this.#bounds.outboundBytes) return;
    this.cut(
      'too-slow',
      `too slow: ${this.outboundBytes} bytes wait for it, more than "outboundBytes" of the settings allows`,
    );
  }

  readonly #flush = (): void => {
    if (this.#outbox.length === 0) return;
    const packets = this.#outbox;
    this.#outbox = [];
    this.#outboxBytes = 0;
    if (this.readyState !== this.OPEN) return;
    this.#transport.write(framesOf(packets), this.#left);
  };

  /** What was written has left the process. */
  readonly #left = (): void => {
    if (this.#whenCalm.length === 0 || this.congested || this.#closing) return;
    const listeners = this.#whenCalm;
    this.#whenCalm = [];
    for (const listener of listeners) listener();
  };

  #refuse({ cause, reason, answer }: Violation): void {
    if (answer) this.sendPacket(answer);
    this.end(cause, reason);
  }
}
