import type * as z from 'zod';
import { decodeCbor, encodeCbor, toWire } from './reference-cbor.ts';
import { CBOR_FORM } from './reference-forms.ts';
import { schemas } from './reference-schemas.ts';

/**
 * The protocol once more, from a CBOR library and schemas as one would write them from the CDDL. It shares nothing
 * with the codec but the key registry, so that neither can hide the other's faults.
 */
export interface Reference {
  /** @throws Error where a message breaks its rules */
  encode(message: unknown): Uint8Array;
  /** @throws Error where a payload is not a message of this kind */
  decode(payload: Uint8Array): unknown;
}

const reference = (schema: z.ZodType): Reference => ({
  encode: (message) => encodeCbor(toWire(schema.parse(message))),
  decode: (payload) => schema.parse(decodeCbor(payload)),
});

/** The reference of every message, by its name. */
export const REFERENCES: ReadonlyMap<string, Reference> = new Map(
  Object.entries(schemas(CBOR_FORM)).map(([name, schema]) => [name, reference(schema)]),
);
