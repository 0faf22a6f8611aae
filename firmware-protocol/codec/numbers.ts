import { isMoment } from '../time.ts';
import { item, type Field } from './field.ts';

/** An integer that is never a float on the wire (SPEC.md 5.5). */
export function integer(min: number, max: number): Field<number> {
  return item({
    expected: `must be an integer from ${min} to ${max}`,
    read: (reader) => reader.integer(),
    accepts: (n) => Number.isSafeInteger(n) && (n as number) >= min && (n as number) <= max,
    write: (writer, n) => writer.integer(n),
  });
}

export const u8 = integer(0, 0xff);
export const u32 = integer(0, 0xffff_ffff);
export const u53 = integer(0, Number.MAX_SAFE_INTEGER);
export const i53 = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

/** Whether a number can cross the wire without becoming another: finite, and safe where it has no fraction. */
export const isExact = (n: number): boolean =>
  Number.isFinite(n) && (!Number.isInteger(n) || Number.isSafeInteger(n));

/** An integer or a float (SPEC.md 5.6). */
export const num = item<number>({
  expected: 'must be a number, and within ±(2⁵³−1) where it has no fraction',
  read: (reader) => reader.number(),
  accepts: (n) => typeof n === 'number' && isExact(n),
  write: (writer, n) => writer.number(n),
});

/** When something was: Unix time in ms, or relative to receipt (SPEC.md 10.1). */
export const moment = item<number>({
  expected: 'must be Unix time in ms, or 0 or below for a time before receipt; nothing from 1 to 2³⁸−1',
  clause: '10.1',
  read: (reader) => reader.integer(),
  accepts: (t) => isMoment(t as number),
  write: (writer, t) => writer.integer(t),
});
