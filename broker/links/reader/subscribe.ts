import { packetIdFault } from './packet-id.ts';
import { fieldEnd } from './text.ts';
import { topicFilterFault, type TopicBounds } from './topic.ts';
import { excessive, malformed, type Violation } from './violation.ts';

export interface SubscribeBounds extends TopicBounds {
  /** Most topic filters in one SUBSCRIBE or UNSUBSCRIBE. */
  readonly filtersPerSubscribe: number;
}

const MOST_QOS = 2;

const NOTHING_SUBSCRIBED = malformed('a SUBSCRIBE without a topic filter [MQTT-3.8.3-3]');
const NOTHING_UNSUBSCRIBED = malformed('an UNSUBSCRIBE without a topic filter [MQTT-3.10.3-2]');
const CUT_SHORT = malformed('a packet that ends within a topic filter [MQTT-4.8.0-1]');
const WITHOUT_QOS = malformed('a topic filter without a QoS [MQTT-3.8.3-3]');
const BAD_QOS = malformed('a topic filter with a QoS other than 0, 1 and 2 [MQTT-3-8.3-4]');

/**
 * What is wrong with a SUBSCRIBE behind its fixed header (MQTT 3.1.1 §3.8).
 * @param at where its variable header begins
 */
export const subscribeFault = (packet: Buffer, at: number, bounds: SubscribeBounds): Violation | undefined =>
  filtersFault(packet, at, bounds, 'with QoS');

/** The same of an UNSUBSCRIBE (MQTT 3.1.1 §3.10). */
export const unsubscribeFault = (
  packet: Buffer,
  at: number,
  bounds: SubscribeBounds,
): Violation | undefined => filtersFault(packet, at, bounds, 'alone');

function filtersFault(
  packet: Buffer,
  start: number,
  bounds: SubscribeBounds,
  filters: 'with QoS' | 'alone',
): Violation | undefined {
  const idFault = packetIdFault(packet, start);
  if (idFault) return idFault;
  let at = start + 2;
  if (at === packet.length) return filters === 'alone' ? NOTHING_UNSUBSCRIBED : NOTHING_SUBSCRIBED;
  for (let count = 1; at < packet.length; count += 1) {
    if (count > bounds.filtersPerSubscribe)
      return excessive(`more than ${bounds.filtersPerSubscribe} topic filters in one packet`);
    const end = fieldEnd(packet, at);
    if (end < 0) return CUT_SHORT;
    const fault = topicFilterFault(packet, at + 2, end, bounds);
    if (fault) return fault;
    at = end;
    if (filters === 'alone') continue;
    const qos = packet[at];
    if (qos === undefined) return WITHOUT_QOS;
    if (qos > MOST_QOS) return BAD_QOS;
    at += 1;
  }
  return undefined;
}
