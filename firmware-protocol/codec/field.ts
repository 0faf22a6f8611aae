import type { Reader } from '../cbor/reader.ts';
import type { Writer } from '../cbor/writer.ts';
import { ProtocolError } from '../error.ts';

/** One type of the CDDL: how a value of it is read from a payload, and checked and written into one. */
export interface Field<T> {
  /** @throws ProtocolError with the offset where the next item is not of this type */
  read(reader: Reader): T;
  /** @throws ProtocolError where the value is not of this type */
  write(writer: Writer, value: T): void;
}

/** A field that a record may lack. */
export interface OptionalField<T> {
  readonly optional: Field<T>;
}

export const optional = <T>(field: Field<T>): OptionalField<T> => ({ optional: field });

/** A value that is not what its field asks for. */
export function invalid(expected: string, offset?: number, clause?: string): ProtocolError {
  return new ProtocolError('bad_value', expected, { offset, clause });
}

/**
 * A field that is one CBOR item. `read` gives undefined where the item is of another kind; `accepts` says whether a
 * value is right, and `expected` completes a sentence for whoever sent one that is not.
 */
export function item<T>(definition: {
  readonly expected: string;
  /** Of SPEC.md, where it is not that of the message. */
  readonly clause?: string;
  read(reader: Reader): unknown;
  accepts(value: unknown): boolean;
  write(writer: Writer, value: T): void;
}): Field<T> {
  const { expected, clause, read, accepts, write } = definition;
  return {
    read(reader) {
      const offset = reader.at;
      const value = read(reader);
      if (!accepts(value)) throw invalid(expected, offset, clause);
      return value as T;
    },
    write(writer, value) {
      if (!accepts(value)) throw invalid(expected, undefined, clause);
      write(writer, value);
    },
  };
}
