import * as z from 'zod';
import { fieldName } from '../../../firmware-protocol/keys.ts';

type Shape = Readonly<Record<string, z.ZodType>>;

/** How records, maps by property id and byte strings come. All else is the same in every form. */
export interface Form {
  record(shape: Shape): z.ZodType;
  byProperty(of: z.ZodType, min: number): z.ZodType;
  bytes(min: number, max: number): z.ZodType;
}

/** Messages as they come out of CBOR: maps with numbers of the key registry. */
export const CBOR_FORM: Form = {
  record(shape) {
    const named = (wire: unknown): unknown => (wire instanceof Map ? namesOf(wire, shape) : wire);
    return z.pipe(z.transform(named), z.strictObject(shape));
  },
  byProperty: (of, min) =>
    z.map(z.number().int().min(0).max(0xff), of).refine(({ size }) => size >= min && size <= 128),
  bytes: (min, max) => z.instanceof(Uint8Array).refine(({ length }) => length >= min && length <= max),
};

/** SPEC.md 5.2. */
const FIRST_IGNORED_KEY = 48;

function namesOf(wire: ReadonlyMap<unknown, unknown>, shape: Shape): unknown {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of wire) {
    if (!Number.isInteger(key) || (key as number) < 0 || (key as number) > 0xffff) return undefined;
    const name = fieldName(key as number);
    if (name !== undefined && Object.hasOwn(shape, name)) fields[name] = value;
    else if ((key as number) < FIRST_IGNORED_KEY) return undefined;
  }
  return fields;
}

const PID = /^(\d|[1-9]\d|1\d\d|2[0-4]\d|25[0-5])$/;

/** Messages as one would send them in JSON: names, and bytes in base64. */
export const JSON_FORM: Form = {
  record: (shape) => z.strictObject(shape),
  byProperty: (of, min) =>
    z.record(z.string().regex(PID), of).refine((entries) => {
      const size = Object.keys(entries).length;
      return size >= min && size <= 128;
    }),
  bytes: (min, max) =>
    z.base64().refine((encoded) => {
      const length = Buffer.byteLength(encoded, 'base64');
      return length >= min && length <= max;
    }),
};
