import { textFault } from './text.ts';
import { excessive, malformed, type Violation } from './violation.ts';

export interface TopicBounds {
  /** Longest topic name or filter, in bytes. */
  readonly topicBytes: number;
  /** Most levels of a topic name or filter. */
  readonly topicLevels: number;
}

const SLASH = 0x2f;
const PLUS = 0x2b;
const HASH = 0x23;
const DELETE = 0x7f;
/** The first byte of U+0080 to U+00BF in UTF-8. */
const LATIN = 0xc2;
/** The second byte of the first character after the control characters U+0080 to U+009F. */
const AFTER_CONTROLS = 0xa0;

const EMPTY = malformed('an empty topic [MQTT-4.7.3-1]');
const WILDCARD_IN_NAME = malformed('a topic name with a wildcard [MQTT-4.7.1-1]');
const HASH_MISPLACED = malformed('a topic filter with "#" other than as its last level [MQTT-4.7.1-2]');
const PLUS_MISPLACED = malformed('a topic filter with "+" beside other characters in a level [MQTT-4.7.1-3]');
const CONTROL = malformed('a topic with a control character (MQTT 3.1.1 §1.5.3)');

const WILDCARD = 1;
const NEEDS_A_LOOK = 2;

/** What is to be done about a topic, by the bytes that it has. */
const KINDS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === PLUS || byte === HASH) return WILDCARD;
  return byte < 0x20 || byte >= DELETE ? NEEDS_A_LOOK : 0;
});

type Fault = Violation | undefined;

/** What is wrong with the topic name between two places of a packet. */
export const topicNameFault = (packet: Uint8Array, from: number, to: number, bounds: TopicBounds): Fault =>
  topicFault(packet, from, to, bounds, () => WILDCARD_IN_NAME);

/** What is wrong with the topic filter between two places of a packet. */
export const topicFilterFault = (packet: Uint8Array, from: number, to: number, bounds: TopicBounds): Fault =>
  topicFault(packet, from, to, bounds, wildcardFault);

function topicFault(
  packet: Uint8Array,
  from: number,
  to: number,
  { topicBytes, topicLevels }: TopicBounds,
  judgeWildcards: typeof wildcardFault,
): Fault {
  if (from === to) return EMPTY;
  if (to - from > topicBytes)
    return excessive(`a topic of ${to - from} bytes; at most ${topicBytes} are accepted`);
  let kinds = 0;
  let levels = 1;
  for (let at = from; at < to; at += 1) {
    const byte = packet[at] as number;
    kinds |= KINDS[byte] as number;
    if (byte === SLASH) levels += 1;
  }
  if (levels > topicLevels)
    return excessive(`a topic of ${levels} levels; at most ${topicLevels} are accepted`);
  if (kinds === 0) return undefined;
  return (
    ((kinds & NEEDS_A_LOOK) !== 0 ? characterFault(packet, from, to) : undefined) ??
    ((kinds & WILDCARD) !== 0 ? judgeWildcards(packet, from, to) : undefined)
  );
}

/** Control characters are in no topic that somebody wants; the standard leaves it to the server (MQTT 3.1.1 §1.5.3). */
function characterFault(packet: Uint8Array, from: number, to: number): Fault {
  const fault = textFault(packet, from, to);
  if (fault) return fault;
  for (let at = from; at < to; at += 1) {
    const byte = packet[at] as number;
    if (byte < 0x20 || byte === DELETE) return CONTROL;
    if (byte === LATIN && (packet[at + 1] as number) < AFTER_CONTROLS) return CONTROL;
  }
  return undefined;
}

function wildcardFault(packet: Uint8Array, from: number, to: number): Fault {
  for (let at = from; at < to; at += 1) {
    const byte = packet[at];
    if (byte !== PLUS && byte !== HASH) continue;
    const first = at === from || packet[at - 1] === SLASH;
    const last = at === to - 1;
    if (byte === HASH && !(first && last)) return HASH_MISPLACED;
    if (byte === PLUS && !(first && (last || packet[at + 1] === SLASH))) return PLUS_MISPLACED;
  }
  return undefined;
}
