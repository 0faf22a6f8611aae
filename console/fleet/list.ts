import type { Selection } from '#broker/contract/selection.ts';
import { isReachable, type Presence } from './presence.ts';

/** What the list sorts, filters and searches by. */
export interface Listed {
  readonly id: string;
  readonly name: string;
  readonly place: string;
  readonly tags: readonly string[];
  readonly model: string;
  readonly presence: Presence;
  /** Whether two programs use its id at once. */
  readonly isUsedTwice: boolean;
  /** Hub time in ms; 0 where the device was never seen. */
  readonly seen: number;
}

export const SORTS = ['name', 'place', 'model', 'presence', 'seen'] as const;
export type Sort = (typeof SORTS)[number];

export const PRESENCE_FILTERS = ['any', 'online', 'offline', 'twice'] as const;
export type PresenceFilter = (typeof PRESENCE_FILTERS)[number];

/** What the operator asked of the list. It lives in the address, so that a view can be kept and sent. */
export interface ListQuery {
  readonly search: string;
  readonly presence: PresenceFilter;
  /** Empty for any. */
  readonly model: string;
  readonly tag: string;
  /** The name of a group. */
  readonly group: string;
  readonly sort: Sort;
  readonly descending: boolean;
}

export const WHOLE_LIST: ListQuery = {
  search: '',
  presence: 'any',
  model: '',
  tag: '',
  group: '',
  sort: 'name',
  descending: false,
};

const oneOf = <T extends string>(options: readonly T[], value: string | null, fallback: T): T =>
  options.find((option) => option === value) ?? fallback;

/** Reads the query of an address; what it does not understand falls back to the whole list. */
export function parseListQuery(params: URLSearchParams): ListQuery {
  const sort = params.get('sort') ?? '';
  const descending = sort.startsWith('-');
  return {
    search: params.get('q') ?? '',
    presence: oneOf(PRESENCE_FILTERS, params.get('show'), 'any'),
    model: params.get('model') ?? '',
    tag: params.get('tag') ?? '',
    group: params.get('group') ?? '',
    sort: oneOf(SORTS, descending ? sort.slice(1) : sort, 'name'),
    descending,
  };
}

/** The query of an address, with "?", or empty for the whole list. */
export function formatListQuery(query: ListQuery): string {
  const params = new URLSearchParams();
  if (query.search) params.set('q', query.search);
  if (query.presence !== 'any') params.set('show', query.presence);
  for (const name of ['model', 'tag', 'group'] as const) {
    if (query[name]) params.set(name, query[name]);
  }
  const sort = `${query.descending ? '-' : ''}${query.sort}`;
  if (sort !== WHOLE_LIST.sort) params.set('sort', sort);
  const text = params.toString();
  return text && `?${text}`;
}

/** Whether nothing is filtered away. Sorting does not count. */
export const showsAll = ({ search, presence, model, tag, group }: ListQuery): boolean =>
  search.trim() === '' && presence === 'any' && model === '' && tag === '' && group === '';

/** The devices that are all of what a selection says, but for its group. */
export function memberOf({ ids, tag, model }: Selection): (device: Listed) => boolean {
  const listed = ids && new Set(ids);
  return (device) =>
    (listed?.has(device.id) ?? true) &&
    (tag === undefined || device.tags.includes(tag)) &&
    (model === undefined || device.model === model);
}

/** What the query shows, as a selection that holds whoever fits it at any time; undefined where none can say it. */
export function selectionOf({ search, presence, model, tag, group }: ListQuery): Selection | undefined {
  if (search.trim() !== '' || presence !== 'any') return undefined;
  const said = { ...(model && { model }), ...(tag && { tag }), ...(group && { group }) };
  return Object.keys(said).length === 0 ? { all: true } : said;
}

function isThere({ presence, isUsedTwice }: Listed, asked: PresenceFilter): boolean {
  switch (asked) {
    case 'any':
      return true;
    case 'online':
      return isReachable(presence);
    case 'offline':
      return !isReachable(presence);
    case 'twice':
      return isUsedTwice;
  }
}

function matcher(
  { search, presence, model, tag, group }: ListQuery,
  members: Selection | undefined,
): (device: Listed) => boolean {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  // Nobody is in a group that is not known, or not yet.
  const belongs = group === '' ? () => true : members ? memberOf(members) : () => false;
  return (device) => {
    if (!isThere(device, presence)) return false;
    if (model !== '' && device.model !== model) return false;
    if (tag !== '' && !device.tags.includes(tag)) return false;
    if (!belongs(device)) return false;
    if (words.length === 0) return true;
    const haystack =
      `${device.name}\n${device.id}\n${device.place}\n${device.model}\n${device.tags.join('\n')}`.toLowerCase();
    return words.every((word) => haystack.includes(word));
  };
}

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

/** Devices by name, "lamp 2" before "lamp 10". The costly order, and the one that seldom changes. */
export const byName = (a: Listed, b: Listed): number =>
  collator.compare(a.name, b.name) || (a.id < b.id ? -1 : 1);

const PRESENCE_RANK: Readonly<Record<Presence, number>> = {
  offline: 0,
  awaited: 1,
  updating: 2,
  sleeping: 3,
  online: 4,
  never: 5,
};

/** Empty texts come last, whatever the direction. */
function compareText(a: string, b: string, sign: number): number {
  if (a === b) return 0;
  if (a === '' || b === '') return a === '' ? 1 : -1;
  return a < b ? -sign : sign;
}

function comparator({ sort, descending }: ListQuery): ((a: Listed, b: Listed) => number) | undefined {
  const sign = descending ? -1 : 1;
  switch (sort) {
    case 'name':
      return undefined;
    case 'place':
    case 'model':
      return (a, b) => compareText(a[sort], b[sort], sign);
    case 'presence':
      return (a, b) => sign * (PRESENCE_RANK[a.presence] - PRESENCE_RANK[b.presence]);
    case 'seen':
      return (a, b) => sign * (b.seen - a.seen);
  }
}

/**
 * The devices that the query shows, in its order.
 * @param sorted is in the order of `byName`, which breaks ties
 * @param members who is in the query's group
 */
export function selectDevices<T extends Listed>(
  sorted: readonly T[],
  query: ListQuery,
  members?: Selection,
): T[] {
  const shown = sorted.filter(matcher(query, members));
  const compare = comparator(query);
  if (compare) return shown.sort(compare);
  return query.descending ? shown.reverse() : shown;
}
