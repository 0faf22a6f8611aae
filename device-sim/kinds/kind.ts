import { ACK, RESERVED_ACTION, type Action, type Description, type Values } from '#firmware-protocol';
import type { Rng } from '../rng.ts';

/** How a command stands. `pct` is how far it has come; codes are those of `CODE`. */
export type Outcome =
  | { readonly st: typeof ACK.done }
  | { readonly st: typeof ACK.progress; readonly pct: number }
  | { readonly st: typeof ACK.failed | typeof ACK.rejected; readonly code: number; readonly msg: string };

/** What a kind answers to a command. */
export interface Reaction<S> {
  readonly state: S;
  /** Progress means that the command goes on, and that `advance` will tell how it ends. */
  readonly outcome: Outcome;
  /** Why the command that was going on before this one is over, where it is. */
  readonly aborts?: string;
}

/** What time did to a device, and to the command that was going on. */
export interface Advance<S> {
  readonly state: S;
  readonly outcome?: Outcome;
}

/**
 * A kind of device: what it says of itself and how it behaves. All of it is functions of a state that is never
 * changed in place; whoever holds the state sends what follows from it. Values are in wire units.
 */
export interface Kind<S> {
  readonly name: string;
  readonly description: Description;
  initial(rng: Rng): S;
  /** The properties of `up/state`: all that are not sampled. */
  reported(state: S): Values;
  /** The properties of `up/tele`: the sampled ones. */
  sampled(state: S): Values;
  /** Lets `ms` milliseconds pass. */
  advance(state: S, ms: number, rng: Rng): Advance<S>;
  /** In how many milliseconds something happens that cannot wait for the next reading. */
  wakeIn(state: S): number | undefined;
  /** Sets properties, persistent ones at once. The values have passed `writeViolations`. */
  write(state: S, values: Values, rng: Rng): Reaction<S>;
  /** Runs one of the description's own actions. The arguments have passed the action's parameters. */
  act(state: S, op: number, args: readonly unknown[], rng: Rng): Reaction<S>;
}

export const DONE: Outcome = { st: ACK.done };

/** The action that each kind has: the hub asks a device to make itself seen. */
export const IDENTIFY: Action = {
  pid: RESERVED_ACTION.identify,
  key: 'identify',
  label: 'Identify',
  class: 'identify',
};
