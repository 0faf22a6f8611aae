const NOTHING = Buffer.alloc(0);
/** Room for the first bytes that come. */
const FIRST_ROOM = 64;

/** Bytes gathered piece by piece. Their room grows as they come: what is only announced takes none. */
export class Gathered {
  #room: Buffer = NOTHING;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** What has been gathered, in place. */
  get bytes(): Buffer {
    return this.#room.subarray(0, this.#length);
  }

  /**
   * Copies a piece, so that it keeps nothing alive of what it came in.
   * @param most how many bytes there are to be in all, at least what there is with the piece
   */
  add(piece: Uint8Array, most = Infinity): void {
    const length = this.#length + piece.length;
    if (length > this.#room.length) {
      const room = Buffer.allocUnsafe(Math.min(most, Math.max(FIRST_ROOM, 2 * length)));
      room.set(this.bytes);
      this.#room = room;
    }
    this.#room.set(piece, this.#length);
    this.#length = length;
  }

  /** Hands out what has been gathered, and begins anew. */
  take(): Buffer {
    const { bytes } = this;
    this.putBack(NOTHING);
    return bytes;
  }

  /** Goes on from bytes that were taken, without a copy. */
  putBack(rest: Buffer): void {
    this.#room = rest;
    this.#length = rest.length;
  }
}
