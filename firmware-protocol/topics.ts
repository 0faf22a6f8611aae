import { isId } from './codec/strings.ts';

/** Topics are `iot/1/{tenant}/{device}/{up|dn|rq}/{channel}`; ids that start with "@" are the hub's own. */
export const TOPIC_ROOT = 'iot/1';

export const UP = ['status', 'desc', 'state', 'tele', 'event', 'ack', 'blk'] as const;
export const DOWN = ['cmd', 'ctl', 'desired', 'blk'] as const;
export const REQUEST = ['cmd', 'desired', 'cancel'] as const;
export const FEED_CHANNELS = ['fleet', 'cmd', 'batch'] as const;

export type UpChannel = (typeof UP)[number];
export type DownChannel = (typeof DOWN)[number];
export type RequestChannel = (typeof REQUEST)[number];
export type FeedChannel = (typeof FEED_CHANNELS)[number];

export type Topic =
  | { tenant: string; device: string; direction: 'up'; channel: UpChannel }
  | { tenant: string; device: string; direction: 'dn'; channel: DownChannel }
  | { tenant: string; device: string; direction: 'rq'; channel: RequestChannel }
  | { tenant: string; device: '@hub'; direction: 'ev'; channel: FeedChannel };

const CHANNELS = { up: UP, dn: DOWN, rq: REQUEST, ev: FEED_CHANNELS } as const;

export const upTopic = (tenant: string, device: string, channel: UpChannel): string =>
  `${TOPIC_ROOT}/${tenant}/${device}/up/${channel}`;

export const downTopic = (tenant: string, device: string, channel: DownChannel): string =>
  `${TOPIC_ROOT}/${tenant}/${device}/dn/${channel}`;

/** The filter with which a device receives all that is meant for it. */
export const downFilter = (tenant: string, device: string): string =>
  `${TOPIC_ROOT}/${tenant}/${device}/dn/#`;

export const requestTopic = (tenant: string, device: string, channel: RequestChannel): string =>
  `${TOPIC_ROOT}/${tenant}/${device}/rq/${channel}`;

export const feedTopic = (tenant: string, channel: FeedChannel): string =>
  `${TOPIC_ROOT}/${tenant}/@hub/ev/${channel}`;

/** Where a link's new token goes, before the one that it was made with runs out (SPEC.md 2.11). */
export const tokenTopic = (tenant: string): string => `${TOPIC_ROOT}/${tenant}/@hub/rq/token`;

/** Reads a topic name of the protocol, or returns undefined where it is none. */
export function parseTopic(topic: string): Topic | undefined {
  const levels = topic.split('/');
  const [root, version, tenant, device, direction, channel] = levels;
  if (levels.length !== 6 || root !== 'iot' || version !== '1' || !isId(tenant)) return undefined;
  if (direction === undefined || !Object.hasOwn(CHANNELS, direction)) return undefined;
  if (direction === 'ev' ? device !== '@hub' : !isId(device)) return undefined;
  const channels: readonly string[] = CHANNELS[direction as keyof typeof CHANNELS];
  if (!channels.includes(channel as string)) return undefined;
  return { tenant, device, direction, channel } as Topic;
}
