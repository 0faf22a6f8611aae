import * as z from 'zod/mini';
import { DEVICE } from '../bounds.ts';
import { h8, u32, u53, u8 } from '../fields.ts';
import { exactlyOne, message, type MessageType } from '../message.ts';
import { value, vmap } from '../values.ts';

export const args = z.array(value).check(z.maxLength(8));

/** `dn/cmd`: set properties (`vals`) or run an action (`op`). `exp` is hub time in ms; `if` a state version. */
export const cmd = message(
  'cmd',
  DEVICE,
  {
    vals: z.optional(vmap),
    id: h8,
    exp: u53,
    if: z.optional(u32),
    op: z.optional(u8),
    args: z.optional(args),
  },
  exactlyOne('vals', 'op'),
);

export type Command = MessageType<typeof cmd>;
