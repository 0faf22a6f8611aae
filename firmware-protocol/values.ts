import * as z from 'zod/mini';
import { LIMITS } from './limits.ts';

/** One value of a property or an argument, as it crosses the wire. */
export type Value = boolean | number | string | Uint8Array | null;

/** Values by property id (`pid`, 0–255), in wire units. */
export type Values = ReadonlyMap<number, Value>;

const utf8 = new TextEncoder();

/**
 * Text of at most `LIMITS.textBytes` UTF-8 bytes, without the replacement character that bad UTF-8 turns into, and
 * without the lone surrogates that turn into it when they are encoded.
 */
export function isText(value: unknown): value is string {
  if (typeof value !== 'string' || value.includes('\uFFFD') || !value.isWellFormed()) return false;
  return value.length * 3 <= LIMITS.textBytes || utf8.encode(value).length <= LIMITS.textBytes;
}

function isValue(value: unknown): value is Value {
  switch (typeof value) {
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    case 'string':
      return isText(value);
    default:
      return value === null || value instanceof Uint8Array;
  }
}

export function isPropertyId(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 255;
}

export const text = z.custom<string>(isText, `must be text of at most ${LIMITS.textBytes} bytes`);
export const value = z.custom<Value>(isValue, 'must be a boolean, a number, text, bytes or null');

/** `vmap` of the CDDL. One loop, because a schema of a map of unions is three times slower. */
export const vmap = z.custom<Values>((candidate) => {
  if (!(candidate instanceof Map) || candidate.size > LIMITS.vals) return false;
  for (const [pid, each] of candidate) if (!isPropertyId(pid) || !isValue(each)) return false;
  return true;
}, `must map at most ${LIMITS.vals} property ids (0–255) to values`);
