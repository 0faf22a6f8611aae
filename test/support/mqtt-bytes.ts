/** MQTT packets put together by hand, so that any rule can be broken. */

export const uint16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff]);

/** A string or binary data with its length before it (MQTT 3.1.1 §1.5.3). */
export function field(content: string | Uint8Array): Buffer {
  const bytes = Buffer.from(content as string);
  return Buffer.concat([uint16(bytes.length), bytes]);
}

/** A remaining length (§2.2.3). */
function lengthBytes(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  do {
    bytes.push((rest % 128) + (rest >= 128 ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}

/**
 * A packet with a remaining length that is right.
 * @param first type and flags
 */
export function packetBytes(first: number, ...rest: readonly Uint8Array[]): Buffer {
  const body = Buffer.concat(rest);
  return Buffer.concat([Buffer.from([first]), lengthBytes(body.length), body]);
}

/** Connect flags (§3.1.2.3). */
export const CONNECT_FLAG = {
  reserved: 0x01,
  cleanSession: 0x02,
  will: 0x04,
  willQos1: 0x08,
  willQos2: 0x10,
  willRetain: 0x20,
  password: 0x40,
  userName: 0x80,
} as const;

/** What a CONNECT is made of. */
export interface ConnectParts {
  readonly first: number;
  readonly protocolName: string | Uint8Array;
  readonly level: number;
  readonly flags: number;
  /** Seconds. */
  readonly keepAlive: number;
  /** Fields of the payload, in order. */
  readonly payload: readonly Uint8Array[];
}

/** A CONNECT: of MQTT 3.1.1, with a clean session, no keep alive and an empty client id unless told otherwise. */
export function connectBytes(parts: Partial<ConnectParts>): Buffer {
  const { first, protocolName, level, flags, keepAlive, payload }: ConnectParts = {
    first: 0x10,
    protocolName: 'MQTT',
    level: 4,
    flags: CONNECT_FLAG.cleanSession,
    keepAlive: 0,
    payload: [field('')],
    ...parts,
  };
  const variable = [field(protocolName), Buffer.from([level, flags]), uint16(keepAlive)];
  return packetBytes(first, ...variable, ...payload);
}
