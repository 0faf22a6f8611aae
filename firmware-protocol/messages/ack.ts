import { DEVICE } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { message, type MessageType } from '../codec/message.ts';
import { integer, moment, u32, u8 } from '../codec/numbers.ts';
import { text, h8 } from '../codec/strings.ts';
import { vmap } from '../codec/values.ts';

/** How far a device has come with a command. */
export const ACK = { accepted: 1, progress: 2, done: 3, failed: 4, rejected: 5 } as const;

/** Why not: the numbers of google.rpc.Code that the protocol uses; a vendor's own start at 64. */
export const CODE = {
  ok: 0,
  unknown: 2,
  invalid: 3,
  expired: 4,
  notFound: 5,
  denied: 7,
  busy: 8,
  precondition: 9,
  aborted: 10,
  range: 11,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

/** `up/ack`: the device's word on a command; `vals` and `ver` are its state afterwards. */
export const ack = message(
  { name: 'ack', clause: '6.6', bounds: DEVICE },
  {
    boot: u32,
    seq: u32,
    t: moment,
    vals: optional(vmap),
    ver: optional(u32),
    id: h8,
    code: optional(u8),
    msg: optional(text),
    st: integer(1, 5),
    pct: optional(integer(0, 100)),
  },
);

export type Ack = MessageType<typeof ack>;
