import { PACKET, PUBLISH_FLAG } from './packet-type.ts';
import { malformed, misplaced, type Violation } from './violation.ts';

const NAMES = new Map(Object.entries(PACKET).map(([name, type]): [number, string] => [type, name]));

const FROM_SERVERS: ReadonlySet<number> = new Set([
  PACKET.CONNACK,
  PACKET.SUBACK,
  PACKET.UNSUBACK,
  PACKET.PINGRESP,
]);

/** The flags of these are 0010, of all others but PUBLISH 0000 (MQTT 3.1.1 §2.2.2). */
const FLAGS_0010: ReadonlySet<number> = new Set([PACKET.PUBREL, PACKET.SUBSCRIBE, PACKET.UNSUBSCRIBE]);

const SECOND_CONNECT = misplaced('a second CONNECT [MQTT-3.1.0-2]');
const NO_CONNECT = misplaced('the first packet is no CONNECT [MQTT-3.1.0-1]');

/** What is wrong with each first byte of a packet, wherever it comes. */
const FAULTS = Array.from({ length: 256 }, (_, byte) => faultOf(byte >> 4, byte & 0x0f));

function faultOf(type: number, flags: number): Violation | undefined {
  const name = NAMES.get(type);
  if (name === undefined) return malformed(`a packet of the reserved type ${type} [MQTT-4.8.0-1]`);
  if (FROM_SERVERS.has(type))
    return misplaced(`${article(name)} ${name}, which only servers send [MQTT-4.8.0-1]`);
  if (type === PACKET.PUBLISH) return publishFlagsFault(flags);
  const expected = FLAGS_0010.has(type) ? 0b0010 : 0;
  if (flags === expected) return undefined;
  const [came, due] = [flags, expected].map((bits) => bits.toString(2).padStart(4, '0'));
  return malformed(`${article(name)} ${name} with the flags ${came} instead of ${due} [MQTT-2.2.2-2]`);
}

function article(name: string): string {
  return name.startsWith('U') ? 'an' : 'a';
}

function publishFlagsFault(flags: number): Violation | undefined {
  const qos = flags & PUBLISH_FLAG.qos;
  if (qos === PUBLISH_FLAG.qos) return malformed('a PUBLISH with both QoS bits set [MQTT-3.3.1-4]');
  if (qos === 0 && (flags & PUBLISH_FLAG.dup) !== 0)
    return malformed('a PUBLISH with DUP at QoS 0 [MQTT-3.3.1-2]');
  return undefined;
}

/**
 * What is wrong with a packet by its first byte.
 * @param connected whether a CONNECT has come
 */
export function firstByteFault(byte: number, connected: boolean): Violation | undefined {
  if (byte >> 4 === PACKET.CONNECT) {
    if (connected) return SECOND_CONNECT;
  } else if (!connected) return NO_CONNECT;
  return FAULTS[byte];
}
