import { DEVICE } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { list, tuple } from '../codec/lists.ts';
import { message, type MessageType } from '../codec/message.ts';
import { i53, moment, u32 } from '../codec/numbers.ts';
import { exactlyOne } from '../codec/record.ts';
import { vmap } from '../codec/values.ts';
import { LIMITS } from '../limits.ts';

/** `up/tele`: readings, either of one moment (`vals`) or of several (`batch`, times added to `t`). */
export const tele = message(
  { name: 'tele', clause: '6.4', bounds: DEVICE },
  {
    boot: u32,
    seq: u32,
    t: moment,
    vals: optional(vmap),
    batch: optional(list(tuple(i53, vmap), 1, LIMITS.batch)),
  },
  exactlyOne('vals', 'batch'),
);

export type Telemetry = MessageType<typeof tele>;
