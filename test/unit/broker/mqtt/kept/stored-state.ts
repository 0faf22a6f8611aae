import type { KeptSessionRecord, KeptSessionStore } from '#broker/store/kept-sessions.ts';

/** What is stored of one session, to be compared. */
export interface StoredState {
  readonly record: KeptSessionRecord;
  /** The quality of service of each filter. */
  readonly filters: Readonly<Record<string, number>>;
  /** Messages in their order: number, text, quality of service, retained or not, and identifier. */
  readonly messages: readonly (readonly [number, string, number, number, number | null])[];
  /** Identifiers in the order in which they were remembered. */
  readonly received: readonly number[];
  readonly released: readonly number[];
}

/** All that is stored of sessions, in the order of their numbers. */
export async function storedStates(store: KeptSessionStore): Promise<StoredState[]> {
  const { sessions, filters, ids } = await store.keptSessions();
  const start = { message: 0, session: 0 };
  const deliveries = await store.keptDeliveries({ after: start, limit: Number.MAX_SAFE_INTEGER });
  return sessions.map((record) => {
    const own = <T extends { readonly session: number }>(rows: readonly T[]): T[] =>
      rows.filter(({ session }) => session === record.number);
    const idsOf = (wanted: string): number[] =>
      own(ids)
        .filter(({ kind }) => kind === wanted)
        .map(({ packetId }) => packetId);
    return {
      record,
      filters: Object.fromEntries(own(filters).map(({ filter, qos }) => [filter, qos])),
      messages: own(deliveries).map(({ message, payload, qos, retain, packetId }) => [
        message,
        Buffer.from(payload).toString(),
        qos,
        retain,
        packetId,
      ]),
      received: idsOf('received'),
      released: idsOf('released'),
    };
  });
}
