import type { Log } from '../../log/log.ts';
import { quoted } from '../../log/quoted.ts';
import type { JournalWriter } from '../kept/journal-writer.ts';
import type { StoredSession } from '../kept/load.ts';
import type { SessionJournal } from '../kept/session-journal.ts';
import type { Message, Qos } from '../message.ts';
import type { Router } from '../router.ts';
import type { QueueBounds, Sending } from './outgoing-queue.ts';
import { Session, type Receiver, type SessionOptions } from './session.ts';

/** Whose a session is. */
export interface Owner {
  /** As logs name them. */
  readonly name: string;
  /** When they were made, Unix ms: those who were made anew with the same name are others. */
  readonly createdAt: number;
}

/** What somebody may do now. */
export interface Rights {
  maySubscribe(filter: string): boolean;
  mayReceive(topic: string): boolean;
}

export interface KeptSessionOptions {
  readonly router: Router;
  readonly bounds: QueueBounds;
  readonly turns: SessionOptions['turns'];
  readonly journal: SessionJournal;
  readonly writer: JournalWriter;
  readonly log: Log;
  /** The hub's time, Unix ms. */
  readonly now: () => number;
}

/**
 * A session that outlives the connections of its client, and the hub: it stays subscribed whether the client is there or
 * away. What happens to it is stored before anybody may rely on it: before a message is sent with an identifier, or
 * released, and before what came from its client is acknowledged.
 */
export class KeptSession extends Session {
  /** By which Aedes knows its client. */
  readonly clientId: string;
  /** As they were when their client was last let in. */
  owner: Owner;
  readonly #journal: SessionJournal;
  readonly #writer: JournalWriter;
  readonly #log: Log;
  readonly #now: () => number;
  #known = false;
  /** The latest connection of its client. */
  #expected: Receiver | undefined;
  #awaySince: number | undefined;
  /** Messages that had to go for newer ones since its client was last there. */
  #dropped = 0;
  /** What is sent when the disk has what is told with it, each with the batch of the journal that tells it. */
  #held: { readonly sending: Sending; readonly batch: number }[] = [];
  /** Identifiers of PUBRELs among them: a client that repeats its PUBREC gets no more than one. */
  readonly #heldReleases = new Set<number>();
  /** The latest batch that it waits for. */
  #awaited = 0;

  constructor(clientId: string, owner: Owner, options: KeptSessionOptions) {
    super(options);
    this.clientId = clientId;
    this.owner = owner;
    this.#journal = options.journal;
    this.#writer = options.writer;
    this.#log = options.log;
    this.#now = options.now;
    this.#awaySince = options.now();
  }

  /** A session as it was when the hub ended. Of what waits the oldest go where less may wait now. */
  static restored(
    { record, filters, messages, received, released }: StoredSession,
    options: KeptSessionOptions,
  ): KeptSession {
    const { clientId, owner, ownerCreatedAt, awaySince, dropped } = record;
    const session = new KeptSession(clientId, { name: owner, createdAt: ownerCreatedAt }, options);
    session.#known = true;
    session.#awaySince = awaySince ?? undefined;
    session.#dropped = dropped;
    for (const { filter, qos } of filters) session.#subscribeAgain(filter, qos);
    session.received.restore(received);
    const tooMany = session.queue.restore(messages, released);
    if (tooMany > 0) session.overflowed(tooMany);
    // The hub's clock may have been set back since; a hub that was killed did not see its client leave.
    session.#isAway(Math.min(awaySince ?? Infinity, options.now()));
    return session;
  }

  /** How logs name it. */
  get name(): string {
    return `the session ${quoted(this.clientId)} of ${this.owner.name}`;
  }

  /** Whether a CONNACK has told a client of it: then it is present for the next [MQTT-3.2.2-2]. */
  get known(): boolean {
    return this.#known;
  }

  /** Since when its client is away, Unix ms; undefined while it is there. */
  get awaySince(): number | undefined {
    return this.#awaySince;
  }

  override subscribe(filter: string, qos: Qos): void {
    super.subscribe(filter, qos);
    if (!this.ended) this.#journal.subscribed(filter, qos);
  }

  override unsubscribe(filter: string): void {
    if (this.filters.has(filter)) this.#journal.unsubscribed(filter);
    super.unsubscribe(filter);
  }

  /** Its client is about to be there: it is not away any more. */
  expect(receiver: Receiver): void {
    this.#expected = receiver;
    this.#isAway(undefined);
  }

  override resume(receiver: Receiver): void {
    this.#known = true;
    this.#held = [];
    this.#heldReleases.clear();
    this.#tellDropped();
    super.resume(receiver);
  }

  /** A connection is over. Unless another has taken its place, the client is away. */
  override leave(receiver: Receiver): void {
    if (this.#expected === receiver) this.goAway();
  }

  /** Its client is away, or the hub is about to be. */
  goAway(): void {
    this.#isAway(this.#now());
    this.away();
  }

  override stored(): Promise<void> {
    return this.#writer.stored();
  }

  override end(): void {
    this.#journal.end();
    super.end();
  }

  /** Lets go of subscriptions, and of messages that wait, which are not allowed any more. */
  hold(rights: Rights): void {
    for (const filter of this.filters.keys()) if (!rights.maySubscribe(filter)) this.unsubscribe(filter);
    this.queue.recheck(({ topic }) => rights.mayReceive(topic));
  }

  /** The hub's clock was set by so many ms: its client is away for as long as before. */
  clockJumped(by: number): void {
    if (this.#awaySince !== undefined) this.#isAway(this.#awaySince + by);
  }

  /**
   * What was sent is known to the disk before, with its identifier: a hub that is killed could send another message with
   * it otherwise, or the same one as if for the first time. A message of which the disk knows nothing may go at once at
   * QoS 1: nobody was told that it had arrived here, so that whoever published it does so again.
   */
  protected override transmit(sending: Sending): void {
    if (this.#held.length === 0 && this.#mayGoAtOnce(sending)) {
      super.transmit(sending);
      return;
    }
    if ('release' in sending) {
      if (this.#heldReleases.has(sending.release)) return;
      this.#heldReleases.add(sending.release);
    }
    const batch = this.#writer.gathering;
    this.#held.push({ sending, batch });
    // However often its client comes and goes while the store fails.
    if (this.#awaited === batch) return;
    this.#awaited = batch;
    this.#writer.onceStored(() => this.#letGo(batch));
  }

  protected override numberOf(message: Message, retain: boolean): number {
    // What is retained may go to a session more than once.
    if (retain) return this.#writer.journal.next();
    return (message.number ||= this.#writer.journal.next());
  }

  /** Log lines are for the first of an absence, and for how many they were at its end. */
  protected override overflowed(messages: number): void {
    if (this.#dropped === 0) {
      this.#log.warnLimited(
        `session-full:${this.owner.name}`,
        `${this.name} is full, its client away or slow: the oldest messages go from now on`,
      );
    }
    this.#lacks(this.#dropped + messages);
  }

  /** A batch of the journal is on the disk. */
  #letGo(stored: number): void {
    const waits = this.#held.findIndex(({ batch }) => batch > stored);
    const due = this.#held.splice(0, waits < 0 ? this.#held.length : waits);
    for (const { sending } of due) {
      if ('release' in sending) this.#heldReleases.delete(sending.release);
      super.transmit(sending);
    }
  }

  #mayGoAtOnce(sending: Sending): boolean {
    return !('release' in sending) && sending.qos === 1 && this.#journal.isUnwritten(sending);
  }

  #subscribeAgain(filter: string, qos: Qos): void {
    super.subscribe(filter, qos);
  }

  #isAway(since: number | undefined): void {
    if (since === this.#awaySince) return;
    this.#awaySince = since;
    this.#journal.change({ awaySince: since ?? null });
  }

  #lacks(messages: number): void {
    this.#dropped = messages;
    this.#journal.change({ dropped: messages });
  }

  #tellDropped(): void {
    if (this.#dropped === 0) return;
    this.#log.warnLimited(
      `session-dropped:${this.owner.name}`,
      `${this.name} goes on, and lacks ${this.#dropped} messages for which there was no room`,
    );
    this.#lacks(0);
  }
}
