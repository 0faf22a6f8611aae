import type { Reader } from '../cbor/reader.ts';
import type { Writer } from '../cbor/writer.ts';
import { ProtocolError } from '../error.ts';
import { FIRST_EXTENSION_KEY, fieldName, KEYS, type FieldName } from '../keys.ts';
import { invalid, type Field, type OptionalField } from './field.ts';

/** The fields of a record by their registry names. */
export type Shape = { readonly [name in FieldName]?: Field<unknown> | OptionalField<unknown> };

type Required<S> = { [K in keyof S as S[K] extends Field<unknown> ? K : never]: Read<S[K]> };
type Optional<S> = { [K in keyof S as S[K] extends Field<unknown> ? never : K]?: Read<S[K]> | undefined };
type Read<F> = F extends Field<infer T> ? T : F extends OptionalField<infer T> ? T : never;

/** What a record of a shape is in TypeScript. */
export type RecordOf<S> = { [K in keyof (Required<S> & Optional<S>)]: (Required<S> & Optional<S>)[K] };

/** Something that holds of a whole record: returns what is wrong, or undefined. */
export type Rule<T> = (record: T) => string | undefined;

interface Entry {
  readonly name: FieldName;
  readonly key: number;
  readonly field: Field<unknown>;
  readonly required: boolean;
}

const HIGHEST_KEY = 0xffff;

/** A map whose keys are numbers of the registry (SPEC.md, section 5). Keys that it does not know are ignored from 48 on. */
export function record<const S extends Shape>(
  shape: S,
  rule: Rule<RecordOf<S>> = () => undefined,
): Field<RecordOf<S>> {
  const entries = entriesOf(shape);
  const byKey: (Entry | undefined)[] = [];
  for (const entry of entries) byKey[entry.key] = entry;
  const required = entries.filter((entry) => entry.required);

  function obeyRule(fields: RecordOf<S>, offset?: number): void {
    const broken = rule(fields);
    if (broken !== undefined) throw invalid(broken, offset);
  }

  return {
    read(reader) {
      const offset = reader.at;
      const length = reader.map();
      if (length === undefined) throw invalid('must be a map with integer keys', offset);
      const fields: Record<string, unknown> = {};
      let missing = required.length;
      for (let pair = 0; pair < length; pair += 1) {
        const entry = byKey[readKey(reader, byKey)];
        if (entry === undefined) {
          reader.skip();
          continue;
        }
        fields[entry.name] = readField(reader, entry);
        if (entry.required) missing -= 1;
      }
      if (missing > 0) {
        throw invalid(`lacks ${namesOf(required.filter(({ name }) => !(name in fields)))}`, offset);
      }
      obeyRule(fields as RecordOf<S>, offset);
      return fields as RecordOf<S>;
    },

    write(writer, record) {
      if (typeof record !== 'object' || record === null) throw invalid('must be an object');
      const fields = record as Record<string, unknown>;
      const present = entries.filter(({ name }) => fields[name] !== undefined);
      const lacking = required.filter(({ name }) => fields[name] === undefined);
      if (lacking.length > 0) throw invalid(`lacks ${namesOf(lacking)}`);
      refuseUnknown(fields, shape);
      writer.map(present.length);
      for (const entry of present) {
        writer.integer(entry.key);
        writeField(writer, entry, fields[entry.name]);
      }
      // Last, as a rule takes for granted that every field is of its type.
      obeyRule(record);
    },
  };
}

/** The fields of a shape in the order of their keys, which is the order on the wire. */
function entriesOf(shape: Shape): readonly Entry[] {
  return Object.entries(shape)
    .map(([name, field]) => ({
      name: name as FieldName,
      key: KEYS[name as FieldName],
      field: 'optional' in field ? field.optional : field,
      required: !('optional' in field),
    }))
    .sort((a, b) => a.key - b.key);
}

/** Reads a key that may be here: one of this record, or one that is to be ignored. */
function readKey(reader: Reader, byKey: readonly (Entry | undefined)[]): number {
  const offset = reader.at;
  const key = reader.integer();
  if (key === undefined || key < 0 || key > HIGHEST_KEY) {
    const reason = 'a key that is not an integer from 0 to 65535';
    throw new ProtocolError('bad_key', reason, { offset, clause: '5.1' });
  }
  if (key < FIRST_EXTENSION_KEY && byKey[key] === undefined) {
    const name = fieldName(key);
    const reason = `key ${key}${name === undefined ? '' : ` (${name})`} does not belong here`;
    throw new ProtocolError('unexpected_key', reason, { offset, clause: '5.2' });
  }
  return key;
}

function readField(reader: Reader, { field, name }: Entry): unknown {
  try {
    return field.read(reader);
  } catch (error) {
    throw error instanceof ProtocolError ? error.within(name) : error;
  }
}

function writeField(writer: Writer, { field, name }: Entry, value: unknown): void {
  try {
    field.write(writer, value);
  } catch (error) {
    throw error instanceof ProtocolError ? error.within(name) : error;
  }
}

function refuseUnknown(fields: Record<string, unknown>, shape: Shape): void {
  for (const name in fields) {
    if (fields[name] !== undefined && !Object.hasOwn(shape, name)) throw invalid(`has no field ${name}`);
  }
}

const namesOf = (entries: readonly Entry[]): string => entries.map(({ name }) => name).join(' and ');

/** A rule: exactly one of two fields is there. */
export function exactlyOne<T>(a: keyof T & string, b: keyof T & string): Rule<T> {
  return (record) =>
    (record[a] === undefined) === (record[b] === undefined)
      ? `needs exactly one of ${a} and ${b}`
      : undefined;
}
