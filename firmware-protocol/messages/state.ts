import * as z from 'zod/mini';
import { DEVICE, FEED } from '../bounds.ts';
import { i53, u32 } from '../fields.ts';
import { message, type MessageType } from '../message.ts';
import { isPropertyId, vmap } from '../values.ts';

const errors = z.custom<ReadonlyMap<number, number>>(
  (candidate) =>
    candidate instanceof Map &&
    candidate.size <= 128 &&
    [...candidate].every(([pid, code]) => isPropertyId(pid) && isPropertyId(code)),
  'must map property ids to error codes',
);

const shape = {
  boot: u32,
  seq: u32,
  t: i53,
  vals: vmap,
  ver: u32,
  dver: z.optional(u32),
  errs: z.optional(errors),
} as const;

/** `up/state`: a full snapshot of what is not sampled. `ver` grows with each change; `dver` is the desired version applied. */
export const state = message('state', DEVICE, shape);

/** The values of several messages in the form of one `up/state`, which may be longer than any that is sent. */
export const stateRecord = message('state record', FEED, shape);

export type State = MessageType<typeof state>;
export { errors };
