/** Most bytes that the remaining length of an MQTT fixed header takes [MQTT-2.2.3]. */
const LENGTH_BYTES = 4;

export type FramingVerdict = { ok: true } | { ok: false; reason: string };

const OK: FramingVerdict = { ok: true };

/**
 * Follows the packet boundaries in a stream of MQTT bytes that arrives in arbitrary pieces, and refuses a packet
 * by its announced length, before its body is buffered anywhere.
 */
export class PacketFraming {
  readonly #largest: number;
  /** Bytes of the current packet's body still to come. */
  #body = 0;
  /** Bytes of the current fixed header read so far, 0 between packets. */
  #header = 0;
  #length = 0;

  /** @param largest longest packet accepted, header included, in bytes */
  constructor(largest: number) {
    this.#largest = largest;
  }

  push(chunk: Uint8Array): FramingVerdict {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body > 0) {
        const skipped = Math.min(this.#body, chunk.length - at);
        this.#body -= skipped;
        at += skipped;
        continue;
      }
      const byte = chunk[at++] as number;
      if (this.#header === 0) {
        this.#header = 1;
        this.#length = 0;
        continue;
      }
      this.#length += (byte & 0x7f) * 128 ** (this.#header - 1);
      if (byte >= 0x80) {
        if (this.#header === LENGTH_BYTES) return { ok: false, reason: 'a malformed packet length' };
        this.#header += 1;
        continue;
      }
      const total = 1 + this.#header + this.#length;
      if (total > this.#largest) {
        return { ok: false, reason: `a packet of ${total} bytes; at most ${this.#largest} are accepted` };
      }
      this.#header = 0;
      this.#body = this.#length;
    }
    return OK;
  }
}
