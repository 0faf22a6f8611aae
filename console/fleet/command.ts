import { COMMAND, type CommandDelta, type Value, type Values } from '#firmware-protocol';
import { toHex } from '../format/hex.ts';

/**
 * Where a request stands: the hub's own steps, and three of this console. `asked` is before the hub's first
 * word, `unsent` when it could not be asked, `unheard` when its word, or the outcome, never came.
 */
export type Stage = keyof typeof COMMAND | 'asked' | 'unsent' | 'unheard';

/** One request to a device, by whomever, from the click to its outcome. Replaced whole with each step. */
export interface Command {
  readonly id: string;
  readonly device: string;
  /** `desired` requests change the document of persistent properties; the fleet feed tells their outcome. */
  readonly path: 'cmd' | 'desired';
  readonly stage: Stage;
  readonly who: string;
  readonly want: Values;
  readonly op: number | undefined;
  readonly args: readonly Value[];
  /** Hub time in ms: when it was asked, when the last step happened, and when it ceases to be tried. */
  readonly askedAt: number;
  readonly at: number;
  readonly expiresAt: number | undefined;
  readonly pct: number | undefined;
  /** What the device reported with its last word on it. */
  readonly reported: Values | undefined;
  readonly code: number | undefined;
  readonly msg: string | undefined;
  /** The version of the desired document that holds a `desired` request, once the hub has taken it. */
  readonly version: number | undefined;
}

const STAGES = new Map(Object.entries(COMMAND).map(([stage, st]) => [st as number, stage as Stage]));

const OPEN: ReadonlySet<Stage> = new Set(['asked', 'created', 'sent', 'accepted', 'progress']);

export const isOpen = ({ stage }: Command): boolean => OPEN.has(stage);

/** Whether it ended otherwise than asked. */
export const wentWrong = (command: Command): boolean => !isOpen(command) && command.stage !== 'done';

/** How long after its expiry an outcome may still arrive. */
const GRACE_MS = 3_000;

/** Once a device has accepted a command, the hub waits a minute for its next word. */
const ACCEPTED_SILENCE_MS = 65_000;

/** How many commands of one device are remembered. */
const REMEMBERED = 50;

/** Takes a step of the feed into account. What is over stays over, should an older step come late. */
export function takeCommandDelta(previous: Command | undefined, delta: CommandDelta): Command {
  const stage = STAGES.get(delta.st) ?? 'unknown';
  if (previous && !isOpen(previous) && previous.stage !== 'unheard' && OPEN.has(stage)) return previous;
  return {
    id: toHex(delta.id),
    device: delta.did,
    path: previous?.path ?? 'cmd',
    stage,
    who: delta.who,
    want: delta.want ?? previous?.want ?? new Map(),
    op: delta.op ?? previous?.op,
    args: delta.args ?? previous?.args ?? [],
    askedAt: previous ? Math.min(previous.askedAt, delta.t) : delta.t,
    at: delta.t,
    expiresAt: delta.exp,
    pct: delta.pct ?? previous?.pct,
    reported: delta.vals ?? previous?.reported,
    code: delta.code,
    msg: delta.msg,
    version: previous?.version,
  };
}

/** The commands of a device with this one in its place, newest first. */
export function remember(commands: readonly Command[], command: Command): readonly Command[] {
  const at = commands.findIndex(({ id }) => id === command.id);
  return at < 0 ? [command, ...commands].slice(0, REMEMBERED) : commands.with(at, command);
}

function isOverdue(command: Command, now: number): boolean {
  // The desired document waits for its device for as long as it takes.
  if (!isOpen(command) || command.version !== undefined) return false;
  const accepted = command.stage === 'accepted' || command.stage === 'progress';
  return now > (accepted ? command.at + ACCEPTED_SILENCE_MS : (command.expiresAt ?? Infinity) + GRACE_MS);
}

/** Gives up on what nobody will tell the outcome of any more; the same list where there is no such command. */
export function giveUpOverdue(commands: readonly Command[], now: number): readonly Command[] {
  const overdue = (command: Command): boolean => isOverdue(command, now);
  if (!commands.some(overdue)) return commands;
  return commands.map((command) => (overdue(command) ? { ...command, stage: 'unheard', at: now } : command));
}
