import { FEED_CHANNELS, feedTopic, isId, parseTopic, TOPIC_ROOT, UP, type Topic } from '#firmware-protocol';
import type { Principal } from '../auth/principal.ts';

/**
 * Who may do what over MQTT. Everything that is not in this table is denied.
 *
 *                | publish                  | subscribe and receive
 *   device       | its own up/{channel}     | its own dn/…
 *   viewer       |                          | @hub/ev/{feed}, {any device}/up/… of the tenant
 *   operator     | {any device}/rq/{chan.}  | the same
 *   admin        | the same                 | the same
 */
export function mayPublish(principal: Principal, topic: string): Topic | undefined {
  const parsed = parseTopic(topic);
  if (parsed?.tenant !== principal.tenant) return undefined;
  switch (principal.kind) {
    case 'device':
      return parsed.direction === 'up' && parsed.device === principal.id ? parsed : undefined;
    case 'person':
      return parsed.direction === 'rq' && principal.role !== 'viewer' ? parsed : undefined;
  }
}

export function maySubscribe(principal: Principal, filter: string): boolean {
  if (principal.kind === 'device') return filter.startsWith(downPrefix(principal));
  if (FEED_CHANNELS.some((channel) => filter === feedTopic(principal.tenant, channel))) return true;
  const [root, version, tenant, device, direction, channel, ...rest] = filter.split('/');
  return (
    `${root}/${version}` === TOPIC_ROOT &&
    tenant === principal.tenant &&
    (device === '+' || isId(device)) &&
    direction === 'up' &&
    ['#', '+', ...UP].includes(channel ?? '') &&
    rest.length === 0
  );
}

export function mayReceive(principal: Principal, topic: string): boolean {
  if (principal.kind === 'device') return topic.startsWith(downPrefix(principal));
  const parsed = parseTopic(topic);
  return parsed?.tenant === principal.tenant && (parsed.direction === 'up' || parsed.direction === 'ev');
}

const downPrefix = ({ tenant, id }: Principal): string => `${TOPIC_ROOT}/${tenant}/${id}/dn/`;
