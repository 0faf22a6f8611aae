/** Bit of a remaining length's byte that says that another one follows [MQTT-2.2.3]. */
const MORE = 0x80;

/** Cuts a stream of MQTT bytes where packets end. What is left of an unfinished one waits for its rest. */
export class PacketCutter {
  #rest: Uint8Array | undefined;

  /** The packets that end within these bytes, in order. */
  push(bytes: Uint8Array): Uint8Array[] {
    const whole = this.#rest ? Buffer.concat([this.#rest, bytes]) : bytes;
    const packets: Uint8Array[] = [];
    let start = 0;
    for (let end = endOf(whole, start); end !== undefined; end = endOf(whole, start)) {
      packets.push(whole.subarray(start, end));
      start = end;
    }
    this.#rest = start < whole.length ? whole.subarray(start) : undefined;
    return packets;
  }
}

/** Where the packet that begins at `start` ends; undefined where it does not end yet. */
function endOf(bytes: Uint8Array, start: number): number | undefined {
  let at = start + 1;
  let length = 0;
  for (let weight = 1; at < bytes.length; weight *= 128) {
    const byte = bytes[at++] as number;
    length += (byte & ~MORE) * weight;
    if ((byte & MORE) === 0) return at + length <= bytes.length ? at + length : undefined;
  }
  return undefined;
}
