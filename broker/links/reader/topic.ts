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
/** The second byte of U+00A0, which follows the control characters U+0080 to U+009F. */
const BEHIND_CONTROLS = 0xa0;

/** What a byte in a topic calls for. */
const PLAIN = 0;
const WILDCARD = 1;
const LOOK = 2;

const CALLS = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (byte === PLUS || byte === HASH) return WILDCARD;
  return byte < 0x20 || byte >= DELETE ? LOOK : PLAIN;
});

/** A topic name, or a topic filter: what it is called, and what is wrong with the wildcards in it. */
interface Kind {
  readonly name: string;
  wildcardFault(packet: Uint8Array, from: number, to: number): Violation | undefined;
}

const WILDCARD_IN_NAME = malformed('a topic name with a wildcard [MQTT-4.7.1-1]');
const HASH_MISPLACED = malformed('a topic filter with "#" that is not its whole last level [MQTT-4.7.1-2]');
const PLUS_MISPLACED = malformed('a topic filter with "+" that is not a whole level [MQTT-4.7.1-3]');

const NAME: Kind = { name: 'a topic name', wildcardFault: () => WILDCARD_IN_NAME };
const FILTER: Kind = { name: 'a topic filter', wildcardFault: misplacedWildcard };

/** What is wrong with the topic name between two places of a packet (MQTT 3.1.1 §4.7). */
export function topicNameFault(
  packet: Uint8Array,
  from: number,
  to: number,
  bounds: TopicBounds,
): Violation | undefined {
  return topicFault(packet, from, to, bounds, NAME);
}

/** What is wrong with the topic filter between two places of a packet (MQTT 3.1.1 §4.7). */
export function topicFilterFault(
  packet: Uint8Array,
  from: number,
  to: number,
  bounds: TopicBounds,
): Violation | undefined {
  return topicFault(packet, from, to, bounds, FILTER);
}

function topicFault(
  packet: Uint8Array,
  from: number,
  to: number,
  { topicBytes, topicLevels }: TopicBounds,
  kind: Kind,
): Violation | undefined {
  const length = to - from;
  if (length === 0) return malformed(`${kind.name} without a character [MQTT-4.7.3-1]`);
  if (length > topicBytes)
    return excessive(`${kind.name} of ${length} bytes; at most ${topicBytes} are accepted`);
  let calls = PLAIN;
  let levels = 1;
  for (let at = from; at < to; at += 1) {
    const byte = packet[at] as number;
    calls |= CALLS[byte] as number;
    if (byte === SLASH) levels += 1;
  }
  if (levels > topicLevels)
    return excessive(`${kind.name} of ${levels} levels; at most ${topicLevels} are accepted`);
  if (calls === PLAIN) return undefined;
  const fault = (calls & LOOK) === 0 ? undefined : characterFault(packet, from, to, kind);
  return fault ?? ((calls & WILDCARD) === 0 ? undefined : kind.wildcardFault(packet, from, to));
}

/** Control characters are refused, as MQTT 3.1.1 §1.5.3 allows; noncharacters, such as U+FFFF, are let through. */
function characterFault(packet: Uint8Array, from: number, to: number, { name }: Kind): Violation | undefined {
  const fault = textFault(packet, from, to, name);
  if (fault) return fault;
  return hasControl(packet, from, to)
    ? malformed(`${name} with a control character (MQTT 3.1.1 §1.5.3)`)
    : undefined;
}

/** Whether well-formed UTF-8 has a control character. */
function hasControl(packet: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at += 1) {
    const byte = packet[at] as number;
    if (byte < 0x20 || byte === DELETE) return true;
    if (byte === LATIN && (packet[at + 1] as number) < BEHIND_CONTROLS) return true;
  }
  return false;
}

function misplacedWildcard(packet: Uint8Array, from: number, to: number): Violation | undefined {
  for (let at = from; at < to; at += 1) {
    const byte = packet[at];
    if (byte !== PLUS && byte !== HASH) continue;
    const begins = at === from || packet[at - 1] === SLASH;
    const last = at === to - 1;
    if (byte === HASH && !(begins && last)) return HASH_MISPLACED;
    if (byte === PLUS && !(begins && (last || packet[at + 1] === SLASH))) return PLUS_MISPLACED;
  }
  return undefined;
}
