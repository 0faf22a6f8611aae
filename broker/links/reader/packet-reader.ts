import { connectFault } from './connect.ts';
import { firstByteFault } from './first-byte.ts';
import { bodyOf, packetLength } from './fixed-header.ts';
import { Gathered } from './gathered.ts';
import { packetIdFault } from './packet-id.ts';
import { PACKET } from './packet-type.ts';
import { publishFault } from './publish.ts';
import { subscribeFault, unsubscribeFault, type SubscribeBounds } from './subscribe.ts';
import type { Violation } from './violation.ts';

export interface ReaderBounds extends SubscribeBounds {
  /** Longest packet accepted, header included, in bytes. */
  readonly packetBytes: number;
}

/**
 * Takes a packet and its type. The packet is a view of what came: whoever keeps a part of it copies that, lest a few
 * bytes keep a whole read alive. Returns false to have the reader hold what follows until `resume`.
 */
export type Each = (packet: Buffer, type: number) => boolean;

/**
 * Reads what a client sends, in whatever pieces it comes, and lets nothing through that is no sound packet of
 * MQTT 3.1.1. A packet is refused by its announced length, before a byte of its body is kept.
 */
export class PacketReader {
  readonly #bounds: ReaderBounds;
  /** The beginning of a packet whose end has not come. */
  readonly #unfinished = new Gathered();
  /** The length of the unfinished packet, if there is one: 0 while its header is not complete. */
  #announced = 0;
  /** What came while nothing was to be passed. */
  readonly #held = new Gathered();
  #holding = false;
  #connected = false;
  /** Nothing is read any more. */
  #over = false;

  constructor(bounds: ReaderBounds) {
    this.#bounds = bounds;
  }

  /** Whether what follows waits until `resume`. */
  get holding(): boolean {
    return this.#holding;
  }

  /** Bytes that wait here. */
  get buffered(): number {
    return this.#unfinished.length + this.#held.length;
  }

  /**
   * Passes on every whole packet that is sound, in order: without a copy where it came in one piece.
   *
   * While it holds, it keeps what is pushed. Whoever has it hold pauses the socket, so that no more comes than is left
   * of one read, and of the WebSocket message that ends in it.
   * @returns what ends the link; nothing is read after it, nor after a DISCONNECT
   */
  push(chunk: Buffer, each: Each): Violation | undefined {
    if (this.#over) return undefined;
    if (!this.#holding) return this.#read(chunk, each, (rest) => this.#held.add(rest));
    this.#held.add(chunk);
    return undefined;
  }

  /** Holds what is pushed until `resume`. */
  hold(): void {
    this.#holding = true;
  }

  /** Goes on with what was held. Not to be called by `each`. */
  resume(each: Each): Violation | undefined {
    this.#holding = false;
    if (this.#over) return undefined;
    return this.#read(this.#held.take(), each, (rest) => this.#held.putBack(rest));
  }

  #read(chunk: Buffer, each: Each, hold: (rest: Buffer) => void): Violation | undefined {
    let at = 0;
    while (at < chunk.length && !this.#over) {
      if (this.#holding) {
        hold(chunk.subarray(at));
        break;
      }
      const end = this.#unfinished.length > 0 ? this.#finish(chunk, each) : this.#next(chunk, at, each);
      if (typeof end !== 'number') {
        this.#end();
        return end;
      }
      at = end;
    }
    return undefined;
  }

  /** Reads the packet that begins there, as far as it has come. Returns where it ends in the chunk. */
  #next(chunk: Buffer, at: number, each: Each): number | Violation {
    const length = this.#lengthAt(chunk, at);
    if (typeof length !== 'number') return length;
    const end = at + length;
    if (length > 0 && end <= chunk.length) return this.#pass(chunk.subarray(at, end), each) ?? end;
    this.#unfinished.add(chunk.subarray(at), length || Infinity);
    this.#announced = length;
    return chunk.length;
  }

  /** Adds to the unfinished packet what has come of it. Returns where it ends in the chunk. */
  #finish(chunk: Buffer, each: Each): number | Violation {
    let at = 0;
    while (this.#announced === 0) {
      if (at === chunk.length) return at;
      this.#unfinished.add(chunk.subarray(at, (at += 1)));
      const length = this.#lengthAt(this.#unfinished.bytes, 0);
      if (typeof length !== 'number') return length;
      this.#announced = length;
    }
    const end = Math.min(chunk.length, at + this.#announced - this.#unfinished.length);
    this.#unfinished.add(chunk.subarray(at, end), this.#announced);
    if (this.#unfinished.length < this.#announced) return end;
    return this.#pass(this.#unfinished.take(), each) ?? end;
  }

  #lengthAt(bytes: Buffer, at: number): number | Violation {
    const fault = firstByteFault(bytes[at] as number, this.#connected);
    return fault ?? packetLength(bytes, at, this.#bounds.packetBytes);
  }

  #pass(packet: Buffer, each: Each): Violation | undefined {
    const type = (packet[0] as number) >> 4;
    const fault = this.#bodyFault(type, packet);
    if (fault) return fault;
    if (type === PACKET.CONNECT) this.#connected = true;
    // What follows it is none of the client's session [MQTT-3.14.4-2].
    if (type === PACKET.DISCONNECT) this.#end();
    // Where it throws, nothing more is passed.
    this.#holding = true;
    this.#holding = !each(packet, type);
    return undefined;
  }

  #bodyFault(type: number, packet: Buffer): Violation | undefined {
    const body = bodyOf(packet);
    switch (type) {
      case PACKET.PUBLISH:
        return publishFault(packet, body, this.#bounds);
      case PACKET.CONNECT:
        return connectFault(packet, body, this.#bounds);
      case PACKET.SUBSCRIBE:
        return subscribeFault(packet, body, this.#bounds);
      case PACKET.UNSUBSCRIBE:
        return unsubscribeFault(packet, body, this.#bounds);
      case PACKET.PUBACK:
      case PACKET.PUBREC:
      case PACKET.PUBREL:
      case PACKET.PUBCOMP:
        return packetIdFault(packet, body);
      default:
        return undefined;
    }
  }

  #end(): void {
    this.#over = true;
    this.#unfinished.take();
  }
}
