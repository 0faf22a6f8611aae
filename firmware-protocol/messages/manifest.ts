import { DEVICE } from '../cbor/bounds.ts';
import { message, type MessageType } from '../codec/message.ts';
import { u32 } from '../codec/numbers.ts';
import { bytes, text } from '../codec/strings.ts';

const SHA256_BYTES = 32;

/**
 * What an image is: its SHA-256, its size in bytes, the model and firmware, and the anti-rollback counter. It is the
 * payload of the COSE_Sign1 (RFC 9052) that the OTA action carries.
 */
export const manifest = message(
  { name: 'manifest', clause: '6.12', bounds: DEVICE },
  { data: bytes(SHA256_BYTES), n: u32, model: text, fw: text, arb: u32 },
);

export type Manifest = MessageType<typeof manifest>;
