import { CODE } from '#firmware-protocol';
import type { Progress } from '../../store/commands.ts';
import type { CommandFeed } from '../feeds/command-feed.ts';
import type { FleetPorts } from '../ports.ts';
import { toRecord, type Asked } from './command-record.ts';
import { told } from './command-told.ts';
import type { Refusal } from './refusals.ts';

/** How long after a failure what could not be stored is tried again, where nothing else is to be stored, in ms. */
const TRY_AGAIN_AFTER = 1_000;

const NOT_STORED: Refusal = {
  code: CODE.internal,
  msg: 'the hub cannot store it just now, so nothing was sent; its log says why',
};

/** One step that is to be stored, then told, and then to have its effect. */
export interface Entry {
  readonly asked: Asked;
  /** What else is stored with it, at once or not at all; asked for when that happens. */
  readonly with?: () => Omit<Progress, 'commands'>;
  /** Done once it is stored: it is sent, for example. */
  readonly stored?: () => void;
  /** Given for the first step of what was just asked for: done where it cannot be stored, and forgotten then. */
  readonly refused?: (refusal: Refusal) => Asked | undefined;
}

/**
 * Steps of commands and wishes on their way to the disk. Nothing is told or sent before it is stored. What was asked
 * for while the store fails is refused; steps of what goes on are kept in order and tried again.
 */
export class Ledger {
  readonly #ports: FleetPorts;
  readonly #feed: CommandFeed;
  readonly #listeners: ((asked: Asked) => void)[] = [];
  #entries: Entry[] = [];
  #storing = false;
  #under: Promise<void> | undefined;
  #tryAgainAt: number | undefined;
  #fresh = false;

  constructor(ports: FleetPorts, feed: CommandFeed) {
    this.#ports = ports;
    this.#feed = feed;
  }

  /** Whether something is on its way to the disk. */
  get busy(): boolean {
    return this.#storing;
  }

  /** Whether the store failed when it was last asked. */
  get failing(): boolean {
    return this.#tryAgainAt !== undefined;
  }

  /** Called with every step, once it is stored. */
  onStored(listener: (asked: Asked) => void): void {
    this.#listeners.push(listener);
  }

  note(...entries: readonly Entry[]): void {
    for (const entry of entries) this.#entries.push(entry);
    this.#fresh = true;
    this.#ports.wake();
  }

  /** Tells where something stands that is stored already. */
  tell(steps: readonly Asked[], now: number): void {
    for (const payload of this.#feed.steps(steps.map(told), now)) this.#ports.toConsoles('cmd', payload);
  }

  dueAt(): number | undefined {
    if (this.#storing || this.#entries.length === 0) return undefined;
    return this.#fresh ? 0 : this.#tryAgainAt;
  }

  /** Sends what waits to the store. The rest is done when it has answered. */
  run(now: number): void {
    const due = this.dueAt();
    if (due !== undefined && due <= now) this.#under = this.#store(now);
  }

  /** Waits for what is under way, and stores what is left, once. */
  async settle(now: number): Promise<void> {
    await this.#under;
    if (this.#entries.length > 0) await this.#store(now);
  }

  async #store(now: number): Promise<void> {
    const entries = this.#entries;
    this.#entries = [];
    this.#fresh = false;
    this.#storing = true;
    try {
      await this.#ports.store.saveProgress(progressOf(entries));
      this.#stored(entries, now);
    } catch (error) {
      this.#failed(entries, error, now);
    } finally {
      this.#storing = false;
      this.#ports.wake();
    }
  }

  #stored(entries: readonly Entry[], now: number): void {
    if (this.#tryAgainAt !== undefined) this.#ports.log.info('the store works again');
    this.#tryAgainAt = undefined;
    for (const { stored } of entries) stored?.();
    const steps = entries.map(({ asked }) => asked);
    this.tell(steps, now);
    for (const listener of this.#listeners) for (const asked of steps) listener(asked);
  }

  #failed(entries: readonly Entry[], error: unknown, now: number): void {
    // What was asked for meanwhile rests on what has just failed, or would fail as well.
    const all = [...entries, ...this.#entries];
    const refused = new Set(all.filter((entry) => entry.refused).map(({ asked }) => keyOf(asked)));
    this.#entries = all.filter(({ asked }) => !refused.has(keyOf(asked)));
    this.#tryAgainAt = now + TRY_AGAIN_AFTER;
    this.#ports.log.warnLimited('ledger', `steps of commands could not be stored: ${reasonOf(error)}`);
    const answers = all.map((entry) => entry.refused?.(NOT_STORED)).filter((asked) => asked !== undefined);
    // What belongs to a batch has been stored with it, and so must be how it ended.
    this.#entries.push(...answers.filter(({ batch }) => batch !== undefined).map((asked) => ({ asked })));
    this.tell(
      answers.filter(({ batch }) => batch === undefined),
      now,
    );
  }
}

const keyOf = ({ device, id }: Asked): string => `${device}/${id}`;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Of each command the last step, which has all those before it. */
function progressOf(entries: readonly Entry[]): Progress {
  const last = new Map(entries.map(({ asked }) => [keyOf(asked), asked]));
  const beside = entries.map((entry) => entry.with?.() ?? {});
  return {
    commands: [...last.values()].map(toRecord),
    batches: beside.flatMap(({ batches = [] }) => batches),
    twins: beside.flatMap(({ twins = [] }) => twins),
  };
}
