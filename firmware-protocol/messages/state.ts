import * as z from 'zod/mini';
import { DEVICE } from '../bounds.ts';
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

/** `up/state`: a full snapshot of what is not sampled. `ver` grows with each change; `dver` is the desired version applied. */
export const state = message('state', DEVICE, {
  boot: u32,
  seq: u32,
  t: i53,
  vals: vmap,
  ver: u32,
  dver: z.optional(u32),
  errs: z.optional(errors),
});

export type State = MessageType<typeof state>;
export { errors };
