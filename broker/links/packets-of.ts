/** Bit of a remaining length's byte that says that another one follows [MQTT-2.2.3]. */
const MORE = 0x80;

/** Cuts bytes that begin with an MQTT packet where packets end; what is left of an incomplete one comes last. */
export function packetsOf(bytes: Uint8Array): Uint8Array[] {
  const packets: Uint8Array[] = [];
  for (let start = 0; start < bytes.length;) {
    let at = start + 1;
    let length = 0;
    for (let weight = 1; at < bytes.length; weight *= 128) {
      const byte = bytes[at++] as number;
      length += (byte & ~MORE) * weight;
      if ((byte & MORE) === 0) break;
    }
    packets.push(bytes.subarray(start, at + length));
    start = at + length;
  }
  return packets;
}
