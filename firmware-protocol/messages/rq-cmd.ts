import * as z from 'zod/mini';
import { DEVICE } from '../bounds.ts';
import { h8, range, u32, u8 } from '../fields.ts';
import { LIMITS } from '../limits.ts';
import { exactlyOne, message, type MessageType } from '../message.ts';
import { vmap } from '../values.ts';
import { args } from './cmd.ts';

/**
 * `rq/cmd`: an operator asks the hub to command a device. `id` is the asker's and makes asking twice harmless;
 * `ttl` is how long the command may live, in ms from its receipt.
 */
export const rqCmd = message(
  'rq/cmd',
  DEVICE,
  {
    vals: z.optional(vmap),
    id: h8,
    if: z.optional(u32),
    op: z.optional(u8),
    args: z.optional(args),
    ttl: range(1, LIMITS.commandLifeMs),
  },
  exactlyOne('vals', 'op'),
);

export type CommandRequest = MessageType<typeof rqCmd>;
