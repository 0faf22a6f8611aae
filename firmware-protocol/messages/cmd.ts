import { DEVICE } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { list } from '../codec/lists.ts';
import { message, type MessageType } from '../codec/message.ts';
import { u8, u32, u53 } from '../codec/numbers.ts';
import { exactlyOne } from '../codec/record.ts';
import { h8 } from '../codec/strings.ts';
import { value, vmap, type Value, type Values } from '../codec/values.ts';

export const args = list(value, 0, 8);

/** A command either writes properties or runs an action, which alone has arguments. */
export function valsOrAction(command: {
  readonly vals?: Values | undefined;
  readonly op?: number | undefined;
  readonly args?: readonly Value[] | undefined;
}): string | undefined {
  if (command.vals && command.args) return 'has args, which only an action has';
  return exactlyOne<typeof command>('vals', 'op')(command);
}

/** `dn/cmd`: set properties (`vals`) or run an action (`op`). `exp` is hub time in ms; `if` a state version. */
export const cmd = message(
  { name: 'cmd', clause: '6.7', bounds: DEVICE },
  {
    vals: optional(vmap),
    id: h8,
    exp: u53,
    if: optional(u32),
    op: optional(u8),
    args: optional(args),
  },
  valsOrAction,
);

export type Command = MessageType<typeof cmd>;
