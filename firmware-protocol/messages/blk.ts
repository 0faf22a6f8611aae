import { BLOCK } from '../cbor/bounds.ts';
import { message, type MessageType } from '../codec/message.ts';
import { u32 } from '../codec/numbers.ts';
import { bytes, h8 } from '../codec/strings.ts';
import { LIMITS } from '../limits.ts';

/** `dn/blk`: one block of an image, which begins at its byte `off`. */
export const blk = message(
  { name: 'blk', clause: '6.11', bounds: BLOCK },
  { data: bytes(1, LIMITS.blockDataBytes), off: u32, img: h8 },
);

export type Block = MessageType<typeof blk>;
