import type { Log } from '../../log/log.ts';
import { quoted } from '../../log/quoted.ts';
import type { KeptSessionStore } from '../../store/kept-sessions.ts';
import { JournalWriter } from '../kept/journal-writer.ts';
import { loadSessions, storedFault, type StoredSession } from '../kept/load.ts';
import type { SessionJournal } from '../kept/session-journal.ts';
import type { Router } from '../router.ts';
import { KeptSession, type KeptSessionOptions, type Owner, type Rights } from './kept-session.ts';
import type { QueueBounds } from './outgoing-queue.ts';

const DAY = 86_400_000;
/** Most bytes on their way to one client, unacknowledged. */
const IN_FLIGHT = 1_048_576;

export interface SessionLimits {
  /** How many sessions are kept, of one service and in all. */
  readonly sessionsPerService: number;
  readonly sessions: number;
  /** How much waits for one client, in messages and in bytes. */
  readonly sessionMessages: number;
  readonly sessionBytes: number;
  /** How long a session is kept whose client is away. */
  readonly sessionDays: number;
  /** How many messages of QoS 1 and 2 may be on their way to one client at once, and of QoS 2 from one. */
  readonly outgoingInflight: number;
  readonly incomingInflight: number;
  /** How many links a person or a service may have. */
  readonly linksPerAccount: number;
  readonly subscriptionsPerSession: number;
  /** Subscriptions in all. */
  readonly subscriptions: number;
  /** How many bytes may wait for a link before it is ended. */
  readonly outboundBytes: number;
}

/** What may wait for one client, and be on its way to it. */
export const queueBounds = (
  { sessionMessages, outgoingInflight, outboundBytes }: SessionLimits,
  bytes: number,
): QueueBounds => ({
  messages: sessionMessages,
  bytes,
  inFlight: outgoingInflight,
  // All of it is written at once to a client that comes back, whose link must bear it.
  inFlightBytes: Math.min(IN_FLIGHT, outboundBytes / 2),
});

export interface KeptSessionsOptions {
  readonly limits: SessionLimits;
  readonly router: Router;
  readonly turns: KeptSessionOptions['turns'];
  readonly store: KeptSessionStore;
  readonly log: Log;
  /** The hub's time, Unix ms. */
  readonly now: () => number;
}

/** All sessions that outlive their connections, in memory and, as what happens to them is written, in the store. */
export class KeptSessions {
  readonly #options: KeptSessionsOptions;
  readonly #limits: SessionLimits;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #writer: JournalWriter;
  readonly #byClient = new Map<string, KeptSession>();

  constructor(options: KeptSessionsOptions) {
    this.#options = options;
    this.#limits = options.limits;
    this.#log = options.log;
    this.#now = options.now;
    this.#writer = new JournalWriter(options.store, options.log);
  }

  /**
   * Takes up what is stored. One that is not sound ends, and its client is told by its next CONNACK; so do those that
   * were away the longest, where there may be fewer now.
   * @throws StoreError where the store cannot be read
   */
  async load(): Promise<void> {
    const { sessions, last } = await loadSessions(this.#options.store);
    this.#writer.journal.goOnFrom(last);
    for (const stored of sessions) this.#restore(stored);
    for (const owner of this.owners()) {
      for (let own = this.#ofOwner(owner); own.length > this.#limits.sessionsPerService;) {
        this.#endLongestAway(own);
        own = this.#ofOwner(owner);
      }
    }
    while (this.#byClient.size > this.#limits.sessions) this.#endLongestAway(this.#byClient.values());
  }

  /** Whether what happens to sessions could not be stored when that was last tried. */
  get failing(): boolean {
    return this.#writer.failing;
  }

  /** Resolves when what has happened to all of them so far is on the disk, or rejects where the store fails. */
  stored(): Promise<void> {
    return this.#writer.stored();
  }

  /** The hub's clock was set by so many ms. */
  clockJumped(by: number): void {
    for (const session of this.#byClient.values()) session.clockJumped(by);
  }

  /** Stores what is not stored yet, as far as the store can. From then on all clients are away. */
  async close(): Promise<void> {
    for (const session of this.#byClient.values()) if (session.awaySince === undefined) session.goAway();
    await this.#writer.close();
  }

  /** How many sessions there are, and what waits in them. */
  get figures(): { readonly sessions: number; readonly messages: number; readonly bytes: number } {
    const figures = { sessions: this.#byClient.size, messages: 0, bytes: 0 };
    for (const { waiting } of this.#byClient.values()) {
      figures.messages += waiting.messages;
      figures.bytes += waiting.bytes;
    }
    return figures;
  }

  /** How many there are. */
  get size(): number {
    return this.#byClient.size;
  }

  find(clientId: string): KeptSession | undefined {
    return this.#byClient.get(clientId);
  }

  /**
   * The session of a client, or a new one. Where there are as many as may be, that one ends whose client is away the
   * longest, of the same service if it has its share; undefined where nobody is away.
   */
  open(clientId: string, owner: Owner): KeptSession | undefined {
    const known = this.#byClient.get(clientId);
    if (known?.owner.createdAt === owner.createdAt) {
      known.owner = owner;
      return known;
    }
    this.discard(clientId);
    const own = this.#ofOwner(owner);
    if (own.length >= this.#limits.sessionsPerService && !this.#endLongestAway(own)) return undefined;
    if (this.#byClient.size >= this.#limits.sessions && !this.#endLongestAway(this.#byClient.values())) {
      return undefined;
    }
    const journal = this.#writer.journal.open({
      clientId,
      owner: owner.name,
      ownerCreatedAt: owner.createdAt,
      awaySince: this.#now(),
      dropped: 0,
    });
    const session = new KeptSession(clientId, owner, this.#optionsFor(journal));
    this.#byClient.set(clientId, session);
    return session;
  }

  /** Ends the session of a client, if it has one. */
  discard(clientId: string): void {
    this.#byClient.get(clientId)?.end();
    this.#byClient.delete(clientId);
  }

  /** Whose sessions there are. */
  owners(): Set<Owner> {
    return new Set([...this.#byClient.values()].map(({ owner }) => owner));
  }

  /**
   * Holds sessions to what their owners may do now. Those of owners who are not there any more end.
   * @param owners who were looked up; who was let in meanwhile is not held to what was true before
   */
  hold(owners: ReadonlySet<Owner>, rightsOf: (owner: Owner) => Rights | undefined): void {
    for (const session of this.#byClient.values()) {
      if (!owners.has(session.owner)) continue;
      const rights = rightsOf(session.owner);
      if (rights) session.hold(rights);
      else this.#end(session, `${session.owner.name} may not connect any more`);
    }
  }

  /** Ends those whose clients have been away for too long. */
  expire(): void {
    const now = this.#now();
    const { sessionDays } = this.#limits;
    for (const session of this.#byClient.values()) {
      if (session.awaySince === undefined || now - session.awaySince < sessionDays * DAY) continue;
      this.#end(session, `its client was away for ${sessionDays} days`);
    }
  }

  #restore(stored: StoredSession): void {
    const { record } = stored;
    const journal = this.#writer.journal.goOn(record);
    const fault = storedFault(stored);
    if (fault === undefined) {
      this.#byClient.set(record.clientId, KeptSession.restored(stored, this.#optionsFor(journal)));
      return;
    }
    this.#log.error(
      `the session ${quoted(record.clientId)} of ${record.owner} could not be taken up, and ends: ${fault}`,
    );
    journal.end();
  }

  #optionsFor(journal: SessionJournal): KeptSessionOptions {
    const { router, turns, log, now } = this.#options;
    const bounds = queueBounds(this.#limits, this.#limits.sessionBytes);
    return { router, bounds, turns, journal, writer: this.#writer, log, now };
  }

  #ofOwner({ name }: Owner): KeptSession[] {
    return [...this.#byClient.values()].filter(({ owner }) => owner.name === name);
  }

  #end(session: KeptSession, why: string): void {
    this.discard(session.clientId);
    this.#log.info(`${session.name} ended: ${why}`);
  }

  #endLongestAway(candidates: Iterable<KeptSession>): boolean {
    let longest: KeptSession | undefined;
    for (const session of candidates) {
      if (session.awaySince === undefined) continue;
      if (longest?.awaySince === undefined || session.awaySince < longest.awaySince) longest = session;
    }
    if (!longest) return false;
    this.discard(longest.clientId);
    this.#log.warnLimited(
      `session-ended:${longest.owner.name}`,
      `${longest.name}, the longest away, ended to make room for another; ` +
        'a client that keeps a session needs a client id that stays the same',
    );
    return true;
  }
}
