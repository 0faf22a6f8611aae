import { DEVICE } from '../cbor/bounds.ts';
import { optional } from '../codec/field.ts';
import { message, type MessageType } from '../codec/message.ts';
import { integer, u32 } from '../codec/numbers.ts';
import { h8 } from '../codec/strings.ts';

/** What a device says of itself; `lost` is what its will says for it. */
export const STATUS = { lost: 0, online: 1, sleeping: 2, updating: 3, bye: 4 } as const;

/** `up/status`: retained, QoS 1, also the will. `boot` and `sess` tell a current one from a stale one. */
export const status = message(
  { name: 'status', clause: '6.1', bounds: DEVICE },
  {
    boot: u32,
    seq: optional(u32),
    st: integer(0, 4),
    sess: u32,
    dhash: optional(h8),
  },
);

export type Status = MessageType<typeof status>;
