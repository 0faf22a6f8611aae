import type { Client } from 'aedes';
import type { Denied } from '../auth/authenticate.ts';
import type { Principal } from '../auth/principal.ts';
import type { DeviceLink } from '../fleet/devices/double-use.ts';
import type { Link } from '../links/link.ts';
import { mayReceive } from '../permission/topics.ts';
import type { Receiver, Session } from './session/session.ts';

/** CONNACK return codes: identifier rejected, server unavailable, bad user name or password. */
export type Refusal = 2 | 3 | 4;

/** How long a client may be silent, as a multiple of its keep alive [MQTT-3.1.2-24]. */
const PATIENCE = 1.5;

/** That a message is taken and acknowledged, or why the link ends with it. */
export type Verdict = Error | null;

/** One MQTT connection, from its link's opening to its end. */
export class Connection implements Receiver {
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
  /** What is known of its client, once its CONNECT was accepted. */
  session: Session | undefined;
  /** How long its client may be silent, in ms; 0 for as long as it likes. */
  patience = 0;
  /** When this connection's access runs out, in Unix ms; undefined for never. */
  expiresAt: number | undefined;
  /** What had changed of who may be here when its credentials were looked at (`MqttOptions.access`). */
  asOf = 0;
  closed = false;
  /** What still counts of what it says: all, the will of a device that was sent away, or nothing. */
  voice: 'full' | 'will' | 'none' = 'full';
  /** Whether another connection of the same device has taken over. */
  replaced = false;
  /** The last of the acknowledgements that wait, if any does. */
  #acknowledging: Promise<Verdict> | undefined;

  constructor(client: Client, link: Link) {
    this.client = client;
    this.link = link;
  }

  get open(): boolean {
    return !this.client.closed && !this.client.conn.destroyed;
  }

  get congested(): boolean {
    return this.link.congested;
  }

  /** @param keepAlive as in its CONNECT, in seconds (MQTT 3.1.1 §3.1.2.10) */
  keepAlive(keepAlive: number): void {
    this.patience = keepAlive * PATIENCE * 1_000;
  }

  /** Whether its client has been silent for too long. */
  isSilent(now: number): boolean {
    return this.patience > 0 && now - this.link.heardAt > this.patience;
  }

  /**
   * Resolves when something is on the disk. Where the store fails it rejects, and the link ends: its client is not told
   * that it is.
   */
  async assured(stored: Promise<void>): Promise<void> {
    try {
      await stored;
    } catch (error) {
      this.link.end('failure', 'the hub cannot store what came, just now; its log says why');
      throw error;
    }
  }

  /** Has acknowledgements go in the order of what they acknowledge [MQTT-4.6.0-2], [MQTT-4.6.0-3]. */
  inOrder(verdict: Verdict | Promise<Verdict>): Verdict | Promise<Verdict> {
    if (!this.#acknowledging && !(verdict instanceof Promise)) return verdict;
    const own = Promise.all([this.#acknowledging, verdict]).then(([, mine]) => mine);
    const done = (): void => {
      if (this.#acknowledging === own) this.#acknowledging = undefined;
    };
    own.then(done, done);
    this.#acknowledging = own;
    return own;
  }

  mayReceive(topic: string): boolean {
    return this.principal !== undefined && mayReceive(this.principal, topic);
  }

  send(packet: Uint8Array): void {
    this.link.send(packet);
  }

  whenCalm(listener: () => void): void {
    this.link.whenCalm(listener);
  }

  fallBehind(): void {
    this.link.terminate(
      'too-slow',
      'too slow: more waits for it than "sessionMessages" or "outboundBytes" of the settings allows',
    );
  }
}

/**
 * The hub's own register of connections. Aedes' `broker.clients` is keyed by client id and can name the wrong one
 * after a takeover; here a connection is its link, and is open exactly as long.
 */
export class Connections {
  readonly #byClient = new WeakMap<Client, Connection>();
  readonly #open = new Set<Connection>();
  /** Open connections of those who were let in, by their ids. */
  readonly #admitted = { device: new Index(), person: new Index(), service: new Index() } as const;

  open(client: Client, link: Link): Connection {
    const connection = new Connection(client, link);
    this.#byClient.set(client, connection);
    this.#open.add(connection);
    return connection;
  }

  /** Takes note of whom a connection belongs to. */
  admit(connection: Connection, principal: Principal): void {
    connection.principal = principal;
    connection.expiresAt = principal.expiresAt;
    this.#admitted[principal.kind].add(principal.id, connection);
  }

  close(connection: Connection): void {
    const { principal } = connection;
    connection.closed = true;
    this.#open.delete(connection);
    if (principal) this.#admitted[principal.kind].remove(principal.id, connection);
  }

  /** The connection of a client, open or just ended. */
  of(client: Client): Connection | undefined {
    return this.#byClient.get(client);
  }

  all(): Iterable<Connection> {
    return this.#open;
  }

  /** How many links people and services have, each of which may get any message. A device gets its own only. */
  get readers(): number {
    return this.#admitted.person.size + this.#admitted.service.size;
  }

  /** How many there are, by whose they are: nobody's as long as their CONNECT was not accepted. */
  kinds(): Map<Principal['kind'] | 'nobody', number> {
    const kinds = new Map<Principal['kind'] | 'nobody', number>([
      ['device', 0],
      ['person', 0],
      ['service', 0],
      ['nobody', 0],
    ]);
    for (const { principal } of this.#open) {
      const kind = principal?.kind ?? 'nobody';
      kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
    }
    return kinds;
  }

  /** Open connections of somebody: of a device one, or two while the second takes over. */
  ofWhom({ kind, id }: Pick<Principal, 'kind' | 'id'>): ReadonlySet<Connection> {
    return this.#admitted[kind].get(id);
  }
}

const NONE: ReadonlySet<Connection> = new Set();

class Index {
  readonly #sets = new Map<string, Set<Connection>>();
  #size = 0;

  /** How many connections there are. */
  get size(): number {
    return this.#size;
  }

  add(key: string, connection: Connection): void {
    let set = this.#sets.get(key);
    if (!set) this.#sets.set(key, (set = new Set()));
    if (!set.has(connection)) this.#size += 1;
    set.add(connection);
  }

  remove(key: string, connection: Connection): void {
    const set = this.#sets.get(key);
    if (!set?.delete(connection)) return;
    this.#size -= 1;
    if (set.size === 0) this.#sets.delete(key);
  }

  get(key: string): ReadonlySet<Connection> {
    return this.#sets.get(key) ?? NONE;
  }
}
