import { inFaultDomain, type FaultDomain } from './fault-domain.ts';
import type { LinkCounts } from './link-counts.ts';
import type { Hold } from './rates/meter.ts';
import type { Pace } from './rates/pace.ts';
import { PacketReader, type ReaderBounds } from './reader/packet-reader.ts';
import { excessive, type Violation } from './reader/violation.ts';

/** Where a packet goes that came in: to whoever took it, or on into the stream, with or without what follows it. */
export type Way = 'taken' | 'on' | 'on, and wait';

/** Says where a packet goes, and takes it if it is for it. */
export type Taker = (packet: Buffer, type: number) => Way;

/** Why nothing is read just now: a CONNECT is not answered, a rate asks for it, others have their turn, the stream is full. */
const PAUSE = { waiting: 1, rate: 2, turn: 4, full: 8 } as const;
type Pause = (typeof PAUSE)[keyof typeof PAUSE];

/** How many bytes may wait for the next turn before the socket is read no further. */
const WAITING = 16_384;

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
  /** Fails where whoever takes a packet does. */
  readonly domain: FaultDomain;
}

/** What comes in over one link: cut into sound packets, counted, and read no faster than it may be. */
export class Inbox {
  readonly #to: InboxOptions;
  readonly #reader: PacketReader;
  /** Bits of `PAUSE`. */
  #pauses = 0;
  /** Whether the socket is read no further. */
  #stopped = false;
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
    return this.#pauses !== 0 ? performance.now() : this.#heardAt;
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
    if (this.#closed) return;
    if (bytes.length === 0) {
      this.count();
      return;
    }
    const now = performance.now();
    if (!this.#reader.holding && !this.#to.pace.mayRead(now)) this.#nextTurn();
    const step = (): Violation | undefined => this.#reader.push(bytes, this.#each);
    if (this.#reader.holding) void step();
    else this.#read(now, step);
    // To stop the socket and to start it costs more than what one read brings.
    if (this.#pauses !== 0 && this.#reader.buffered > WAITING) this.#stop();
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
    this.#goOn(PAUSE.waiting);
  }

  /** The stream has no room, or has it again. */
  streamIsFull(full: boolean): void {
    if (full) this.#stopFor(PAUSE.full);
    else if ((this.#pauses & PAUSE.full) !== 0) {
      this.#pauses &= ~PAUSE.full;
      // Not within this call, by which the stream is being read.
      if (this.#pauses === 0) this.#nextTurn();
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
    this.#pauses = 0;
    this.#start();
  }

  #stopFor(reason: Pause): void {
    this.#pauses |= reason;
    this.#stop();
  }

  #stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#to.pause();
  }

  #start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#heardAt = performance.now();
    this.#to.resume();
  }

  readonly #each = (packet: Buffer, type: number): boolean => {
    this.#heardAt = this.#readAt;
    this.#begun = true;
    this.#to.counts.receive(packet);
    const way = this.#take(packet, type);
    if (way !== 'taken') this.#passing.push(packet);
    const mayFollow = this.#to.pace.took(packet.length, way === 'taken', performance.now());
    if (way !== 'on, and wait') return mayFollow;
    this.#stopFor(PAUSE.waiting);
    return false;
  };

  #read(now: number, step: () => Violation | undefined): void {
    this.#readAt = now;
    inFaultDomain(this.#to.domain, () => {
      const violation = step();
      this.#pass();
      this.#settle(now);
      if (violation) this.#to.refuse(violation);
      else if (!this.#reader.holding) this.#whenRead?.();
    });
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
    if (this.#closed || (this.#pauses & PAUSE.rate) !== 0) return;
    if (hold) {
      this.#tell(hold, now);
      this.#reader.hold();
      this.#stopFor(PAUSE.rate);
      setTimeout(this.#afterHold, hold.ms).unref();
    } else if (this.#reader.holding && this.#pauses === 0) this.#nextTurn();
  }

  #nextTurn(): void {
    this.#reader.hold();
    this.#pauses |= PAUSE.turn;
    this.#to.pace.nextTurn(this.#atTurn);
  }

  readonly #afterHold = (): void => {
    this.#pauses &= ~PAUSE.rate;
    if (!this.#closed && (this.#pauses & PAUSE.turn) === 0) this.#nextTurn();
  };

  readonly #atTurn = (): void => this.#goOn(PAUSE.turn);

  /** There is one reason less not to read. */
  #goOn(reason: Pause): void {
    this.#pauses &= ~reason;
    if (this.#closed || this.#pauses !== 0) return;
    const now = performance.now();
    if (!this.#to.pace.mayRead(now)) {
      this.#nextTurn();
      return;
    }
    if (this.#reader.holding) this.#read(now, () => this.#reader.resume(this.#each));
    if (this.#takesMore) this.#start();
  }

  /** Whether the socket may be read on: others may have their turn meanwhile, as long as little waits. */
  get #takesMore(): boolean {
    return (this.#pauses & ~PAUSE.turn) === 0 && this.#reader.buffered <= WAITING;
  }

  #tell(hold: Hold, now: number): void {
    this.#to.counts.hold(hold);
    if (now - this.#toldHeld < HELD_AGAIN) return;
    this.#toldHeld = now;
    this.#whenHeld(hold);
  }
}
