/** A frame of the hub's. */
export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Reads WebSocket frames as a server sends them, without masks, from bytes in arbitrary pieces (RFC 6455 §5.2). */
export class ServerFrames {
  #bytes: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): ServerFrame[] {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk]);
    const frames: ServerFrame[] = [];
    for (let frame = this.#next(); frame; frame = this.#next()) frames.push(frame);
    return frames;
  }

  #next(): ServerFrame | undefined {
    const [first, second] = this.#bytes;
    if (first === undefined || second === undefined) return undefined;
    const extra = second === 127 ? 8 : second === 126 ? 2 : 0;
    const start = 2 + extra;
    if (this.#bytes.length < start) return undefined;
    const length = extra === 0 ? second : this.#bytes.readUIntBE(extra === 8 ? 4 : 2, extra === 8 ? 6 : 2);
    if (this.#bytes.length < start + length) return undefined;
    const payload = this.#bytes.subarray(start, start + length);
    this.#bytes = this.#bytes.subarray(start + length);
    return { opcode: first & 0x0f, payload };
  }
}
