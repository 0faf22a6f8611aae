import { DEVICE, FEED } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { message, type MessageType } from '../codec/message.ts';
import { i53, moment, u32 } from '../codec/numbers.ts';
import { vmap, errors } from '../codec/values.ts';

const shape = {
  boot: u32,
  seq: u32,
  t: moment,
  vals: vmap,
  ver: u32,
  dver: optional(u32),
  errs: optional(errors),
} as const;

/** `up/state`: a full snapshot of what is not sampled. `ver` grows with each change; `dver` is the desired version applied. */
export const state = message({ name: 'state', clause: '6.3', bounds: DEVICE }, shape);

/**
 * Values as a hub keeps them: in the form of an `up/state`, which may be longer than any that is sent, at a time that
 * the hub has worked out (Unix ms).
 */
export const stateRecord = message(
  { name: 'state record', clause: '6.3', bounds: FEED },
  { ...shape, boot: optional(u32), seq: optional(u32), ver: optional(u32), t: i53 },
);

export type State = MessageType<typeof state>;
