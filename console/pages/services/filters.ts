import { topicFilter } from '#broker/contract/service.ts';
import { FEED_CHANNELS, feedTopic, isId, REQUEST, TOPIC_ROOT, UP } from '#firmware-protocol';
import { problemOf } from '../../fields/check.ts';

/** What somebody wrote, one filter a line. */
export const filtersFrom = (written: string): string[] =>
  written
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

/** A filter among others, from 1, and what is wrong with it. */
export interface FilterProblem {
  readonly at: number;
  readonly message: string;
}

/** The first of them that is no topic filter, or none that may be granted. */
export function filterProblem(filters: readonly string[]): FilterProblem | undefined {
  for (const [at, filter] of filters.entries()) {
    const message = problemOf(topicFilter, filter);
    if (message !== undefined) return { at: at + 1, message };
  }
  return undefined;
}

export type Verb = 'publish' | 'subscribe';

/** Any device's id, where it stands in a topic. */
const DEVICE = '{device}';

const ofDevices = (tenant: string, direction: string, channels: readonly string[]): string[] =>
  channels.map((channel) => `${TOPIC_ROOT}/${tenant}/${DEVICE}/${direction}/${channel}`);

/** Where a service may publish and what it may receive of what is the hub's, whatever its filters allow beyond. */
const WITHIN: Readonly<Record<Verb, (tenant: string) => readonly string[]>> = {
  publish: (tenant) => ofDevices(tenant, 'rq', REQUEST),
  subscribe: (tenant) => [
    ...ofDevices(tenant, 'up', UP),
    ...FEED_CHANNELS.map((channel) => feedTopic(tenant, channel)),
  ],
};

/** Whether a filter matches a topic, or one of its devices' topics. */
function matches(filter: string, topic: string): boolean {
  const [asked, levels] = [filter.split('/'), topic.split('/')];
  for (const [at, level] of asked.entries()) {
    const other = levels[at];
    if (level === '#') return true;
    if (other === undefined) return false;
    if (level !== '+' && level !== other && !(other === DEVICE && isId(level))) return false;
  }
  return asked.length === levels.length;
}

/** Whether a filter allows a service nothing at all: where it points, devices and the hub alone speak or hear. */
export function allowsNothing(verb: Verb, filter: string, tenant: string): boolean {
  if (filter.split('/')[0] !== 'iot') return false;
  return !WITHIN[verb](tenant).some((topic) => matches(filter, topic));
}
