import { BATCH, COMMAND, isOver } from '#firmware-protocol';
import type { BatchOrder } from '../../contract/batch.ts';
import type { Standing } from '../selection/device-view.ts';
import type { BatchStep } from './ports.ts';
import { Pace } from './pace.ts';

const STATES = Object.keys(COMMAND).length;

/** Ends that count against a batch. A command that was withdrawn or replaced has not failed. */
const FAILURES = [
  COMMAND.failed,
  COMMAND.rejected,
  COMMAND.expired,
  COMMAND.timedOut,
  COMMAND.unknown,
] as const;

/** How often places are looked for that nobody fills any more, and devices that have come back, in ms. */
const RECHECK = 1_000;

/** How far a batch is, as it is stored: one of `BATCH`, since when (Unix ms), and why. */
export interface BatchStage {
  readonly st: number;
  readonly t: number;
  readonly msg?: string;
}

export interface BatchFields {
  /** Eight bytes in hex. */
  readonly id: string;
  readonly who: string;
  readonly name: string;
  readonly order: BatchOrder;
  readonly createdAt: number;
}

/**
 * One batch: whose turn it is, how its commands stand, and whether it is over. It is told each stored step of its
 * commands and the time, and decides; it asks nobody. What it costs grows with the steps, not with its devices.
 *
 *   running → done        all of its commands are over
 *   running → stopped     more of them failed than may
 *   running → cancelled   somebody ended it
 */
export class Batch {
  readonly fields: BatchFields;
  #stage: BatchStage;
  /** Devices in the order of their turns; those before `#next` have had theirs. */
  #queue: readonly string[];
  #next = 0;
  /** Those whose turn would have come, and for whom the hub waits after its own start. */
  #awaited: string[] = [];
  /** The states of commands that are not over, by device. */
  readonly #open = new Map<string, number>();
  /** Devices that are there, and whose commands are under way: one that waits for its device holds no place. */
  readonly #places = new Set<string>();
  readonly #tally: number[];
  readonly #pace: Pace;
  #devices: number;
  #over = 0;
  #recheckedAt = -Infinity;

  /**
   * @param devices how many it is for
   * @param queue those whose turn has not come
   */
  constructor(fields: BatchFields, devices: number, queue: readonly string[], stage?: BatchStage) {
    this.fields = fields;
    this.#devices = devices;
    this.#queue = queue;
    this.#stage = stage ?? { st: BATCH.running, t: fields.createdAt };
    this.#tally = new Array<number>(STATES).fill(0);
    this.#pace = new Pace(fields.order.rate);
  }

  get stage(): BatchStage {
    return this.#stage;
  }

  get running(): boolean {
    return this.#stage.st === BATCH.running;
  }

  /** Whether all of its commands are over. */
  get over(): boolean {
    return this.#over >= this.#devices;
  }

  /** How many of its commands are in each state of `COMMAND`. */
  get tally(): readonly number[] {
    return this.#tally;
  }

  get devices(): number {
    return this.#devices;
  }

  /** A command took a step, and it is stored. */
  step({ device, from, st }: Pick<BatchStep, 'device' | 'from' | 'st'>): void {
    if (from !== undefined) this.#count(from, -1);
    this.#count(st, 1);
    if (isOver(st)) {
      this.#open.delete(device);
      this.#places.delete(device);
      return;
    }
    this.#open.set(device, st);
    if (st !== COMMAND.created) this.#places.add(device);
  }

  /** Commands that were over before the hub started, `n` of them in this state. */
  took(st: number, n: number): void {
    this.#count(st, n);
  }

  /** A device was removed, with all that was kept of it. */
  removed(device: string): void {
    const st = this.#open.get(device);
    if (st === undefined) return;
    this.#count(st, -1);
    this.#devices -= 1;
    this.#open.delete(device);
    this.#places.delete(device);
  }

  /** What is to become of it, or undefined while it goes on. */
  verdict(now: number): BatchStage | undefined {
    return this.running && this.#ending ? { ...this.#ending, t: now } : undefined;
  }

  /** Its end is stored. */
  settle(stage: BatchStage): void {
    this.#stage = stage;
  }

  /** The devices whose turn has come. */
  release(standingOf: (device: string) => Standing, now: number): string[] {
    const turn: string[] = [];
    if (!this.running || this.#ending) return turn;
    const { concurrency } = this.fields.order;
    const since = now - this.#recheckedAt;
    // Where the clock was set back, the next look would be due after all that time again.
    if (since >= RECHECK || since < 0) this.#recheck(standingOf, now);
    for (; this.#next < this.#queue.length && this.#places.size < concurrency; this.#next += 1) {
      const device = this.#queue[this.#next] as string;
      // It was replaced by a newer command before its turn, or its device was removed.
      if (this.#open.get(device) !== COMMAND.created) continue;
      const standing = standingOf(device);
      if (standing === 'awaited') {
        this.#awaited.push(device);
        continue;
      }
      if (!this.#pace.take(now)) break;
      if (standing === 'there') this.#places.add(device);
      turn.push(device);
    }
    return turn;
  }

  /** When somebody's turn may come although no command takes a step, in Unix ms, or undefined. */
  dueAt(): number | undefined {
    if (!this.running || this.#ending) return undefined;
    if (this.#next < this.#queue.length && !this.#full) return this.#pace.dueAt();
    const waits = this.#next < this.#queue.length || this.#awaited.length > 0;
    return waits ? this.#recheckedAt + RECHECK : undefined;
  }

  #recheck(standingOf: (device: string) => Standing, now: number): void {
    this.#recheckedAt = now;
    if (!this.#full && this.#awaited.length === 0) return;
    for (const device of this.#places) if (standingOf(device) !== 'there') this.#places.delete(device);
    this.#queue = [...this.#awaited, ...this.#queue.slice(this.#next)];
    this.#next = 0;
    this.#awaited = [];
  }

  /** How it is to end, as far as its commands have come. */
  get #ending(): Omit<BatchStage, 't'> | undefined {
    if (this.over) return { st: BATCH.done };
    const { stopAt } = this.fields.order;
    const failed = FAILURES.reduce((sum, st) => sum + (this.#tally[st] ?? 0), 0);
    if (stopAt === undefined || failed * 100 <= stopAt * this.devices) return undefined;
    const msg = `${failed} of ${this.devices} devices failed, which is more than ${stopAt} %`;
    return { st: BATCH.stopped, msg };
  }

  get #full(): boolean {
    return this.#places.size >= this.fields.order.concurrency;
  }

  #count(st: number, n: number): void {
    this.#tally[st] = (this.#tally[st] ?? 0) + n;
    if (isOver(st)) this.#over += n;
  }
}
