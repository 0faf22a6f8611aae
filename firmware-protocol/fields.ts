import * as z from 'zod/mini';
import { isText } from './values.ts';

/** Field types of the CDDL that more than one message uses. */
const integer = (min: number, max: number) =>
  z.custom<number>(
    (n) => Number.isSafeInteger(n) && (n as number) >= min && (n as number) <= max,
    `must be an integer from ${min} to ${max}`,
  );

export const u8 = integer(0, 255);
export const u32 = integer(0, 0xffff_ffff);
export const u53 = integer(0, Number.MAX_SAFE_INTEGER);
export const i53 = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
export const range = integer;

/** A finite number; an integer is a safe one. */
export const num = z.custom<number>(
  (n) => Number.isFinite(n) && (!Number.isInteger(n) || Number.isSafeInteger(n)),
  'must be a number',
);

export const bytes = (length: number) =>
  z.custom<Uint8Array>((b) => b instanceof Uint8Array && b.length === length, `must be ${length} bytes`);

/** Eight opaque bytes: a command id or a description hash. */
export const h8 = bytes(8);

const ID = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** A tenant or device id, as it stands in topics. */
export const isId = (candidate: unknown): candidate is string =>
  typeof candidate === 'string' && ID.test(candidate);

export const id = z.custom<string>(
  isId,
  'must be 1 to 32 of a–z, 0–9, "_" and "-", beginning with a letter or digit',
);

/** The name of a person or of the hub itself: an id after "@". */
export const actor = z.custom<string>(
  (candidate) => isText(candidate) && candidate.startsWith('@') && isId(candidate.slice(1)),
  'must be an id after "@"',
);
