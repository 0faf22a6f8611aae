import type { Reader } from '../cbor/reader.ts';
import type { Writer } from '../cbor/writer.ts';
import { ProtocolError } from '../error.ts';
import { invalid, type Field } from './field.ts';

function within<T>(index: number, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw error instanceof ProtocolError ? error.within(String(index)) : error;
  }
}

/** An array of `min` to `max` items of one type (SPEC.md 5.9). */
export function list<T>(field: Field<T>, min: number, max: number): Field<readonly T[]> {
  const bounds = Number.isFinite(max) ? `${min} to ${max} items` : 'items';
  const expected = `must be an array of ${bounds}`;
  return {
    read(reader) {
      const offset = reader.at;
      const length = reader.array();
      if (length === undefined || length < min || length > max) throw invalid(expected, offset);
      const values: T[] = [];
      for (let index = 0; index < length; index += 1) {
        values.push(within(index, () => field.read(reader)));
      }
      return values;
    },
    write(writer, values) {
      if (!Array.isArray(values) || values.length < min || values.length > max) throw invalid(expected);
      writer.array(values.length);
      for (const [index, value] of values.entries()) within(index, () => field.write(writer, value as T));
    },
  };
}

/** An array with one item of each type given. */
export function tuple<const T extends readonly unknown[]>(
  ...fields: { readonly [index in keyof T]: Field<T[index]> }
): Field<T> {
  const expected = `must be an array of ${fields.length} items`;
  return {
    read(reader: Reader) {
      const offset = reader.at;
      if (reader.array() !== fields.length) throw invalid(expected, offset);
      return fields.map((field, index) => within(index, () => field.read(reader))) as unknown as T;
    },
    write(writer: Writer, values) {
      if (!Array.isArray(values) || values.length !== fields.length) throw invalid(expected);
      writer.array(fields.length);
      for (const [index, field] of fields.entries()) within(index, () => field.write(writer, values[index]));
    },
  };
}
