import type { ToldCommand } from '#broker/contract/batch.ts';
import { isOpen, type Command } from './command.ts';
import { outcomeOf, type Outcome } from './batch.ts';

/** What became of a batch on one device. */
export interface DeviceOutcome {
  /** The device's. */
  readonly id: string;
  readonly command: string;
  readonly stage: ToldCommand['state'];
  readonly outcome: Outcome;
  readonly at: number;
  readonly code: number | undefined;
  readonly msg: string | undefined;
}

/** How often the list is made anew while the batch runs, in ms. */
const RELIST_MS = 250;

/** Stages that the hub tells; the others are of this console's own requests. */
type Told = Extract<Command['stage'], ToldCommand['state']>;
const isTold = (stage: Command['stage']): stage is Told =>
  stage !== 'asked' && stage !== 'unsent' && stage !== 'unheard';

/**
 * What became of a batch on each of its devices: as the API told, and as the feed goes on. Ten thousand of them are
 * not reactive one by one; the list is made anew a few times a second.
 */
export class Outcomes {
  readonly #byDevice = new Map<string, DeviceOutcome>();
  #version = $state(0);
  #relist: ReturnType<typeof setTimeout> | undefined;

  /** In the order of the devices' ids, in which rows stay where they are while their outcomes change. */
  readonly list: readonly DeviceOutcome[] = $derived.by(() => {
    void this.#version;
    return [...this.#byDevice.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  });

  /** What the API told. It does not undo what the feed has told since. */
  load(commands: readonly ToldCommand[]): void {
    for (const { device, id, state, t, code, msg } of commands) {
      this.#put({ id: device, command: id, stage: state, outcome: outcomeOf(state), at: t, code, msg });
    }
    this.#version++;
  }

  take({ id, device, stage, at, code, msg }: Command): void {
    if (!isTold(stage)) return;
    this.#put({ id: device, command: id, stage, outcome: outcomeOf(stage), at, code, msg });
    this.#relist ??= setTimeout(() => {
      this.#relist = undefined;
      this.#version++;
    }, RELIST_MS);
  }

  close(): void {
    clearTimeout(this.#relist);
  }

  #put(next: DeviceOutcome): void {
    const known = this.#byDevice.get(next.id);
    const older = known && (next.at < known.at || (next.at === known.at && isOpen(next) && !isOpen(known)));
    if (!older) this.#byDevice.set(next.id, next);
  }
}
