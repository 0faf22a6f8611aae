import { FEED } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { list } from '../codec/lists.ts';
import { message, type MessageType } from '../codec/message.ts';
import { integer, u32, u53 } from '../codec/numbers.ts';
import { record } from '../codec/record.ts';
import { actor, h8, text } from '../codec/strings.ts';
import { COMMAND } from './ev-cmd.ts';

/** How far a batch is: it goes on, all its commands are over, too many of them failed, or somebody ended it. */
export const BATCH = { running: 0, done: 1, stopped: 2, cancelled: 3 } as const;

const STATES = Object.keys(COMMAND).length;

const batch = {
  t: u53,
  id: h8,
  msg: optional(text),
  st: integer(0, 3),
  n: u32,
  name: text,
  since: u53,
  who: actor,
  tally: list(u32, STATES, STATES),
} as const;

/**
 * `@hub/ev/batch`: how far batches are. `n` is the number of devices, and `tally` says of each state of `COMMAND`, by
 * its number, how many of the commands are in it. `name` says what is done, `msg` why a batch was ended before its end.
 */
export const evBatch = message(
  { name: 'ev/batch', clause: '6.18', bounds: FEED },
  {
    boot: u32,
    seq: u32,
    t: u53,
    batches: list(record(batch), 0, Infinity),
  },
);

export type BatchEvent = MessageType<typeof evBatch>;
export type BatchDelta = BatchEvent['batches'][number];
