import {
  DOWN,
  FEED_CHANNELS,
  isId,
  parseTopic,
  REQUEST,
  tokenTopic,
  TOPIC_ROOT,
  UP,
  type Topic,
} from '#firmware-protocol';
import type { Principal } from '../auth/principal.ts';
import { covers, isTopicName, matches } from './filters.ts';

/** What somebody is to the table below. */
export type Party = 'device' | 'viewer' | 'operator' | 'admin' | 'service';

/** Topics that somebody may publish to, and that they may subscribe to and receive. */
export interface Rights {
  readonly publish: readonly string[];
  readonly receive: readonly string[];
}

const TENANT = `${TOPIC_ROOT}/{tenant}`;
const OWN_REPORTS = `${TENANT}/{self}/up/{up}`;
const OWN_ORDERS = `${TENANT}/{self}/dn/{down}`;
const REPORTS = `${TENANT}/{device}/up/{up}`;
const REQUESTS = `${TENANT}/{device}/rq/{request}`;
const FEEDS = `${TENANT}/@hub/ev/{feed}`;
const RENEWAL = tokenTopic('{tenant}');
const FREE = '{free}/#';

/**
 * Who may do what over MQTT. Everything that is not in this table is denied. `{self}` is one's own id, `{device}` any
 * device's, `{free}` a first level that is neither the protocol's ("iot") nor the server's own ("$…"). What a service
 * may do is what this table and its own topic filters both allow.
 */
export const TOPICS: Readonly<Record<Party, Rights>> = {
  device: { publish: [OWN_REPORTS, RENEWAL], receive: [OWN_ORDERS] },
  viewer: { publish: [RENEWAL], receive: [REPORTS, FEEDS] },
  operator: { publish: [RENEWAL, REQUESTS], receive: [REPORTS, FEEDS] },
  admin: { publish: [RENEWAL, REQUESTS], receive: [REPORTS, FEEDS] },
  service: { publish: [REQUESTS, FREE], receive: [REPORTS, FEEDS, FREE] },
};

interface Place {
  /** Whether a level of a topic name stands there. */
  readonly accepts: (level: string, who: Principal) => boolean;
  /** Wildcards of a topic filter that may stand there: what they match beyond it is not forwarded. */
  readonly wildcards: readonly string[];
}

const among =
  (channels: readonly string[]): Place['accepts'] =>
  (level) =>
    channels.includes(level);

const PLACES: Readonly<Record<string, Place>> = {
  '{tenant}': { accepts: (level, { tenant }) => level === tenant, wildcards: [] },
  '{self}': { accepts: (level, { id }) => level === id, wildcards: [] },
  '{device}': { accepts: isId, wildcards: ['+'] },
  '{up}': { accepts: among(UP), wildcards: ['+', '#'] },
  '{down}': { accepts: among(DOWN), wildcards: ['+', '#'] },
  '{request}': { accepts: among(REQUEST), wildcards: [] },
  '{feed}': { accepts: among(FEED_CHANNELS), wildcards: [] },
  '{free}': { accepts: (level) => level !== 'iot' && !level.startsWith('$'), wildcards: [] },
};

type Pattern = readonly string[];

/** The table, cut into levels once. */
const RULES = new Map(
  Object.entries(TOPICS).map(([party, { publish, receive }]) => [
    party,
    { publish: publish.map(levelsOf), receive: receive.map(levelsOf) },
  ]),
);

function levelsOf(pattern: string): Pattern {
  return pattern.split('/');
}

export const partyOf = (who: Principal): Party => (who.kind === 'person' ? who.role : who.kind);

/** What somebody publishes, as far as they may. */
export type Publication =
  | { readonly kind: 'report' | 'request'; readonly topic: Topic }
  /** A new token for the link that it comes over. */
  | { readonly kind: 'renewal' }
  /** None of the hub's business: from services to services. */
  | { readonly kind: 'free' };

/** What a publication to a topic is, or undefined where it is not allowed. */
export function publication(who: Principal, topic: string): Publication | undefined {
  if (!isTopicName(topic) || !allows('publish', topic, who)) return undefined;
  if (who.kind === 'service' && !who.publish.some((grant) => matches(grant, topic))) return undefined;
  const parsed = parseTopic(topic);
  if (parsed) return { kind: parsed.direction === 'up' ? 'report' : 'request', topic: parsed };
  return { kind: topic === tokenTopic(who.tenant) ? 'renewal' : 'free' };
}

/** Whether somebody may subscribe to a topic filter. What it matches beyond their rights is not forwarded to them. */
export function maySubscribe(who: Principal, filter: string): boolean {
  if (who.kind === 'service') return who.subscribe.some((grant) => covers(grant, filter));
  return allows('receive', filter, who, true);
}

/** Whether a message on a topic may be forwarded to somebody. */
export function mayReceive(who: Principal, topic: string): boolean {
  if (!allows('receive', topic, who)) return false;
  return who.kind !== 'service' || who.subscribe.some((grant) => matches(grant, topic));
}

/** @param wild whether it is a topic filter, in which wildcards may stand */
function allows(verb: keyof Rights, topic: string, who: Principal, wild = false): boolean {
  const levels = levelsOf(topic);
  return RULES.get(partyOf(who))?.[verb].some((rule) => fits(rule, levels, who, wild)) ?? false;
}

function fits(rule: Pattern, levels: Pattern, who: Principal, wild: boolean): boolean {
  for (const [at, expected] of rule.entries()) {
    if (expected === '#') return true;
    const level = levels[at];
    if (level === undefined) return false;
    const place = PLACES[expected];
    const stands = place ? place.accepts(level, who) : expected === level;
    if (!stands && !(wild && place?.wildcards.includes(level))) return false;
  }
  return rule.length === levels.length;
}
