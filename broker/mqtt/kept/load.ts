import { topicFilterFault, topicNameFault } from '../../links/reader/topic.ts';
import type { KeptSessionRecord, KeptSessionStore } from '../../store/kept-sessions.ts';
import type { Qos } from '../message.ts';
import type { Kept } from '../session/outgoing-queue.ts';
import type { LastNumbers } from './journal.ts';

/** How many messages are read at once. */
const PAGE = 500;
/** What was accepted once stays so, whatever the settings say now. */
const ANY_TOPIC = { topicBytes: 65_535, topicLevels: Number.MAX_SAFE_INTEGER };

/** A session as it is stored. */
export interface StoredSession {
  readonly record: KeptSessionRecord;
  readonly filters: readonly { readonly filter: string; readonly qos: Qos }[];
  /** In the order of publication. */
  readonly messages: readonly Kept[];
  /** Identifiers of QoS 2 messages that came, in their order, and of those that are to be released, in that of PUBRECs. */
  readonly received: readonly number[];
  readonly released: readonly number[];
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] extends readonly (infer R)[] ? R[] : T[K] };

/**
 * Reads all that is stored of sessions. A message that several of them have is in memory once.
 * @throws StoreError where the store fails
 */
export async function loadSessions(
  store: Pick<KeptSessionStore, 'keptSessions' | 'keptDeliveries'>,
): Promise<{ readonly sessions: readonly StoredSession[]; readonly last: LastNumbers }> {
  const { sessions, filters, ids } = await store.keptSessions();
  const loaded = new Map<number, Mutable<StoredSession>>();
  for (const record of sessions) {
    loaded.set(record.number, { record, filters: [], messages: [], received: [], released: [] });
  }
  for (const { session, filter, qos } of filters) {
    loaded.get(session)?.filters.push({ filter, qos: qos as Qos });
  }
  for (const { session, kind, packetId } of ids) loaded.get(session)?.[kind].push(packetId);
  let number = ids.at(-1)?.place ?? 0;
  for await (const { session, message, id } of deliveries(store)) {
    loaded.get(session)?.messages.push({ message, id });
    number = Math.max(number, message.number);
  }
  return {
    sessions: [...loaded.values()],
    last: { session: sessions.at(-1)?.number ?? 0, number },
  };
}

/** Why a session cannot go on as it is stored, as a sentence; undefined where it can. */
export function storedFault({ filters, messages, released }: StoredSession): string | undefined {
  for (const { filter } of filters) {
    const bytes = Buffer.from(filter);
    const fault = topicFilterFault(bytes, 0, bytes.length, ANY_TOPIC);
    if (fault) return `${fault.reason} is stored`;
  }
  for (const { message } of messages) {
    const bytes = Buffer.from(message.topic);
    const fault = topicNameFault(bytes, 0, bytes.length, ANY_TOPIC);
    if (fault) return `${fault.reason} is stored`;
  }
  const inUse = [...messages.map(({ id }) => id).filter((id) => id !== undefined), ...released];
  return new Set(inUse).size < inUse.length ? 'a packet identifier is stored twice' : undefined;
}

async function* deliveries(
  store: Pick<KeptSessionStore, 'keptDeliveries'>,
): AsyncIterable<Kept & { readonly session: number }> {
  let after = { message: Number.MIN_SAFE_INTEGER, session: 0 };
  let last: Kept['message'] | undefined;
  for (let page = PAGE; page === PAGE;) {
    const rows = await store.keptDeliveries({ after, limit: PAGE });
    for (const { session, message: number, topic, payload, qos, retain, packetId } of rows) {
      const shared = last?.number === number ? last : { topic, payload };
      last = { topic: shared.topic, payload: shared.payload, qos, retain: retain === 1, number };
      yield { session, message: last, id: packetId ?? undefined };
      after = { message: number, session };
    }
    page = rows.length;
  }
}
