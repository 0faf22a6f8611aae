import type { Duplex } from 'node:stream';
import { WebSocket, type RawData } from 'ws';
import { ENDS, type EndCause } from './ends.ts';
import { framesOf } from './frames.ts';
import { PacketCutter } from './packet-cutter.ts';
import { PacketReader, type ReaderBounds } from './reader/packet-reader.ts';
import type { Violation } from './reader/violation.ts';

/** The close code of a link that ends without a fault (RFC 6455 §7.4.1). */
const NORMAL = 1000;
/** The close code of a link that broke, which no peer is sent (RFC 6455 §7.4.1). */
const BROKEN = 1006;

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
}

/** Where a packet goes that came in: to whoever took it, or on into the stream, with or without what follows it. */
export type Way = 'taken' | 'on' | 'on, and wait';

/** Says where a packet goes, and takes it if it is for it. */
export type Taker = (packet: Buffer, type: number) => Way;

/** Why nothing is read of a link just now. */
type Pause = 'holding' | 'full';

/** How many packets of one link are read before others have their turn; a long one that is taken counts for more. */
const AT_ONCE = 256;
const BYTES_OF_ONE = 64;

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
export class MqttSocket extends WebSocket {
  #bounds!: SocketBounds;
  #reader!: PacketReader;
  #transport!: Duplex;
  #onFailure: (error: unknown) => void = () => undefined;
  #take: Taker = () => 'on';
  /** Packets on their way into the stream, with what they are a part of. */
  #passing: Buffer[] = [];
  /** Whether the rest waits until `proceed`. */
  #waits = false;
  /** What this turn's packets count for. */
  #spent = 0;
  readonly #pauses = new Set<Pause>();
  readonly #cutter = new PacketCutter();
  #outbox: Uint8Array[] = [];
  #outboxBytes = 0;
  #whenCalm: (() => void)[] = [];
  #closing = false;
  #farewell: { cause: EndCause; reason: string } | undefined;
  /** When the last packet came, in ms of `performance.now()`. */
  heardAt = performance.now();
  /** Why the hub ended this link, once it has. */
  endReason: string | undefined;
  endCause: EndCause | undefined;

  /**
   * Sets the bounds; `ws` constructs the socket itself, so this follows at once.
   * @param transport the connection beneath it
   * @param onFailure told what whoever took a packet threw: the link ends then, and nothing else
   */
  bound(bounds: SocketBounds, transport: Duplex, onFailure: (error: unknown) => void): void {
    this.#transport = transport;
    this.#bounds = bounds;
    this.#reader = new PacketReader(bounds);
    this.#onFailure = onFailure;
  }

  /** Has packets go to `take` first. */
  read(take: Taker): void {
    this.#take = take;
  }

  /** Goes on behind a packet that had the rest wait. */
  proceed(): void {
    this.#waits = false;
    this.#goOn();
  }

  /** Reads nothing more, until there is no reason left for which it is not to. */
  pauseFor(reason: Pause): void {
    this.#pauses.add(reason);
    this.pause();
  }

  resumeFor(reason: Pause): void {
    if (!this.#pauses.delete(reason)) return;
    if (reason === 'full') this.#goOn();
    if (this.#pauses.size === 0) this.resume();
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
    this.terminate();
  }

  /**
   * Also called by `websocket-stream`, once Aedes has destroyed the stream, and by `ws`: without a reason when a frame
   * is malformed, with one when the peer's half of the closing handshake has come.
   */
  override close(code?: number, reason?: string | Buffer): void {
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
    // Its peer's half of the closing handshake has to be read.
    this.#pauses.clear();
    this.resume();
    super.close(
      farewell ? ENDS[farewell.cause] : (code ?? NORMAL),
      shorten(farewell?.reason ?? malformed) ?? reason,
    );
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event !== 'message') return super.emit(event as 'message', ...(args as never[]));
    const [data, isBinary] = args as [RawData, boolean];
    if (this.#closing) return false;
    if (isBinary) this.#read(() => this.#reader.push(data as Buffer, this.#each));
    else this.end('text-frame', 'a text frame: MQTT travels in binary frames only');
    return true;
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
    if (this.#outbox.length === 0) setImmediate(() => this.#flush());
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
    this.cut('too-slow', `too slow: ${this.outboundBytes} bytes were waiting for it`);
  }

  #flush(): void {
    if (this.#outbox.length === 0) return;
    const packets = this.#outbox;
    this.#outbox = [];
    this.#outboxBytes = 0;
    if (this.readyState !== this.OPEN) return;
    this.#transport.write(framesOf(packets), this.#left);
  }

  /** What was written has left the process. */
  readonly #left = (): void => {
    if (this.#whenCalm.length === 0 || this.congested || this.#closing) return;
    const listeners = this.#whenCalm;
    this.#whenCalm = [];
    for (const listener of listeners) listener();
  };

  readonly #each = (packet: Buffer, type: number): boolean => {
    this.heardAt = performance.now();
    const way = this.#take(packet, type);
    if (way === 'taken') this.#spent += packet.length / BYTES_OF_ONE;
    else this.#passing.push(packet);
    this.#waits = way === 'on, and wait';
    this.#spent += 1;
    return !this.#waits && this.#spent < AT_ONCE;
  };

  /** Reads what is held, unless it has to wait. */
  #goOn(): void {
    if (this.#waits || this.#closing || this.#pauses.has('full') || !this.#reader.holding) return;
    this.#read(() => this.#reader.resume(this.#each));
    if (!this.#reader.holding) this.resumeFor('holding');
  }

  #read(step: () => Violation | undefined): void {
    this.#spent = 0;
    try {
      const violation = step();
      this.#pass();
      if (this.#reader.holding) {
        this.pauseFor('holding');
        if (!this.#waits) setImmediate(() => this.#goOn());
      }
      if (violation) this.#refuse(violation);
    } catch (error) {
      this.#onFailure(error);
      this.end('failure', 'the hub could not take what it sent');
    }
  }

  /** Has the stream read what is for it. */
  #pass(): void {
    const packets = this.#passing;
    if (packets.length === 0) return;
    this.#passing = [];
    super.emit('message', (packets.length === 1 ? packets[0] : Buffer.concat(packets)) as Buffer, true);
  }

  #refuse({ cause, reason, answer }: Violation): void {
    if (answer) this.sendPacket(answer);
    this.end(cause, reason);
  }
}

/** How a link ended whose peer did not say why. */
export const closedBy = (code: number): string =>
  code === BROKEN ? 'the connection broke' : `closed by its peer (${code})`;
