import type { Log } from '../../log/log.ts';
import type { Router } from '../router.ts';
import { StoredSession, type Owner, type Rights } from './stored-session.ts';

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
  /** How many bytes may wait for a link before it is ended. */
  readonly outboundBytes: number;
}

/**
 * All sessions that outlive their connections, in memory: with the hub they end. Everything that is known of one is in
 * `StoredSession`, and every change of it is a call of one of its methods, so that a store can stand behind them.
 */
export class StoredSessions {
  readonly #limits: SessionLimits;
  readonly #router: Router;
  readonly #log: Log;
  readonly #byClient = new Map<string, StoredSession>();

  constructor(limits: SessionLimits, router: Router, log: Log) {
    this.#limits = limits;
    this.#router = router;
    this.#log = log;
  }

  find(clientId: string): StoredSession | undefined {
    return this.#byClient.get(clientId);
  }

  /**
   * The session of a client, or a new one. Where there are as many as may be, that one ends whose client is away the
   * longest, of the same service if it has its share; undefined where nobody is away.
   */
  open(clientId: string, owner: Owner, now: number): StoredSession | undefined {
    const known = this.#byClient.get(clientId);
    if (known?.owner.createdAt === owner.createdAt) {
      known.owner = owner;
      return known;
    }
    this.discard(clientId);
    const own = [...this.#byClient.values()].filter((session) => session.owner.name === owner.name);
    if (own.length >= this.#limits.sessionsPerService && !this.#endLongestAway(own)) return undefined;
    if (this.#byClient.size >= this.#limits.sessions && !this.#endLongestAway(this.#byClient.values())) {
      return undefined;
    }
    const { sessionMessages, sessionBytes, outboundBytes } = this.#limits;
    const session = new StoredSession(clientId, owner, now, {
      router: this.#router,
      bounds: {
        messages: sessionMessages,
        bytes: sessionBytes,
        // All of it is written at once to a client that comes back, whose link must bear it.
        inFlightBytes: Math.min(IN_FLIGHT, outboundBytes / 2),
      },
      log: this.#log,
    });
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
  expire(now: number): void {
    const { sessionDays } = this.#limits;
    for (const session of this.#byClient.values()) {
      if (session.awaySince === undefined || now - session.awaySince < sessionDays * DAY) continue;
      this.#end(session, `its client was away for ${sessionDays} days`);
    }
  }

  #end(session: StoredSession, why: string): void {
    this.discard(session.clientId);
    this.#log.info(`${session.name} ended: ${why}`);
  }

  #endLongestAway(candidates: Iterable<StoredSession>): boolean {
    let longest: StoredSession | undefined;
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
