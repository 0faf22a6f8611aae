import type { KeptChanges, KeptMessageRecord, KeptSessionRecord } from '../../store/kept-sessions.ts';
import type { Queued } from '../session/outgoing-queue.ts';
import { SessionJournal, type JournalPorts } from './session-journal.ts';

/** The greatest number of a session, and the greatest of a message or a place. */
export interface LastNumbers {
  readonly session: number;
  readonly number: number;
}

/**
 * What has happened to sessions since it was last written, all of them together: what belongs together, as that a
 * message came and that it was queued for several sessions, is taken together, so that a crash leaves all of it or
 * nothing.
 */
export class Journal {
  readonly #changed = new Set<SessionJournal>();
  readonly #ended = new Set<number>();
  readonly #wake: () => void;
  #lastSession = 0;
  #lastNumber = 0;

  /** @param wake called when there is something to take */
  constructor(wake: () => void) {
    this.#wake = wake;
  }

  /** Takes note of what the store has already: no number is given twice. */
  goOnFrom({ session, number }: LastNumbers): void {
    this.#lastSession = Math.max(this.#lastSession, session);
    this.#lastNumber = Math.max(this.#lastNumber, number);
  }

  /** The next number of a message, or of a place. */
  next(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /** A session that is new. */
  open(record: Omit<KeptSessionRecord, 'number'>): SessionJournal {
    this.#lastSession += 1;
    return new SessionJournal({ ...record, number: this.#lastSession }, false, this.#ports);
  }

  /** A session that the store has. */
  goOn(record: KeptSessionRecord): SessionJournal {
    return new SessionJournal(record, true, this.#ports);
  }

  /** All there is to write, or undefined. From now on it counts as written. */
  take(): KeptChanges | undefined {
    const taken = [...this.#changed].map((session) => session.take());
    const ended = [...this.#ended];
    this.#changed.clear();
    this.#ended.clear();
    const changes: KeptChanges = {
      ended,
      sessions: taken.flatMap(({ sessions }) => sessions),
      filters: taken.flatMap(({ filters }) => filters),
      filtersGone: taken.flatMap(({ filtersGone }) => filtersGone),
      messages: messagesOf(taken.flatMap(({ messages }) => messages)),
      deliveries: taken.flatMap(({ deliveries }) => deliveries),
      deliveriesGone: taken.flatMap(({ deliveriesGone }) => deliveriesGone),
      ids: taken.flatMap(({ ids }) => ids),
      idsGone: taken.flatMap(({ idsGone }) => idsGone),
    };
    return Object.values(changes).some(({ length }) => length > 0) ? changes : undefined;
  }

  readonly #ports: JournalPorts = {
    changed: (session) => {
      this.#changed.add(session);
      this.#wake();
    },
    ended: (session) => {
      this.#changed.delete(session);
      if (!session.isWritten) return;
      this.#ended.add(session.number);
      this.#wake();
    },
    next: () => this.next(),
  };
}

/** Each message once, with a payload that has no more bytes behind it than its own: they would be copied as well. */
function messagesOf(messages: readonly Queued[]): KeptMessageRecord[] {
  const byNumber = new Map(messages.map((message) => [message.number, message]));
  return [...byNumber.values()].map(({ number, topic, payload }) => ({
    number,
    topic,
    payload: payload.byteLength === payload.buffer.byteLength ? payload : new Uint8Array(payload),
  }));
}
