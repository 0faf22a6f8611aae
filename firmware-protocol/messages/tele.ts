import * as z from 'zod/mini';
import { DEVICE } from '../bounds.ts';
import { i53, u32 } from '../fields.ts';
import { LIMITS } from '../limits.ts';
import { exactlyOne, message, type MessageType } from '../message.ts';
import { vmap } from '../values.ts';

/** `up/tele`: readings, either of one moment (`vals`) or of several (`batch`, times added to `t`). */
export const tele = message(
  'tele',
  DEVICE,
  {
    boot: u32,
    seq: u32,
    t: i53,
    vals: z.optional(vmap),
    batch: z.optional(z.array(z.tuple([i53, vmap])).check(z.minLength(1), z.maxLength(LIMITS.batch))),
  },
  exactlyOne('vals', 'batch'),
);

export type Telemetry = MessageType<typeof tele>;
