import { fieldEnd, textFault } from './text.ts';
import { topicNameFault, type TopicBounds } from './topic.ts';
import { malformed, type Violation } from './violation.ts';

/** The protocol level of MQTT 3.1.1 (§3.1.2.2), and of the version that came after. */
const LEVEL = 4;
const LEVEL_OF_MQTT_5 = 5;
/** The protocol name since MQTT 3.1.1, and that of MQTT 3.1, as they are in a packet. */
const NAME = Buffer.from('\0\x04MQTT');
const OLD_NAME = Buffer.from('\0\x06MQIsdp');
/** CONNACK: unacceptable protocol version (MQTT 3.1.1 §3.2.2.3). */
const UNACCEPTABLE_VERSION = Uint8Array.of(0x20, 2, 0, 1);

/** Bits of the connect flags (MQTT 3.1.1 §3.1.2.3). */
const FLAG = {
  reserved: 0b0000_0001,
  will: 0b0000_0100,
  willQos: 0b0001_1000,
  willRetain: 0b0010_0000,
  password: 0b0100_0000,
  username: 0b1000_0000,
} as const;

const CUT_SHORT = malformed('a CONNECT that ends before its last field [MQTT-3.1.4-1]');
const EXCESS = malformed('a CONNECT with bytes behind its last field [MQTT-3.1.4-1]');
const WRONG_NAME = malformed('a CONNECT whose protocol name is not "MQTT" [MQTT-3.1.2-1]');
const RESERVED_FLAG = malformed('a CONNECT with the reserved flag set [MQTT-3.1.2-3]');
const QOS_WITHOUT_WILL = malformed('a CONNECT with a will QoS and no will [MQTT-3.1.2-13]');
const RETAIN_WITHOUT_WILL = malformed('a CONNECT with will retain and no will [MQTT-3.1.2-15]');
const WILL_QOS_3 = malformed('a CONNECT with will QoS 3 [MQTT-3.1.2-14]');
const PASSWORD_ALONE = malformed('a CONNECT with a password and no user name [MQTT-3.1.2-22]');

/**
 * What is wrong with a CONNECT (MQTT 3.1.1 §3.1). What its client id may be is for whoever knows who it is.
 * @param at where its variable header begins
 */
export function connectFault(packet: Buffer, at: number, bounds: TopicBounds): Violation | undefined {
  const nameEnd = fieldEnd(packet, at);
  if (nameEnd < 0) return CUT_SHORT;
  const name = packet.subarray(at, nameEnd);
  // Of another version nothing is known behind its level.
  if (name.equals(OLD_NAME)) return otherVersion('MQTT 3.1');
  if (!name.equals(NAME)) return WRONG_NAME;
  const level = packet[nameEnd];
  const flags = packet[nameEnd + 1];
  if (level === undefined) return CUT_SHORT;
  if (level !== LEVEL) return otherVersion(level === LEVEL_OF_MQTT_5 ? 'MQTT 5' : `protocol level ${level}`);
  if (flags === undefined) return CUT_SHORT;
  return flagsFault(flags) ?? payloadFault(packet, nameEnd + 4, flags, bounds);
}

/** [MQTT-3.1.2-2] */
function otherVersion(version: string): Violation {
  return {
    cause: 'connect-refused',
    reason: `it speaks ${version}: connect with MQTT 3.1.1 [MQTT-3.1.2-2]`,
    answer: UNACCEPTABLE_VERSION,
  };
}

function flagsFault(flags: number): Violation | undefined {
  if ((flags & FLAG.reserved) !== 0) return RESERVED_FLAG;
  const willQos = flags & FLAG.willQos;
  if ((flags & FLAG.will) === 0) {
    if (willQos !== 0) return QOS_WITHOUT_WILL;
    if ((flags & FLAG.willRetain) !== 0) return RETAIN_WITHOUT_WILL;
  }
  if (willQos === FLAG.willQos) return WILL_QOS_3;
  return (flags & FLAG.password) !== 0 && (flags & FLAG.username) === 0 ? PASSWORD_ALONE : undefined;
}

type FieldFault = (packet: Buffer, from: number, to: number, bounds: TopicBounds) => Violation | undefined;

const anyBytes: FieldFault = () => undefined;

const textNamed =
  (what: string): FieldFault =>
  (packet, from, to) =>
    textFault(packet, from, to, what);

/** The fields of the payload in their order [MQTT-3.1.3-1], each with the flag that says that it is there. */
const FIELDS: readonly (readonly [flag: number, fault: FieldFault])[] = [
  [0, textNamed('a client id')],
  [FLAG.will, topicNameFault],
  [FLAG.will, anyBytes],
  [FLAG.username, textNamed('a user name')],
  [FLAG.password, anyBytes],
];

function payloadFault(
  packet: Buffer,
  payload: number,
  flags: number,
  bounds: TopicBounds,
): Violation | undefined {
  let at = payload;
  for (const [flag, faultOf] of FIELDS) {
    if ((flags & flag) !== flag) continue;
    const end = fieldEnd(packet, at);
    if (end < 0) return CUT_SHORT;
    const fault = faultOf(packet, at + 2, end, bounds);
    if (fault) return fault;
    at = end;
  }
  return at === packet.length ? undefined : EXCESS;
}
