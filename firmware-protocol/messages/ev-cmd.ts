import * as z from 'zod/mini';
import { FEED } from '../bounds.ts';
import { actor, h8, id, range, u32, u53, u8 } from '../fields.ts';
import { message, record, type MessageType } from '../message.ts';
import { text, vmap } from '../values.ts';
import { args } from './cmd.ts';

/** The life of a command as the hub knows it. From `done` on it is over, `sent` apart. */
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
} as const;

const OVER: ReadonlySet<number> = new Set([
  COMMAND.done,
  COMMAND.failed,
  COMMAND.rejected,
  COMMAND.expired,
  COMMAND.timedOut,
  COMMAND.unknown,
]);

/** Whether nothing more will happen to a command in this state. */
export const isOver = (st: number): boolean => OVER.has(st);

const command = {
  t: u53,
  vals: z.optional(vmap),
  id: h8,
  code: z.optional(u8),
  msg: z.optional(text),
  st: range(0, 9),
  exp: u53,
  op: z.optional(u8),
  args: z.optional(args),
  pct: z.optional(range(0, 100)),
  did: id,
  want: z.optional(vmap),
  ver: z.optional(u32),
  who: actor,
} as const;

/**
 * `@hub/ev/cmd`: where commands stand. `want` is what was asked for, `vals` what the device reported with its
 * acknowledgement, `t` when this step happened, in hub time.
 */
export const evCmd = message('ev/cmd', FEED, {
  boot: u32,
  seq: u32,
  t: u53,
  cmds: z.array(record(command)),
});

export type CommandEvent = MessageType<typeof evCmd>;
export type CommandDelta = CommandEvent['cmds'][number];
