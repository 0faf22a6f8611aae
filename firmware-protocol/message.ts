import * as z from 'zod/mini';
import { decodeCbor, encodeCbor, type CborBounds } from './cbor.ts';
import { ProtocolError } from './error.ts';
import { FIRST_EXTENSION_KEY, fieldName, KEYS, type FieldName } from './keys.ts';

/** Fields of a record by their registry names. Nested records are `record(…)`; optional ones `z.optional(…)`. */
export type Shape = { readonly [name in FieldName]?: z.ZodMiniType };

type RecordOf<S extends Shape> = z.infer<
  z.ZodMiniObject<{ [K in keyof S]: NonNullable<S[K]> & z.ZodMiniType }>
>;

/** One message of the protocol: its name, and how it becomes bytes and back. */
export interface Message<T> {
  readonly name: string;
  /**
   * Checks a message and encodes it deterministically.
   * @throws ProtocolError `bad_value` where the message breaks its own rules
   */
  encode(message: T): Uint8Array;
  /**
   * Decodes and validates one payload. Unknown keys from 48 on are ignored.
   * @throws ProtocolError
   */
  decode(payload: Uint8Array): T;
}

/** The type of the messages that a `Message` handles. */
export type MessageType<M> = M extends Message<infer T> ? T : never;

/** Undoes `toWire`: registry numbers become names; keys that this record does not have are refused below 48. */
function fromWire(shape: Shape, wire: unknown): unknown {
  if (!(wire instanceof Map)) throw new ProtocolError('not_a_map', 'expected a map with integer keys');
  const fields: Record<string, unknown> = {};
  for (const [key, value] of wire) {
    if (!Number.isInteger(key) || key < 0 || key > 0xffff) {
      throw new ProtocolError('bad_key', `map key ${String(key)} is not an integer from 0 to 65535`);
    }
    const name = fieldName(key as number);
    if (name !== undefined && shape[name] !== undefined) fields[name] = value;
    else if (key < FIRST_EXTENSION_KEY) {
      throw new ProtocolError('unexpected_key', `key ${key}${name ? ` (${name})` : ''} does not belong here`);
    }
  }
  return fields;
}

/** Marks the plain objects that are records of the protocol, so that encoding knows them from values. */
function toWire(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toWire);
  if (value instanceof Map || value instanceof Uint8Array || typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .map(([name, field]) => [KEYS[name as FieldName], toWire(field)] as const)
    .sort(([a], [b]) => a - b);
  return new Map(entries);
}

/** A record nested in a message: the same key registry, decoded from a map of its own. */
export function record<const S extends Shape>(shape: S): z.ZodMiniType<RecordOf<S>> {
  const object = z.strictObject(shape as never);
  return z.pipe(
    z.transform((wire) => (wire instanceof Map ? fromWire(shape, wire) : wire)),
    object as never,
  ) as never;
}

/**
 * Defines a message. `rule` says what the shape alone cannot, and returns what is wrong, or undefined.
 */
export function message<const S extends Shape>(
  name: string,
  bounds: CborBounds,
  shape: S,
  rule: (message: RecordOf<S>) => string | undefined = () => undefined,
): Message<RecordOf<S>> {
  const schema = z.strictObject(shape as never);

  function check(fields: unknown): RecordOf<S> {
    const result = schema.safeParse(fields);
    if (!result.success) {
      const issue = result.error.issues[0];
      const path = issue?.path.join('.') ?? '';
      throw new ProtocolError(
        'bad_value',
        `${name}${path && `.${path}`}: ${issue?.message ?? 'is not valid'}`,
      );
    }
    const checked = result.data as RecordOf<S>;
    const broken = rule(checked);
    if (broken !== undefined) throw new ProtocolError('bad_value', `${name}: ${broken}`);
    return checked;
  }

  return {
    name,
    encode: (fields) => encodeCbor(toWire(check(fields))),
    decode: (payload) => check(fromWire(shape, decodeCbor(payload, bounds))),
  };
}

/** A rule: exactly one of two fields is there. */
export function exactlyOne<T>(a: keyof T & string, b: keyof T & string): (message: T) => string | undefined {
  return (message) =>
    (message[a] === undefined) === (message[b] === undefined)
      ? `needs exactly one of ${a} and ${b}`
      : undefined;
}
