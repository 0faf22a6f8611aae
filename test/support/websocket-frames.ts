import { randomBytes } from 'node:crypto';

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** How a frame is written where it is not as RFC 6455 §5.2 wants it from a client. */
export interface Oddities {
  readonly fin?: boolean;
  /** The three reserved bits. */
  readonly rsv?: number;
  readonly masked?: boolean;
  /** How many bytes its length takes behind the 7 bits: 0, 2 or 8; as few as do by default. */
  readonly lengthBytes?: 0 | 2 | 8;
  /** The length that it announces, whatever it has. */
  readonly announced?: bigint;
}

/** A frame of a client (RFC 6455 §5.2). */
export function frame(opcode: number, payload: Uint8Array = Buffer.alloc(0), odd: Oddities = {}): Buffer {
  const { fin = true, rsv = 0, masked = true, announced = BigInt(payload.length) } = odd;
  const { lengthBytes = announced < 126n ? 0 : announced < 65_536n ? 2 : 8 } = odd;
  const first = (fin ? 0x80 : 0) | (rsv << 4) | opcode;
  const short = lengthBytes === 0 ? Number(announced) : lengthBytes === 2 ? 126 : 127;
  const length = Buffer.alloc(lengthBytes);
  if (lengthBytes === 2) length.writeUInt16BE(Number(announced));
  if (lengthBytes === 8) length.writeBigUInt64BE(announced);
  const head = Buffer.concat([Buffer.of(first, (masked ? 0x80 : 0) | short), length]);
  if (!masked) return Buffer.concat([head, payload]);
  const mask = randomBytes(4);
  const covered = payload.map((byte, at) => byte ^ (mask[at % 4] as number));
  return Buffer.concat([head, mask, covered]);
}

/** A frame that came from a server. */
export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** The whole frames of a server that come first in these bytes. */
export function framesIn(bytes: Buffer): Frame[] {
  const frames: Frame[] = [];
  for (let at = 0; bytes.length >= at + 2;) {
    const short = (bytes[at + 1] as number) & 0x7f;
    const lengthBytes = short < 126 ? 0 : short === 126 ? 2 : 8;
    const start = at + 2 + lengthBytes;
    if (bytes.length < start) break;
    const length = lengthBytes === 0 ? short : Number(BigInt(`0x${bytes.toString('hex', at + 2, start)}`));
    if (bytes.length < start + length) break;
    frames.push({ opcode: (bytes[at] as number) & 0x0f, payload: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return frames;
}

/** The payload of a close frame (RFC 6455 §5.5.1). */
export function closePayload(code: number, reason: Uint8Array = Buffer.alloc(0)): Buffer {
  return Buffer.concat([Buffer.of(code >> 8, code & 0xff), reason]);
}
