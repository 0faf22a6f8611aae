import { DEVICE } from '../cbor/bounds.ts';
import { message, type MessageType } from '../codec/message.ts';
import { integer, u32 } from '../codec/numbers.ts';
import { h8 } from '../codec/strings.ts';
import { LIMITS } from '../limits.ts';

/** `up/blk`: a device asks for `n` blocks of an image from the byte `off` on. */
export const blkreq = message(
  { name: 'blkreq', clause: '6.10', bounds: DEVICE },
  { off: u32, n: integer(1, LIMITS.blocks), img: h8 },
);

export type BlockRequest = MessageType<typeof blkreq>;
