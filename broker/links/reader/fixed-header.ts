import { PACKET } from './packet-type.ts';
import { malformed, type Violation } from './violation.ts';

/** Bit of a remaining length's byte that says that another one follows. */
const MORE = 0x80;
/** Most bytes that a remaining length takes (MQTT 3.1.1 §2.2.3). */
const LENGTH_BYTES = 4;

const LENGTH_TOO_LONG = malformed(
  `a remaining length of more than ${LENGTH_BYTES} bytes (MQTT 3.1.1 §2.2.3)`,
);
const LENGTH_PADDED = malformed('a remaining length in more bytes than it takes (MQTT 3.1.1 §2.2.3)');

interface FixedLength {
  readonly length: number;
  readonly otherwise: Violation;
}

const always = (name: keyof typeof PACKET, length: number): [number, FixedLength] => [
  PACKET[name],
  { length, otherwise: malformed(`a ${name} whose remaining length is not ${length} [MQTT-4.8.0-1]`) },
];

/** The remaining lengths of the types that have but one, by type. */
const FIXED_LENGTHS = byType([
  always('PUBACK', 2),
  always('PUBREC', 2),
  always('PUBREL', 2),
  always('PUBCOMP', 2),
  always('PINGREQ', 0),
  always('DISCONNECT', 0),
]);

function byType<T>(entries: [number, T][]): readonly (T | undefined)[] {
  const found = new Map(entries);
  return Array.from({ length: 16 }, (_, type) => found.get(type));
}

/** Where the variable header of a whole packet begins. */
export function bodyOf(packet: Uint8Array): number {
  let at = 1;
  while (((packet[at] as number) & MORE) !== 0) at += 1;
  return at + 1;
}

/**
 * Reads how long a packet is, header included, in bytes: 0 where its header is not complete yet.
 * @param at where the packet begins
 * @param longest longest packet accepted, header included, in bytes
 */
export function packetLength(bytes: Uint8Array, at: number, longest: number): number | Violation {
  let remaining = 0;
  let weight = 1;
  for (let next = at + 1; next < bytes.length; next += 1) {
    const byte = bytes[next] as number;
    remaining += (byte & ~MORE) * weight;
    if ((byte & MORE) === 0) {
      if (byte === 0 && weight > 1) return LENGTH_PADDED;
      return judged(bytes[at] as number, next + 1 - at, remaining, longest);
    }
    if (next - at === LENGTH_BYTES) return LENGTH_TOO_LONG;
    weight *= 128;
  }
  return 0;
}

function judged(first: number, header: number, remaining: number, longest: number): number | Violation {
  const fixed = FIXED_LENGTHS[first >> 4];
  if (fixed !== undefined && fixed.length !== remaining) return fixed.otherwise;
  const length = header + remaining;
  if (length <= longest) return length;
  return {
    cause: 'packet-too-long',
    reason: `a packet of ${length} bytes; at most ${longest} are accepted`,
  };
}
