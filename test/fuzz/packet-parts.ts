/** The types of control packets (MQTT 3.1.1 §2.2.1). */
export const TYPES = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
} as const;

/** A part of a packet: a number of a fixed size, bytes behind their length [1.5.3], or all that comes last. */
export interface Part {
  readonly kind: 'number' | 'counted' | 'rest';
  readonly bytes: Uint8Array;
}

/** A control packet in its parts, of which each can be changed with the others left whole. */
export interface PacketParts {
  readonly type: number;
  /** The lower four bits of the first byte [2.2.2]. */
  readonly flags: number;
  readonly parts: readonly Part[];
}

export const byte = (value: number): Part => ({ kind: 'number', bytes: Uint8Array.of(value) });

export const number16 = (value: number): Part => ({
  kind: 'number',
  bytes: Uint8Array.of((value >> 8) & 0xff, value & 0xff),
});

export const counted = (text: string | Uint8Array): Part => ({
  kind: 'counted',
  bytes: typeof text === 'string' ? Buffer.from(text) : text,
});

export const rest = (bytes: Uint8Array): Part => ({ kind: 'rest', bytes });

/** A remaining length as the least bytes that hold it [2.2.3]. */
export function lengthBytes(length: number): number[] {
  const bytes: number[] = [];
  let left = length;
  do {
    bytes.push((left % 128) + (left >= 128 ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return bytes;
}

/** What comes behind the remaining length. */
export function bodyOf({ parts }: Pick<PacketParts, 'parts'>): Uint8Array {
  return Buffer.concat(
    parts.flatMap(({ kind, bytes }) =>
      kind === 'counted' ? [number16(bytes.length).bytes, bytes] : [bytes],
    ),
  );
}

/** @param announced the bytes of the remaining length, where they are not what the body has */
export function encode(packet: PacketParts, announced?: readonly number[]): Uint8Array {
  const body = bodyOf(packet);
  const head = [(packet.type << 4) | packet.flags, ...(announced ?? lengthBytes(body.length))];
  return Buffer.concat([Uint8Array.from(head), body]);
}
