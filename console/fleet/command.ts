import { COMMAND, type CommandDelta, type Value, type Values } from '#firmware-protocol';
import { toHex } from '../format/hex.ts';

/**
 * Where a request stands: the hub's own steps, and three of this console. `asked` is before the hub's first
 * word, `unsent` when it could not be asked, `unheard` when its word, or the outcome, never came.
 */
export type Stage = keyof typeof COMMAND | 'asked' | 'unsent' | 'unheard';

/** One step that a request took. Hub time in ms. */
export interface Step {
  readonly stage: Stage;
  readonly at: number;
  readonly code: number | undefined;
  readonly msg: string | undefined;
}

/** One request to a device, by whomever, from the click to its outcome. Replaced whole with each step. */
export interface Command {
  readonly id: string;
  readonly device: string;
  /** `desired` requests change the document of persistent properties, which waits for its device. */
  readonly path: 'cmd' | 'desired';
  readonly stage: Stage;
  readonly who: string;
  /** The batch that it belongs to. */
  readonly batch: string | undefined;
  readonly want: Values;
  readonly op: number | undefined;
  readonly args: readonly Value[];
  /** Hub time in ms: when it was asked, and when the last step happened. */
  readonly askedAt: number;
  readonly at: number;
  /** When it ceases to be tried; undefined for what has no end, or none yet. */
  readonly expiresAt: number | undefined;
  readonly pct: number | undefined;
  /** What the device reported with its last word on it. */
  readonly reported: Values | undefined;
  readonly code: number | undefined;
  readonly msg: string | undefined;
  /** Those that this console heard of, oldest first. */
  readonly steps: readonly Step[];
}

const STAGES = new Map(Object.entries(COMMAND).map(([stage, st]) => [st as number, stage as Stage]));

/** The name of a state of `COMMAND`; one that a newer hub has made up is unknown. */
export const stageOf = (st: number): Stage => STAGES.get(st) ?? 'unknown';

const OPEN: ReadonlySet<Stage> = new Set(['asked', 'created', 'sent', 'accepted', 'progress']);

export const isOpen = ({ stage }: Pick<Command, 'stage'>): boolean => OPEN.has(stage);

/** Whether it ended otherwise than asked. A cancelled one did not: somebody took it back. */
export const wentWrong = ({ stage }: Pick<Command, 'stage'>): boolean =>
  !OPEN.has(stage) && stage !== 'done' && stage !== 'cancelled';

/** Whether it stands with the hub, not sent yet, and may be withdrawn. A wish stands in its document instead. */
export const isWithdrawable = ({ stage, path }: Pick<Command, 'stage' | 'path'>): boolean =>
  stage === 'created' && path === 'cmd';

/** How long after its expiry an outcome may still arrive. */
const GRACE_MS = 3_000;

/** Once a device has accepted a command, the hub waits a minute for its next word. */
const ACCEPTED_SILENCE_MS = 65_000;

/** How long the hub may take to take a request. */
const HUB_SILENCE_MS = 10_000;

/** How many commands of one device are remembered. */
const REMEMBERED = 50;

/** A wish names the version of its document; a command of a batch has neither that nor an end before its turn. */
function pathOf({ wver, exp }: CommandDelta, previous: Command | undefined): Command['path'] {
  if (wver !== undefined) return 'desired';
  return exp === undefined ? (previous?.path ?? 'cmd') : 'cmd';
}

function stepsWith(steps: readonly Step[], { stage, at, code, msg }: Step): readonly Step[] {
  const last = steps.at(-1);
  const repeated = last !== undefined && last.stage === stage && (last.at === at || stage === 'progress');
  return [...(repeated ? steps.slice(0, -1) : steps), { stage, at, code, msg }];
}

/** Takes a step of the feed into account. What is over stays over, should an older step come late. */
export function takeCommandDelta(previous: Command | undefined, delta: CommandDelta): Command {
  const stage = stageOf(delta.st);
  if (previous && !isOpen(previous) && previous.stage !== 'unheard' && OPEN.has(stage)) return previous;
  const { t: at, code, msg } = delta;
  return {
    id: toHex(delta.id),
    device: delta.did,
    path: pathOf(delta, previous),
    stage,
    who: delta.who,
    batch: delta.bid ? toHex(delta.bid) : previous?.batch,
    want: delta.want ?? previous?.want ?? new Map(),
    op: delta.op ?? previous?.op,
    args: delta.args ?? previous?.args ?? [],
    askedAt: delta.since ?? (previous ? Math.min(previous.askedAt, at) : at),
    at,
    expiresAt: delta.exp,
    pct: delta.pct ?? previous?.pct,
    reported: delta.vals ?? previous?.reported,
    code,
    msg,
    steps: stepsWith(previous?.steps ?? [], { stage, at, code, msg }),
  };
}

/** The commands of a device with this one in its place, newest first. */
export function remember(commands: readonly Command[], command: Command): readonly Command[] {
  const at = commands.findIndex(({ id }) => id === command.id);
  return at < 0 ? [command, ...commands].slice(0, REMEMBERED) : commands.with(at, command);
}

/** Ends it where nobody will tell what became of it. */
export const giveUp = (command: Command, now: number): Command =>
  isOpen(command) ? { ...command, stage: 'unheard', at: now } : command;

function isOverdue(command: Command, now: number): boolean {
  if (!isOpen(command)) return false;
  if (command.stage === 'asked') return now > command.at + HUB_SILENCE_MS;
  if (command.stage === 'accepted' || command.stage === 'progress')
    return now > command.at + ACCEPTED_SILENCE_MS;
  return command.expiresAt !== undefined && now > command.expiresAt + GRACE_MS;
}

/** Gives up on what nobody will tell the outcome of any more; the same list where there is no such command. */
export function giveUpOverdue(commands: readonly Command[], now: number): readonly Command[] {
  if (!commands.some((command) => isOverdue(command, now))) return commands;
  return commands.map((command) => (isOverdue(command, now) ? giveUp(command, now) : command));
}
