import type { LinkCounts } from './link-counts.ts';
import type { Hold } from './rates/meter.ts';
import type { Pace } from './rates/pace.ts';
import { PacketReader, type ReaderBounds } from './reader/packet-reader.ts';
import { excessive, type Violation } from './reader/violation.ts';

/** Where a packet goes that came in: to whoever took it, or on into the stream, with or without what follows it. */
export type Way = 'taken' | 'on' | 'on, and wait';

/** Says where a packet goes, and takes it if it is for it. */
export type Taker = (packet: Buffer, type: number) => Way;

/** Why nothing is read just now: a CONNECT is not answered yet, enough was read, or the stream is full. */
type Pause = 'waiting' | 'paced' | 'full';

/** How often it is told that a link is read no faster, at most, in ms. */
const HELD_AGAIN = 60_000;
/** How many frames without a byte of MQTT may come before the first packet: until then they are on nobody's account. */
const MOST_EMPTY = 100;
const TOO_MANY_EMPTY = excessive(`more than ${MOST_EMPTY} pings and empty frames before a CONNECT`);

export interface InboxOptions {
  readonly bounds: ReaderBounds;
  readonly pace: Pace;
  readonly counts: LinkCounts;
  /** Has the socket read nothing more, or go on. */
  readonly pause: () => void;
  readonly resume: () => void;
  /** Takes whole packets that are for the stream. */
  readonly pass: (packets: Buffer) => void;
  /** Takes what ends the link. */
  readonly refuse: (violation: Violation) => void;
  /** Takes what whoever took a packet threw. */
  readonly fail: (error: unknown) => void;
}

/** What comes in over one link: cut into sound packets, counted, and read no faster than it may be. */
export class Inbox {
  readonly #to: InboxOptions;
  readonly #reader: PacketReader;
  readonly #pauses = new Set<Pause>();
  /** Packets on their way into the stream, with what they are a part of. */
  #passing: Buffer[] = [];
  #take: Taker = () => 'on';
  #whenHeld: (hold: Hold) => void = () => undefined;
  #toldHeld = -Infinity;
  #heardAt = performance.now();
  /** When what is being read began to be read. */
  #readAt = 0;
  /** Whether a packet has come. */
  #begun = false;
  /** How many frames came without a byte of one. */
  #empty = 0;
  #closed = false;
  #whenRead: (() => void) | undefined;

  constructor(options: InboxOptions) {
    this.#to = options;
    this.#reader = new PacketReader(options.bounds);
  }

  /** When the last packet came, in ms of `performance.now()`: now, as long as it is the hub that does not read. */
  get heardAt(): number {
    return this.#pauses.size > 0 ? performance.now() : this.#heardAt;
  }

  /** Has packets go to `take` first. */
  read(take: Taker): void {
    this.#take = take;
  }

  /** Has `listener` told, at most once a minute, why the link is read no faster. */
  whenHeld(listener: (hold: Hold) => void): void {
    this.#whenHeld = listener;
  }

  /** Takes bytes, in whatever pieces they come. */
  push(bytes: Buffer): void {
    if (bytes.length === 0) this.count();
    else this.#read(() => this.#reader.push(bytes, this.#each));
  }

  /** Counts a frame without a byte of a packet. */
  count(): void {
    if (this.#closed) return;
    this.#empty += 1;
    if (!this.#begun && this.#empty > MOST_EMPTY) this.#to.refuse(TOO_MANY_EMPTY);
    else this.#settle(performance.now());
  }

  /** Goes on behind a packet that had the rest wait. */
  proceed(): void {
    this.#goOn('waiting');
  }

  /** The stream has no room, or has it again. */
  streamIsFull(full: boolean): void {
    if (full) this.#pauseFor('full');
    else if (this.#pauses.delete('full') && this.#pauses.size === 0) {
      // Not within this call, by which the stream is being read.
      this.#nextTurn();
    }
  }

  /** Calls back when all that has come so far was read, which may be at once. */
  whenRead(listener: () => void): void {
    if (this.#reader.holding) this.#whenRead = listener;
    else listener();
  }

  /** Nothing more is taken, and nothing is held back: the other half of the closing handshake has to come. */
  close(): void {
    this.#closed = true;
    this.#pauses.clear();
    this.#to.resume();
  }

  #pauseFor(reason: Pause): void {
    this.#pauses.add(reason);
    this.#to.pause();
  }

  readonly #each = (packet: Buffer, type: number): boolean => {
    this.#heardAt = this.#readAt;
    this.#begun = true;
    this.#to.counts.receive(packet);
    const way = this.#take(packet, type);
    if (way !== 'taken') this.#passing.push(packet);
    const mayFollow = this.#to.pace.took(packet.length, way === 'taken', performance.now());
    if (way !== 'on, and wait') return mayFollow;
    this.#pauseFor('waiting');
    return false;
  };

  #read(step: () => Violation | undefined): void {
    if (this.#closed) return;
    const now = performance.now();
    this.#readAt = now;
    try {
      if (!this.#to.pace.mayRead(now)) this.#reader.hold();
      const violation = step();
      this.#pass();
      this.#settle(now);
      if (violation) this.#to.refuse(violation);
      else if (!this.#reader.holding) this.#whenRead?.();
    } catch (error) {
      this.#to.fail(error);
    }
  }

  #pass(): void {
    const packets = this.#passing;
    if (packets.length === 0) return;
    this.#passing = [];
    this.#to.pass((packets.length === 1 ? packets[0] : Buffer.concat(packets)) as Buffer);
  }

  /** Reads no more for as long as rates ask, or until others had their turn. */
  #settle(now: number): void {
    const hold = this.#to.pace.settle(now);
    if (this.#closed || this.#pauses.has('paced')) return;
    if (hold) {
      this.#tell(hold, now);
      this.#reader.hold();
      this.#pauseFor('paced');
      setTimeout(this.#afterHold, hold.ms).unref();
    } else if (this.#reader.holding && this.#pauses.size === 0) this.#nextTurn();
  }

  #nextTurn(): void {
    this.#pauseFor('paced');
    this.#to.pace.nextTurn(this.#afterHold);
  }

  readonly #afterHold = (): void => {
    if (this.#closed) return;
    if (this.#to.pace.mayRead(performance.now())) this.#goOn('paced');
    else this.#to.pace.nextTurn(this.#afterHold);
  };

  /** There is one reason less not to read. */
  #goOn(reason: Pause): void {
    this.#pauses.delete(reason);
    if (this.#closed || this.#pauses.size > 0) return;
    this.#heardAt = performance.now();
    this.#to.resume();
    if (this.#reader.holding) this.#read(() => this.#reader.resume(this.#each));
  }

  #tell(hold: Hold, now: number): void {
    this.#to.counts.hold(hold);
    if (now - this.#toldHeld < HELD_AGAIN) return;
    this.#toldHeld = now;
    this.#whenHeld(hold);
  }
}
