import type { Log } from '../../log/log.ts';
import type { Router } from '../router.ts';
import { KeptSession, type Owner, type Rights } from './kept-session.ts';
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
  /** How many bytes may wait for a link before it is ended. */
  readonly outboundBytes: number;
}

/** What may wait for one client, and be on its way to it. */
export const queueBounds = (
  { sessionMessages, outboundBytes }: SessionLimits,
  bytes: number,
): QueueBounds => ({
  messages: sessionMessages,
  bytes,
  // All of it is written at once to a client that comes back, whose link must bear it.
  inFlightBytes: Math.min(IN_FLIGHT, outboundBytes / 2),
});

/**
 * All sessions that outlive their connections, in memory: with the hub they end. Everything that is known of one is in
 * `KeptSession`, and every change of it is a call of one of its methods, so that a store can stand behind them.
 */
export class KeptSessions {
  readonly #limits: SessionLimits;
  readonly #router: Router;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #byClient = new Map<string, KeptSession>();

  /** @param now ms of a clock that only goes forward: sessions do not outlive the hub */
  constructor(limits: SessionLimits, router: Router, log: Log, now: () => number) {
    this.#limits = limits;
    this.#router = router;
    this.#log = log;
    this.#now = now;
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
    const own = [...this.#byClient.values()].filter((session) => session.owner.name === owner.name);
    if (own.length >= this.#limits.sessionsPerService && !this.#endLongestAway(own)) return undefined;
    if (this.#byClient.size >= this.#limits.sessions && !this.#endLongestAway(this.#byClient.values())) {
      return undefined;
    }
    const session = new KeptSession(clientId, owner, {
      router: this.#router,
      bounds: queueBounds(this.#limits, this.#limits.sessionBytes),
      log: this.#log,
      now: this.#now,
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
  expire(): void {
    const now = this.#now();
    const { sessionDays } = this.#limits;
    for (const session of this.#byClient.values()) {
      if (session.awaySince === undefined || now - session.awaySince < sessionDays * DAY) continue;
      this.#end(session, `its client was away for ${sessionDays} days`);
    }
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
