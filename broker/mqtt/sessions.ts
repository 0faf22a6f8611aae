import type { Client } from 'aedes';
import type { Denied } from '../auth/authenticate.ts';
import type { Principal } from '../auth/principal.ts';
import type { DeviceLink } from '../fleet/devices/double-use.ts';
import type { Link } from '../links/link.ts';

/** CONNACK return codes: identifier rejected, server unavailable, bad user name or password. */
export type Refusal = 2 | 3 | 4;

/** One MQTT connection, from its link's opening to its end. */
export class MqttSession {
  readonly client: Client;
  readonly link: Link;
  /** What its CONNECT was found to be. */
  identity: Principal | Denied | undefined;
  /** With what its CONNECT is refused where it is (MQTT 3.1.1 §3.2.2.3). */
  refusal: Refusal = 4;
  /** What its CONNECT says of it, where that is a device's. */
  deviceLink: DeviceLink | undefined;
  /** Who it is, once its CONNECT was accepted; stays after the end, for the will. */
  principal: Principal | undefined;
  /** When this session's access runs out, in Unix ms; undefined for never. */
  expiresAt: number | undefined;
  /** What had changed of who may be here when its credentials were looked at (`MqttOptions.access`). */
  asOf = 0;
  closed = false;
  /** What still counts of what it says: all, the will of a device that was sent away, or nothing. */
  voice: 'full' | 'will' | 'none' = 'full';
  /** Whether another session of the same device has taken over. */
  replaced = false;
  /** What is being sent just now was asked for whole: none of it is dropped for congestion. */
  owed = false;

  constructor(client: Client, link: Link) {
    this.client = client;
    this.link = link;
  }
}

/**
 * The hub's own register of connections. Aedes' `broker.clients` is keyed by client id and can name the wrong one
 * after a takeover; here a session is its link, and is open exactly as long.
 */
export class Sessions {
  readonly #byClient = new WeakMap<Client, MqttSession>();
  readonly #open = new Set<MqttSession>();
  /** Open sessions of those who were let in, by their ids. */
  readonly #admitted = { device: new Index(), person: new Index(), service: new Index() } as const;

  open(client: Client, link: Link): MqttSession {
    const session = new MqttSession(client, link);
    this.#byClient.set(client, session);
    this.#open.add(session);
    return session;
  }

  /** Takes note of whom a session belongs to. */
  admit(session: MqttSession, principal: Principal): void {
    session.principal = principal;
    session.expiresAt = principal.expiresAt;
    this.#admitted[principal.kind].add(principal.id, session);
  }

  close(session: MqttSession): void {
    const { principal } = session;
    session.closed = true;
    this.#open.delete(session);
    if (principal) this.#admitted[principal.kind].remove(principal.id, session);
  }

  /** The session of a client, open or just ended. */
  of(client: Client): MqttSession | undefined {
    return this.#byClient.get(client);
  }

  all(): Iterable<MqttSession> {
    return this.#open;
  }

  /** Open sessions of somebody: of a device one, or two while the second takes over. */
  ofWhom({ kind, id }: Pick<Principal, 'kind' | 'id'>): ReadonlySet<MqttSession> {
    return this.#admitted[kind].get(id);
  }
}

const NONE: ReadonlySet<MqttSession> = new Set();

class Index {
  readonly #sets = new Map<string, Set<MqttSession>>();

  add(key: string, session: MqttSession): void {
    const set = this.#sets.get(key);
    if (set) set.add(session);
    else this.#sets.set(key, new Set([session]));
  }

  remove(key: string, session: MqttSession): void {
    const set = this.#sets.get(key);
    set?.delete(session);
    if (set?.size === 0) this.#sets.delete(key);
  }

  get(key: string): ReadonlySet<MqttSession> {
    return this.#sets.get(key) ?? NONE;
  }
}
