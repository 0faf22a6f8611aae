import { FEED } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { list } from '../codec/lists.ts';
import { message, type MessageType } from '../codec/message.ts';
import { integer, u8, u32, u53 } from '../codec/numbers.ts';
import { record } from '../codec/record.ts';
import { text, id, actor, h8 } from '../codec/strings.ts';
import { vmap } from '../codec/values.ts';
import { args } from './cmd.ts';

/** The steps in the life of a command, or of a wish, as the hub knows it; `isOver` tells the last ones. */
export const COMMAND = {
  created: 0,
  accepted: 1,
  progress: 2,
  done: 3,
  failed: 4,
  rejected: 5,
  sent: 6,
  expired: 7,
  timedOut: 8,
  unknown: 9,
  cancelled: 10,
} as const;

const OVER: ReadonlySet<number> = new Set([
  COMMAND.done,
  COMMAND.failed,
  COMMAND.rejected,
  COMMAND.expired,
  COMMAND.timedOut,
  COMMAND.unknown,
  COMMAND.cancelled,
]);

/** Whether nothing more will happen to a command in this state. */
export const isOver = (st: number): boolean => OVER.has(st);

const command = {
  t: u53,
  vals: optional(vmap),
  id: h8,
  code: optional(u8),
  msg: optional(text),
  st: integer(0, 10),
  exp: optional(u53),
  op: optional(u8),
  args: optional(args),
  pct: optional(integer(0, 100)),
  did: id,
  want: optional(vmap),
  ver: optional(u32),
  who: actor,
  since: optional(u53),
  wver: optional(u32),
  bid: optional(h8),
} as const;

/**
 * `@hub/ev/cmd`: where commands stand. `want` is what was asked for, `vals` what the device reported with its
 * acknowledgement, `t` when this step happened and `since` when it was asked for, in hub time. A wish for desired state
 * has no `exp`, and `wver` once a document holds it. `bid` names the batch that a command belongs to.
 */
export const evCmd = message(
  { name: 'ev/cmd', clause: '6.16', bounds: FEED },
  {
    boot: u32,
    seq: u32,
    t: u53,
    cmds: list(record(command), 0, Infinity),
  },
);

export type CommandEvent = MessageType<typeof evCmd>;
export type CommandDelta = CommandEvent['cmds'][number];
