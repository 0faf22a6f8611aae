/** FIN and the opcode of a binary frame (RFC 6455 §5.2). */
const BINARY = 0x82;
const OPCODE = 0x0f;
const CLOSE = 8;
const MASKED = 0x80;
/** A payload length that says that the real one follows, in two or in eight bytes. */
const [IN_TWO, IN_EIGHT] = [126, 127];

/**
 * A packet as a client's frame. Its masking key is zero, which saves the client the work of masking and the hub nothing:
 * it unmasks all the same.
 */
export function clientFrame(packet: Uint8Array): Buffer {
  const { length } = packet;
  if (length > 65_535) throw new RangeError(`a packet of ${length} bytes`);
  const header =
    length < IN_TWO ? [BINARY, MASKED | length] : [BINARY, MASKED | IN_TWO, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([...header, 0, 0, 0, 0]), packet]);
}

/** Takes the payloads out of a server's frames, which are not masked. Rejects what a hub does not send. */
export class FrameReader {
  #rest: Buffer | undefined;

  /** Calls back with each payload that is complete; without a copy where it came in one piece. */
  push(chunk: Buffer, each: (payload: Buffer) => void): void {
    const bytes = this.#rest ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = 0;
    for (;;) {
      const start = payloadStart(bytes, at);
      const end = start + payloadLength(bytes, at);
      if (!(end <= bytes.length)) break;
      const opcode = (bytes[at] as number) & OPCODE;
      if (opcode < CLOSE) each(bytes.subarray(start, end));
      at = end;
    }
    this.#rest = at < bytes.length ? bytes.subarray(at) : undefined;
  }
}

function payloadStart(bytes: Buffer, at: number): number {
  const length = bytes[at + 1];
  return at + (length === IN_TWO ? 4 : length === IN_EIGHT ? 10 : 2);
}

/** NaN where not enough has come to tell. */
function payloadLength(bytes: Buffer, at: number): number {
  const length = bytes[at + 1] ?? NaN;
  if (!(payloadStart(bytes, at) <= bytes.length)) return NaN;
  if (length === IN_TWO) return bytes.readUInt16BE(at + 2);
  return length === IN_EIGHT ? Number(bytes.readBigUInt64BE(at + 2)) : length;
}
