import type { Value } from '#firmware-protocol';

/** Bytes that values take in a message at most, near enough. */
export function weightOf(...lists: readonly (Iterable<Value> | undefined)[]): number {
  let bytes = 0;
  for (const values of lists) {
    for (const value of values ?? []) {
      bytes += typeof value === 'string' || value instanceof Uint8Array ? 6 + value.length * 3 : 12;
    }
  }
  return bytes;
}

/** Bytes after which a message of a feed takes no more: well below `LIMITS.feedBytes`. */
export const MESSAGE_BYTES = 524_288;
