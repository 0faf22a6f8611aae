import type { Reader } from '../cbor/reader.ts';
import { LIMITS } from '../limits.ts';
import { invalid, type Field } from './field.ts';
import { isExact, u8 } from './numbers.ts';
import { isText } from './strings.ts';

/** One value of a property or an argument, as it crosses the wire. */
export type Value = boolean | number | string | Uint8Array | null;

/** Values by property id (`pid`, 0–255), in wire units. */
export type Values = ReadonlyMap<number, Value>;

const VALUE = `must be true, false, null, bytes, text of at most ${LIMITS.textBytes} bytes, or a number within ±(2⁵³−1) where it has no fraction`;

function readValue(reader: Reader): Value | undefined {
  const simple = reader.simple();
  return simple === undefined ? (reader.number() ?? reader.text() ?? reader.byteString()) : simple;
}

function isValue(value: unknown): value is Value {
  switch (typeof value) {
    case 'boolean':
      return true;
    case 'number':
      return isExact(value);
    case 'string':
      return isText(value);
    default:
      return value === null || value instanceof Uint8Array;
  }
}

/** `val` of the CDDL (SPEC.md 5.8). */
export const value: Field<Value> = {
  read(reader) {
    const offset = reader.at;
    const value = readValue(reader);
    if (!isValue(value)) throw invalid(VALUE, offset);
    return value;
  },
  write(writer, value) {
    if (!isValue(value)) throw invalid(VALUE);
    switch (typeof value) {
      case 'number':
        return writer.number(value);
      case 'string':
        return writer.text(value);
      case 'boolean':
        return writer.simple(value);
      default:
        return value === null ? writer.simple(value) : writer.byteString(value);
    }
  },
};

/** A map from property ids to something. */
function byProperty<T>(field: Field<T>): Field<ReadonlyMap<number, T>> {
  const expected = `must map at most ${LIMITS.vals} property ids (0–255) to values`;
  return {
    read(reader) {
      const offset = reader.at;
      const length = reader.map();
      if (length === undefined || length > LIMITS.vals) throw invalid(expected, offset);
      const entries = new Map<number, T>();
      for (let entry = 0; entry < length; entry += 1) entries.set(u8.read(reader), field.read(reader));
      return entries;
    },
    write(writer, entries) {
      if (!(entries instanceof Map) || entries.size > LIMITS.vals) throw invalid(expected);
      writer.map(entries.size);
      for (const pid of ascending(entries)) {
        u8.write(writer, pid);
        field.write(writer, entries.get(pid) as T);
      }
    },
  };
}

function ascending(entries: ReadonlyMap<number, unknown>): Iterable<number> {
  let before = -1;
  for (const pid of entries.keys()) {
    if (pid <= before) return [...entries.keys()].sort((a, b) => a - b);
    before = pid;
  }
  return entries.keys();
}

/** `vmap` of the CDDL. */
export const vmap = byProperty(value);

/** Codes of `CODE` by property id: `errs` of the CDDL. */
export const errors = byProperty(u8);
