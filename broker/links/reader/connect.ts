import { fieldEnd, textFault } from './text.ts';
import { topicNameFault, type TopicBounds } from './topic.ts';
import { malformed, type Violation } from './violation.ts';

/** MQTT 3.1.1 (§3.1.2.2). */
const LEVEL = 4;
const LEVEL_NAMES: Readonly<Record<number, string>> = { 3: 'MQTT 3.1', 5: 'MQTT 5' };
/** Since MQTT 3.1.1, and in MQTT 3.1. */
const [NAME, OLD_NAME] = ['MQTT', 'MQIsdp'].map((name) =>
  Buffer.from([0, name.length, ...Buffer.from(name)]),
) as [Buffer, Buffer];
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
  const name = fieldEnd(packet, at);
  if (name < 0) return CUT_SHORT;
  const protocol = packet.subarray(at, name);
  if (!protocol.equals(NAME) && !protocol.equals(OLD_NAME)) return WRONG_NAME;
  // Of another version, no more is known than its level.
  const level = packet[name];
  if (level === undefined) return CUT_SHORT;
  if (level !== LEVEL || protocol.equals(OLD_NAME)) return otherVersion(level);
  const flags = packet[name + 1];
  if (flags === undefined) return CUT_SHORT;
  return flagsFault(flags) ?? payloadFault(packet, name + 4, flags, bounds);
}

/** [MQTT-3.1.2-2] */
function otherVersion(level: number): Violation {
  const version = LEVEL_NAMES[level] ?? `MQTT at protocol level ${level}`;
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

/** The fields of the payload in their order, each with the flag that says that it is there [MQTT-3.1.3-1]. */
const FIELDS: readonly (readonly [flag: number | undefined, fault: FieldFault])[] = [
  [undefined, textFault],
  [FLAG.will, topicNameFault],
  [FLAG.will, anyBytes],
  [FLAG.username, textFault],
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
    if (flag !== undefined && (flags & flag) === 0) continue;
    const end = fieldEnd(packet, at);
    if (end < 0) return CUT_SHORT;
    const fault = faultOf(packet, at + 2, end, bounds);
    if (fault) return fault;
    at = end;
  }
  return at === packet.length ? undefined : EXCESS;
}
