import { packetIdFault } from './packet-id.ts';
import { PUBLISH_FLAG } from './packet-type.ts';
import { fieldEnd } from './text.ts';
import { topicNameFault, type TopicBounds } from './topic.ts';
import { malformed, type Violation } from './violation.ts';

const CUT_SHORT = malformed('a PUBLISH that ends within its topic name [MQTT-3.3.2-1]');

/**
 * What is wrong with a PUBLISH behind its first byte (MQTT 3.1.1 §3.3).
 * @param at where its variable header begins
 */
export function publishFault(packet: Buffer, at: number, bounds: TopicBounds): Violation | undefined {
  const topicEnd = fieldEnd(packet, at);
  if (topicEnd < 0) return CUT_SHORT;
  const fault = topicNameFault(packet, at + 2, topicEnd, bounds);
  if (fault !== undefined || ((packet[0] as number) & PUBLISH_FLAG.qos) === 0) return fault;
  return packetIdFault(packet, topicEnd);
}
