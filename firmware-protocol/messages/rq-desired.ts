import { DEVICE } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { message, type MessageType } from '../codec/message.ts';
import { u32 } from '../codec/numbers.ts';
import { h8 } from '../codec/strings.ts';
import { vmap } from '../codec/values.ts';

/**
 * `rq/desired`: an operator asks for persistent properties to have these values; others stay as they are.
 * `if` is the version of the desired document it was based on.
 */
export const rqDesired = message(
  { name: 'rq/desired', clause: '6.14', bounds: DEVICE },
  { vals: vmap, id: h8, if: optional(u32) },
);

export type DesiredRequest = MessageType<typeof rqDesired>;
