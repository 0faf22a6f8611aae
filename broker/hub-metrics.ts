import type { Fleet } from './fleet/fleet.ts';
import type { History } from './history/history.ts';
import { ENDS } from './links/ends.ts';
import type { Connections } from './links/admission.ts';
import type { LinkCounts, LinkEnd } from './links/link-counts.ts';
import { PACKET } from './links/reader/packet-type.ts';
import { REFUSALS, type RefusalCause } from './links/refusals.ts';
import { counter, gauge, type Metric } from './metrics/exposition.ts';
import type { MqttFigures } from './mqtt/broker.ts';

/** Types of packets that clients send, and that the hub does, in the order of their numbers. */
const FROM_CLIENTS = [
  'CONNECT',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'PINGREQ',
  'DISCONNECT',
] as const;
const FROM_THE_HUB = [
  'CONNACK',
  'PUBLISH',
  'PUBACK',
  'PUBREC',
  'PUBREL',
  'PUBCOMP',
  'SUBACK',
  'UNSUBACK',
  'PINGRESP',
] as const;

const LINK_ENDS = [...(Object.keys(ENDS) as LinkEnd[]), 'peer', 'broken'] as const;

const REFUSAL_CAUSES = Object.keys(REFUSALS) as RefusalCause[];

/** What is at the door, and what was turned away there. */
export function doorMetrics(
  { waiting, halfOpen }: Omit<Connections, 'links'>,
  refusals: ReadonlyMap<RefusalCause, number>,
): Metric[] {
  return [
    gauge('switchyard_connections_waiting', 'Connections whose handshake has not begun.', waiting),
    gauge('switchyard_connections_half_open', 'Other connections that are no links.', halfOpen),
    counter('switchyard_refusals_total', 'Connections and requests that were refused, by the cause.', {
      label: 'cause',
      values: REFUSAL_CAUSES.map((cause) => [cause, refusals.get(cause) ?? 0]),
    }),
  ];
}

/** What went over links, and what became of them. */
export function linkMetrics(counts: LinkCounts, outboundBytes: number): Metric[] {
  const { accepted, ends, received, sent, receivedBytes, sentBytes, holds } = counts;
  const held = Object.entries(holds);
  return [
    counter('switchyard_links_accepted_total', 'Links that were accepted.', accepted),
    counter('switchyard_link_ends_total', 'Links that ended, by the cause.', {
      label: 'cause',
      values: LINK_ENDS.map((cause) => [cause, ends.get(cause) ?? 0]),
    }),
    counter('switchyard_packets_received_total', 'MQTT packets from clients.', {
      label: 'type',
      values: byType(received, FROM_CLIENTS),
    }),
    counter('switchyard_packets_sent_total', 'MQTT packets to clients.', {
      label: 'type',
      values: byType(sent, FROM_THE_HUB),
    }),
    counter('switchyard_messages_received_total', 'Messages that were published.', {
      label: 'qos',
      values: byQos(received),
    }),
    counter('switchyard_messages_sent_total', 'Messages that were sent to clients.', {
      label: 'qos',
      values: byQos(sent),
    }),
    counter('switchyard_received_bytes_total', 'Bytes of MQTT packets from clients.', receivedBytes),
    counter('switchyard_sent_bytes_total', 'Bytes of MQTT packets to clients.', sentBytes),
    gauge('switchyard_outbound_bytes', 'Bytes that wait to be sent over links.', outboundBytes),
    counter(
      'switchyard_holds_total',
      'How often a link was not read for a while, by the rate that asked for it.',
      {
        label: 'rate',
        values: held.map(([rate, { times }]) => [rate, times]),
      },
    ),
    counter(
      'switchyard_held_seconds_total',
      'For how long links were not read, by the rate that asked for it.',
      {
        label: 'rate',
        values: held.map(([rate, { ms }]) => [rate, ms / 1_000]),
      },
    ),
  ];
}

/** What the broker has, and what it dropped. */
export function mqttMetrics({ links, subscriptions, sessions, retained, drops }: MqttFigures): Metric[] {
  return [
    gauge('switchyard_links', 'Links that there are, by whose they are.', { label: 'of', values: links }),
    gauge('switchyard_subscriptions', 'Subscriptions of all sessions.', subscriptions),
    gauge('switchyard_kept_sessions', 'Sessions that are kept for services.', sessions.sessions),
    gauge('switchyard_kept_sessions_waiting_messages', 'Messages that wait in them.', sessions.messages),
    gauge('switchyard_kept_sessions_waiting_bytes', 'Bytes that wait in them.', sessions.bytes),
    gauge('switchyard_retained_messages', 'Messages that are retained.', retained.messages),
    gauge('switchyard_retained_service_messages', 'Those of services.', retained.ofServices),
    gauge('switchyard_retained_service_bytes', 'Bytes of those of services.', retained.bytesOfServices),
    counter(
      'switchyard_not_retained_total',
      'Messages that were forwarded and could not be retained.',
      retained.refused,
    ),
    counter('switchyard_messages_dropped_total', 'Messages that did not go to somebody, by the cause.', {
      label: 'cause',
      values: drops,
    }),
  ];
}

/** What the devices of the hub are doing, and whether it can keep what they say. */
export function fleetMetrics(
  fleet: Pick<Fleet, 'count' | 'trouble'>,
  history: Pick<History, 'state'>,
): Metric[] {
  const { devices, online, twice, lost } = fleet.count();
  const { samples, bytes, dropped } = history.state();
  return [
    gauge(
      'switchyard_degraded',
      '1 while the hub cannot store what it must.',
      fleet.trouble === undefined ? 0 : 1,
    ),
    gauge('switchyard_devices', 'Devices that are registered.', devices),
    gauge('switchyard_devices_online', 'Devices that have a link.', online),
    gauge('switchyard_devices_twice', 'Devices whose id two programs use at once.', twice),
    counter('switchyard_device_messages_lost_total', 'Messages of devices that never came.', lost),
    gauge('switchyard_history_samples', 'Samples of telemetry that are kept.', samples),
    gauge('switchyard_history_bytes', 'Bytes that they take on the disk.', bytes),
    counter('switchyard_history_dropped_total', 'Samples of telemetry that could not be kept.', dropped),
  ];
}

/** @param counts by the first byte of packets, whose upper half is their type */
const byType = (counts: Float64Array, types: readonly (keyof typeof PACKET)[]): [string, number][] =>
  types.map((type) => {
    const first = PACKET[type] << 4;
    return [type, counts.subarray(first, first + 16).reduce((sum, count) => sum + count)];
  });

/** The QoS of a PUBLISH stands in two bits of its first byte (MQTT 3.1.1 §3.3.1.2). */
const byQos = (counts: Float64Array): [string, number][] =>
  [0, 1, 2].map((qos) => {
    const withFlags = [0b0000, 0b0001, 0b1000, 0b1001].map(
      (flags) => (PACKET.PUBLISH << 4) | flags | (qos << 1),
    );
    return [String(qos), withFlags.reduce((sum, byte) => sum + (counts[byte] as number), 0)];
  });
