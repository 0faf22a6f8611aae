import { LIMITS } from '#firmware-protocol';

const MORE = '…';

/** A text as a message can carry it: well-formed, and cut where it has more than `most` bytes of UTF-8 (SPEC.md 5.7). */
export function carried(text: string, most: number = LIMITS.textBytes): string {
  const bytes = Buffer.from(text.toWellFormed());
  if (bytes.length <= most) return bytes.toString();
  // While it streams, a decoder holds back a character that is cut in two.
  const cut = new TextDecoder().decode(bytes.subarray(0, most - Buffer.byteLength(MORE)), { stream: true });
  return cut + MORE;
}
