import { encodeUtf8 } from '../cbor/utf8.ts';
import { LIMITS } from '../limits.ts';
import { item, type Field } from './field.ts';

/** The most bytes that UTF-8 needs for one unit of UTF-16. */
const BYTES_PER_UNIT = 3;

/** Text that has UTF-8, and not more than `LIMITS.textBytes` of it (SPEC.md 5.7). */
export function isText(value: unknown): value is string {
  if (typeof value !== 'string' || !value.isWellFormed()) return false;
  return value.length * BYTES_PER_UNIT <= LIMITS.textBytes || encodeUtf8(value).length <= LIMITS.textBytes;
}

function textThat(expected: string, accepts: (text: string) => boolean): Field<string> {
  return item({
    expected,
    read: (reader) => reader.text(),
    accepts: (value) => isText(value) && accepts(value),
    write: (writer, text) => writer.text(text),
  });
}

export const text = textThat(`must be text of at most ${LIMITS.textBytes} bytes`, () => true);

const ID = /^[a-z0-9][a-z0-9_-]{0,31}$/;

/** A tenant or device id, as it stands in topics (SPEC.md 3.2). */
export const isId = (candidate: unknown): candidate is string =>
  typeof candidate === 'string' && ID.test(candidate);

export const id = textThat(
  'must be 1 to 32 of a–z, 0–9, "_" and "-", beginning with a letter or digit',
  isId,
);

/** The name of a person or of the hub itself: an id after "@". */
export const actor = textThat(
  'must be an id after "@"',
  (candidate) => candidate.startsWith('@') && isId(candidate.slice(1)),
);

/** A byte string of `min` to `max` bytes. */
export function bytes(min: number, max = min): Field<Uint8Array> {
  return item({
    expected: min === max ? `must be ${min} bytes` : `must be ${min} to ${max} bytes`,
    read: (reader) => reader.byteString(),
    accepts: (value) => value instanceof Uint8Array && value.length >= min && value.length <= max,
    write: (writer, value) => writer.byteString(value),
  });
}

/** Eight opaque bytes: the id of a command, or the beginning of a hash. */
export const h8 = bytes(8);
