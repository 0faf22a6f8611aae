import { desc, type Description } from '#firmware-protocol';
import { toHex } from '../format/hex.ts';

const HASH_BYTES = 8;

/**
 * Reads the payload of an `up/desc` and its hash: the first 8 bytes of its SHA-256, in hexadecimal.
 * @throws ProtocolError where the payload is none
 */
export async function readDescription(
  payload: Uint8Array,
): Promise<{ hash: string; description: Description }> {
  const description = desc.decode(payload);
  // A copy, because the payload is a view into the message, and digest() wants memory of its own.
  const digest = await crypto.subtle.digest('SHA-256', Uint8Array.from(payload));
  return { hash: toHex(new Uint8Array(digest, 0, HASH_BYTES)), description };
}
