/** Sessions of MQTT clients that outlive their connections, and the hub. Times are Unix time in ms. */

export interface KeptSessionRecord {
  /** What all that belongs to it goes by. */
  readonly number: number;
  /** What the broker knows its client by: no two sessions have the same. */
  readonly clientId: string;
  /** Whose it is, as logs name them, and when they were made. */
  readonly owner: string;
  readonly ownerCreatedAt: number;
  /** Since when its client is away; null while it is there. */
  readonly awaySince: number | null;
  /** How many messages had to go for newer ones since its client was last there. */
  readonly dropped: number;
}

export interface KeptFilterRecord {
  readonly session: number;
  readonly filter: string;
  readonly qos: number;
}

/** A message as it was published: once, however many sessions are to have it. */
export interface KeptMessageRecord {
  /** Rises from one publication to the next. */
  readonly number: number;
  readonly topic: string;
  readonly payload: Uint8Array;
}

/** That a session is to have a message. It is gone when its client has acknowledged it. */
export interface KeptDeliveryRecord {
  readonly message: number;
  readonly session: number;
  readonly qos: 1 | 2;
  readonly retain: 0 | 1;
  /** With what it was sent; null where it waits. */
  readonly packetId: number | null;
}

/**
 * A QoS 2 message of which no more is kept than its packet identifier (MQTT 3.1.1 §4.3.3): one that came from the
 * client and was not released, or one that the client has and that is to be released.
 */
export interface KeptIdRecord {
  readonly session: number;
  readonly kind: 'received' | 'released';
  readonly packetId: number;
  /** Rises from one to the next. */
  readonly place: number;
}

export type KeptFilterKey = Pick<KeptFilterRecord, 'session' | 'filter'>;
export type KeptDeliveryKey = Pick<KeptDeliveryRecord, 'message' | 'session'>;
export type KeptIdKey = Omit<KeptIdRecord, 'place'>;

/** What is new or changed of sessions, and what is gone. */
export interface KeptChanges {
  /** Sessions that have ended, by their numbers. All that belonged to them goes, before all else is done. */
  readonly ended: readonly number[];
  readonly sessions: readonly KeptSessionRecord[];
  readonly filters: readonly KeptFilterRecord[];
  readonly filtersGone: readonly KeptFilterKey[];
  readonly messages: readonly KeptMessageRecord[];
  readonly deliveries: readonly KeptDeliveryRecord[];
  /** A message goes with the last of its deliveries. */
  readonly deliveriesGone: readonly KeptDeliveryKey[];
  readonly ids: readonly KeptIdRecord[];
  readonly idsGone: readonly KeptIdKey[];
}

export interface KeptSessionStore {
  /** All that is kept but messages. Identifiers are in the order of their places. */
  keptSessions(): Promise<{
    readonly sessions: readonly KeptSessionRecord[];
    readonly filters: readonly KeptFilterRecord[];
    readonly ids: readonly KeptIdRecord[];
  }>;
  /** Deliveries with their messages, in the order of publication: those that come after one of them. */
  keptDeliveries(query: {
    readonly after: KeptDeliveryKey;
    readonly limit: number;
  }): Promise<(KeptDeliveryRecord & Pick<KeptMessageRecord, 'topic' | 'payload'>)[]>;
  /** Stores all of it at once or nothing. To store it again changes nothing. */
  saveKept(changes: KeptChanges): Promise<void>;
  /** Ends all sessions. */
  removeKept(): Promise<void>;
}
