import { PacketReader, type ReaderBounds } from '#broker/links/reader/packet-reader.ts';
import type { Violation } from '#broker/links/reader/violation.ts';
import { bytesOf, connectPacket } from '../../../../support/raw-client.ts';

export const BOUNDS: ReaderBounds = {
  packetBytes: 65_536,
  topicBytes: 1_024,
  topicLevels: 64,
  filtersPerSubscribe: 1_000,
};

export const CONNECT = bytesOf(connectPacket({ clientId: 'reader' }));

/** What a reader made of the pieces that it was given. */
export interface Reading {
  readonly passed: Buffer[];
  readonly violation: Violation | undefined;
}

/** Gives a reader pieces, until it finds a violation. */
export function read(pieces: readonly Buffer[], reader: PacketReader = new PacketReader(BOUNDS)): Reading {
  const passed: Buffer[] = [];
  for (const piece of pieces) {
    const violation = reader.push(piece, (packet) => passed.push(packet) > 0);
    if (violation) return { passed, violation };
  }
  return { passed, violation: undefined };
}

/** A reader that has let a CONNECT through. */
export function connected(bounds: ReaderBounds = BOUNDS): PacketReader {
  const reader = new PacketReader(bounds);
  reader.push(CONNECT, () => true);
  return reader;
}

export const byteByByte = (bytes: Buffer): Buffer[] => [...bytes].map((byte) => Buffer.from([byte]));
