import type { Value } from '#firmware-protocol';

/** Firmware often keeps numbers as binary32, so that 0.1 comes back as 0.10000000149. */
const BINARY32_EPSILON = 2 ** -22;

/** Whether two values of a property mean the same. */
export function sameValue(a: Value | undefined, b: Value | undefined): boolean {
  if (typeof a === 'number' && typeof b === 'number') {
    return a === b || Math.abs(a - b) <= BINARY32_EPSILON * Math.max(Math.abs(a), Math.abs(b));
  }
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, at) => byte === b[at]);
  }
  return a === b;
}
