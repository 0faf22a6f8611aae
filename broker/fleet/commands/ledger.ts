import { CODE } from '#firmware-protocol';
import type { CommandRecord, Progress } from '../../store/commands.ts';
import { StoreError } from '../../store/store-error.ts';
import type { CommandFeed } from '../feeds/command-feed.ts';
import type { FleetPorts } from '../ports.ts';
import { fromRecord, toRecord, type Asked } from './command-record.ts';
import { told } from './command-told.ts';
import { Standing } from './standing.ts';
import type { Refusal } from './refusals.ts';

/** How long after a failure the store is tried again, where nothing new is to be stored, in ms. */
const TRY_AGAIN_AFTER = 1_000;

const NOT_STORED: Refusal = {
  code: CODE.internal,
  msg: 'the hub cannot store it just now, so nothing was sent; its log says why',
};

/** One step that is to be stored, then told, and then to have its effect. */
export interface Entry {
  readonly asked: Asked;
  /** What else is stored with it, at once or not at all; asked for when that happens. */
  readonly with?: () => Partial<Progress>;
  /** Done once it is stored: it is sent, for example. */
  readonly stored?: (now: number) => void;
  /** Given for the first step of what was just asked for: done where it cannot be stored, and forgotten then. */
  readonly refused?: (refusal: Refusal) => Asked | undefined;
}

/** What an id was used for. What is not stored yet does not stand, and is told once it is. */
export type Found =
  | { readonly used: true; readonly standing?: Asked }
  /** The refusal is there where the store did not say, so that nothing may be done. */
  | { readonly used: false; readonly refusal: Refusal | undefined };

/**
 * Steps of commands and wishes on their way to the disk. Nothing is told or sent before it is stored. What was asked
 * for while the store fails is refused; steps of what goes on are kept in order and tried again.
 */
export class Ledger {
  readonly #ports: FleetPorts;
  readonly #feed: CommandFeed;
  readonly #probe: () => Partial<Progress>;
  readonly #listeners: ((asked: Asked) => void)[] = [];
  readonly #standing = new Standing();
  /** What is not stored yet, as it is now. */
  readonly #unstored = new Map<string, Asked>();
  #entries: Entry[] = [];
  #storing = false;
  #under: Promise<void> | undefined;
  /** What is to be done now that the store has answered, in the order in which it did. */
  #answers: ((now: number) => void)[] = [];
  #tryAgainAt: number | undefined;
  #fresh = false;

  /** @param probe what is written to see whether the store works again, where nothing else waits */
  constructor(ports: FleetPorts, feed: CommandFeed, probe: () => Partial<Progress>) {
    this.#ports = ports;
    this.#feed = feed;
    this.#probe = probe;
  }

  /** Whether the store failed when it was last asked. */
  get failing(): boolean {
    return this.#tryAgainAt !== undefined;
  }

  /** Called with every step, once it is stored. */
  onStored(listener: (asked: Asked) => void): void {
    this.#listeners.push(listener);
  }

  /** What is open, as it is stored. */
  *open(): Iterable<Asked> {
    yield* this.#standing.all();
  }

  /** Whether the store has all of it. */
  has(asked: Asked): boolean {
    return !this.#unstored.has(keyOf(asked));
  }

  /** Takes note of what is stored already. */
  stands(asked: Asked): void {
    this.#standing.set(asked);
  }

  note(entry: Entry): void {
    this.#entries.push(entry);
    this.#unstored.set(keyOf(entry.asked), entry.asked);
    this.#fresh = true;
    this.#ports.wake();
  }

  /**
   * Finds out what an id was used for.
   * @param then is called with the answer as it is at that moment, which is given as well
   */
  lookUp(device: string, id: string, then: (found: Found, now: number) => void): void {
    const answered = (record: CommandRecord | undefined, refusal?: Refusal) => (now: number) => {
      // Looked at last: it may have been taken, or have gone on, while the store was asked.
      const standing = this.#standing.find(device, id) ?? (record && fromRecord(record));
      if (standing) then({ used: true, standing }, now);
      else if (this.#unstored.has(keyOf({ device, id }))) then({ used: true }, now);
      else then({ used: false, refusal }, now);
    };
    this.#ports.store.command(device, id).then(
      (record) => this.#hear(answered(record)),
      (error: unknown) =>
        this.#hear((now) => {
          this.#fails(error, now);
          answered(undefined, NOT_STORED)(now);
        }),
    );
  }

  /** Lets go of all that was asked of a device. */
  forget(device: string): void {
    this.#standing.forget(device);
    this.#entries = this.#entries.filter(({ asked }) => asked.device !== device);
    for (const [key, asked] of this.#unstored) if (asked.device === device) this.#unstored.delete(key);
  }

  /** Tells where something stands that is stored already. */
  tell(steps: readonly Asked[], now: number): void {
    for (const payload of this.#feed.steps(steps.map(told), now)) this.#ports.toConsoles('cmd', payload);
  }

  /** The hub's clock was set by so many ms. */
  clockJumped(by: number): void {
    if (this.#tryAgainAt !== undefined) this.#tryAgainAt += by;
  }

  dueAt(): number | undefined {
    if (this.#answers.length > 0) return 0;
    if (this.#storing) return undefined;
    return this.#fresh ? 0 : this.#tryAgainAt;
  }

  /** Does what was to be done once the store had answered: tells what is stored, and lets it have its effect. */
  answer(now: number): void {
    for (let next = this.#answers.shift(); next; next = this.#answers.shift()) next(now);
  }

  /** Sends what waits to the store. */
  run(now: number): void {
    const due = this.dueAt();
    if (due !== undefined && due <= now && !this.#storing) this.#under = this.#store();
  }

  /** Waits for what is under way, and stores what is left, once. */
  async settle(now: number): Promise<void> {
    await this.#under;
    this.answer(now);
    if (this.#entries.length > 0) await this.#store();
    this.answer(now);
  }

  /** What follows from an answer of the store is done in its turn, when the time is known. */
  #hear(answer: (now: number) => void): void {
    this.#answers.push(answer);
    this.#ports.wake();
  }

  async #store(): Promise<void> {
    const entries = this.#entries;
    this.#entries = [];
    this.#fresh = false;
    this.#storing = true;
    try {
      const beside = entries.length > 0 ? entries.map((entry) => entry.with?.() ?? {}) : [this.#probe()];
      await this.#ports.store.saveProgress(progressOf(entries, beside));
      this.#hear((now) => this.#stored(entries, now));
    } catch (error) {
      this.#hear((now) => this.#failed(entries, error, now));
    }
  }

  #stored(entries: readonly Entry[], now: number): void {
    this.#storing = false;
    if (this.#tryAgainAt !== undefined) this.#ports.log.info('the store works again');
    this.#tryAgainAt = undefined;
    // What was let go of meanwhile is told to nobody.
    const known = entries.filter(({ asked }) => !this.has(asked));
    const steps = known.map(({ asked }) => asked);
    for (const asked of steps) {
      this.stands(asked);
      if (this.#unstored.get(keyOf(asked)) === asked) this.#unstored.delete(keyOf(asked));
    }
    for (const { stored } of known) stored?.(now);
    for (const listener of this.#listeners) for (const asked of steps) listener(asked);
    this.tell(steps, now);
  }

  #fails(error: unknown, now: number): void {
    this.#tryAgainAt = now + TRY_AGAIN_AFTER;
    this.#ports.log.warnLimited(
      'ledger',
      `the store failed: ${reasonOf(error)}; commands are refused until it works`,
    );
  }

  #failed(entries: readonly Entry[], error: unknown, now: number): void {
    this.#storing = false;
    // What was asked for meanwhile rests on what has just failed, or would fail as well.
    const all = [...entries, ...this.#entries].filter(({ asked }) => !this.has(asked));
    const refused = new Set(all.filter((entry) => entry.refused).map(({ asked }) => keyOf(asked)));
    this.#entries = all.filter(({ asked }) => !refused.has(keyOf(asked)));
    this.#fails(error, now);
    for (const key of refused) this.#unstored.delete(key);
    const answers = all.map((entry) => entry.refused?.(NOT_STORED)).filter((asked) => asked !== undefined);
    // What belongs to a batch has been stored with it, and so must be how it ended; and a store that did not answer
    // may have stored what is refused now.
    const may = error instanceof StoreError && error.kind === 'gone';
    for (const asked of answers.filter(({ batch }) => may || batch !== undefined)) {
      this.#entries.push({ asked });
      this.#unstored.set(keyOf(asked), asked);
    }
    this.tell(
      answers.filter(({ batch }) => batch === undefined),
      now,
    );
  }
}

const keyOf = ({ device, id }: Pick<Asked, 'device' | 'id'>): string => `${device}/${id}`;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Of each command the last step, which has all those before it. @param beside what else is stored at once */
function progressOf(entries: readonly Entry[], beside: readonly Partial<Progress>[]): Progress {
  const last = new Map(entries.map(({ asked }) => [keyOf(asked), asked]));
  return {
    commands: [...[...last.values()].map(toRecord), ...beside.flatMap(({ commands = [] }) => commands)],
    batches: beside.flatMap(({ batches = [] }) => batches),
    twins: beside.flatMap(({ twins = [] }) => twins),
    audit: beside.flatMap(({ audit = [] }) => audit),
  };
}
