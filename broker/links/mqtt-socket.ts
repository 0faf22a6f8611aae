import { WebSocket, type RawData } from 'ws';
import { ENDS, type EndCause } from './ends.ts';
import { PacketFraming } from './packet-framing.ts';
import { packetsOf } from './packets-of.ts';

/** The close code of a link that ends without a fault (RFC 6455 §7.4.1). */
const NORMAL = 1000;

/** Bounds on one link, in bytes. */
export interface SocketBounds {
  /** Longest MQTT packet accepted. */
  readonly packet: number;
  /** From here on the link is congested: QoS 0 messages for it are dropped. */
  readonly congested: number;
  /** From here on the link is too slow to be kept. */
  readonly outbound: number;
}

/** A close frame carries at most 123 bytes of reason (RFC 6455 §5.5). */
const REASON_BYTES = 123;

function shorten(reason: string | undefined): string | undefined {
  if (reason === undefined || Buffer.byteLength(reason) <= REASON_BYTES) return reason;
  return new TextDecoder().decode(Buffer.from(reason).subarray(0, REASON_BYTES), { stream: true });
}

/**
 * The WebSocket beneath `websocket-stream`: binary messages only [MQTT-6.0.0-1], packets bounded before they are
 * buffered, and all that is written in one turn of the event loop sent as one frame, or as one frame a packet.
 */
export class MqttSocket extends WebSocket {
  #bounds: SocketBounds | undefined;
  #framing: PacketFraming | undefined;
  #outbox: Uint8Array[] = [];
  #outboxBytes = 0;
  #closing = false;
  #farewell: { cause: EndCause; reason: string } | undefined;
  /** Whether each packet goes out in a frame of its own. */
  packetPerFrame = false;
  /** Why the hub ended this link, once it has. */
  endReason: string | undefined;

  /** Sets the bounds; `ws` constructs the socket itself, so this follows at once. */
  bound(bounds: SocketBounds): void {
    this.#bounds = bounds;
    this.#framing = new PacketFraming(bounds.packet);
  }

  /** Bytes written to this link that have not left the process. */
  get outboundBytes(): number {
    return this.#outboxBytes + this.bufferedAmount;
  }

  get congested(): boolean {
    return this.#bounds !== undefined && this.outboundBytes > this.#bounds.congested;
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

  /**
   * Also called by `websocket-stream`, once Aedes has destroyed the stream, and by `ws` when the peer's half of
   * the closing handshake has come.
   */
  override close(code?: number, reason?: string | Buffer): void {
    const farewell = code === undefined ? this.#farewell : undefined;
    if (!this.#closing) {
      this.#flush();
      this.endReason ??= farewell?.reason;
    }
    this.#closing = true;
    super.close(farewell ? ENDS[farewell.cause] : (code ?? NORMAL), shorten(farewell?.reason) ?? reason);
  }

  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event === 'message') {
      const [data, isBinary] = args as [RawData, boolean];
      if (this.#closing || !this.#accepts(data, isBinary)) return false;
    }
    return super.emit(event as 'message', ...(args as never[]));
  }

  override send(data: Uint8Array, ...rest: unknown[]): void {
    const written = rest.at(-1) as ((error?: Error) => void) | undefined;
    if (this.readyState === this.OPEN && !this.#closing) {
      if (this.#outbox.length === 0) setImmediate(() => this.#flush());
      this.#outbox.push(data);
      this.#outboxBytes += data.length;
      if (this.outboundBytes > (this.#bounds?.outbound ?? Infinity)) {
        this.endReason = `too slow: ${this.outboundBytes} bytes were waiting for it`;
        this.#outbox = [];
        this.#outboxBytes = 0;
        this.terminate();
      }
    }
    // Aedes never waits for a link: what a link may hold back is bounded above.
    written?.();
  }

  #flush(): void {
    if (this.#outbox.length === 0) return;
    const [first] = this.#outbox;
    const frame = this.#outbox.length === 1 ? first : Buffer.concat(this.#outbox, this.#outboxBytes);
    this.#outbox = [];
    this.#outboxBytes = 0;
    if (this.readyState !== this.OPEN) return;
    for (const each of this.packetPerFrame ? packetsOf(frame as Uint8Array) : [frame as Uint8Array]) {
      super.send(each, { binary: true });
    }
  }

  #accepts(data: RawData, isBinary: boolean): boolean {
    if (!isBinary) {
      this.end('text-frame', 'a text frame: MQTT travels in binary frames only');
      return false;
    }
    const verdict = this.#framing?.push(data as Buffer) ?? { ok: true };
    if (!verdict.ok) this.end('packet-too-long', verdict.reason);
    return verdict.ok;
  }
}
