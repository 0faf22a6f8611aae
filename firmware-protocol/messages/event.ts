import { DEVICE } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { message, type MessageType } from '../codec/message.ts';
import { moment, u32 } from '../codec/numbers.ts';
import { text } from '../codec/strings.ts';
import { vmap } from '../codec/values.ts';

/** `up/event`: something happened, once: the values that say what, at that moment, and a word for people. */
export const event = message(
  { name: 'event', clause: '6.5', bounds: DEVICE },
  { boot: u32, seq: u32, t: moment, vals: vmap, msg: optional(text) },
  ({ vals }) => (vals.size === 0 ? 'needs at least one value' : undefined),
);

export type DeviceEvent = MessageType<typeof event>;
