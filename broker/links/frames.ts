/** The first byte of a binary message in one frame: FIN, and the opcode 2 (RFC 6455 §5.2). */
const FINAL_BINARY = 0x82;
/** Up to here the length of a payload stands in the second byte, and up to here in two more. */
const SHORT = 125;
const MEDIUM = 65_535;

const headerLength = (payload: number): number => (payload <= SHORT ? 2 : payload <= MEDIUM ? 4 : 10);

/**
 * Packets as WebSocket messages of one frame each, as a server sends them, unmasked (RFC 6455 §5.1), in one piece: so
 * that all of them take one write, and clients that read one packet of each frame read all of them.
 */
export function framesOf(packets: readonly Uint8Array[]): Buffer {
  let length = 0;
  for (const packet of packets) length += headerLength(packet.length) + packet.length;
  const frames = Buffer.allocUnsafe(length);
  let at = 0;
  for (const packet of packets) {
    at = writeHeader(frames, at, packet.length);
    frames.set(packet, at);
    at += packet.length;
  }
  return frames;
}

function writeHeader(frames: Buffer, at: number, payload: number): number {
  frames[at] = FINAL_BINARY;
  if (payload <= SHORT) {
    frames[at + 1] = payload;
    return at + 2;
  }
  if (payload <= MEDIUM) {
    frames[at + 1] = 126;
    return frames.writeUInt16BE(payload, at + 2);
  }
  frames[at + 1] = 127;
  return frames.writeBigUInt64BE(BigInt(payload), at + 2);
}
