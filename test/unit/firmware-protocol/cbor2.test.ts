import { describe, expect, test } from 'vitest';
import { FIRST_EXTENSION_KEY, KEYS, type FieldName } from '../../../firmware-protocol/keys.ts';
import { decodeElsewhere, encodeElsewhere } from './other-cbor.ts';
import { fromHex, isAboutUtf8, refusedFiles, toHex, vectorFiles } from './vector-files.ts';

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A message of a vector as it is on the wire: records become maps by the key registry. */
function toWire(json: Json): unknown {
  if (Array.isArray(json)) return json.map(toWire);
  if (typeof json !== 'object' || json === null) return json;
  if ('hex' in json) return fromHex(json['hex'] as string);
  if ('map' in json) {
    return new Map((json['map'] as [number, Json][]).map(([pid, value]) => [pid, toWire(value)]));
  }
  return new Map(Object.entries(json).map(([name, value]) => [KEYS[name as FieldName], toWire(value)]));
}

/** What was decoded, in the form of what was expected: integers as numbers, and keys that may be unknown left out. */
function comparable(decoded: unknown, expected: unknown): unknown {
  if (typeof decoded === 'bigint') return Number(decoded);
  if (Array.isArray(decoded)) {
    return decoded.map((item, at) => comparable(item, (expected as unknown[] | undefined)?.[at]));
  }
  if (!(decoded instanceof Map)) return decoded;
  const known = expected instanceof Map ? expected : new Map<unknown, unknown>();
  return new Map(
    [...(decoded as Map<bigint, unknown>)]
      .map(([key, value]) => [Number(key), value] as const)
      .filter(([key]) => known.has(key) || key < FIRST_EXTENSION_KEY)
      .map(([key, value]) => [key, comparable(value, known.get(key))]),
  );
}

describe.each(vectorFiles())('$file', ({ vectors }) => {
  test.each(vectors)('cbor2 decodes the same: $name', ({ hex, message }) => {
    const expected = toWire(message as Json);
    expect(comparable(decodeElsewhere(fromHex(hex)), expected)).toStrictEqual(expected);
  });

  test.each(vectors.filter(({ only }) => only !== 'decode'))(
    'cbor2 encodes the same: $name',
    ({ hex, message }) => {
      expect(toHex(encodeElsewhere(toWire(message as Json)))).toBe(hex);
    },
  );
});

const malformed = refusedFiles()
  .flatMap(({ vectors }) => vectors)
  .filter((vector) => vector.code === 'bad_cbor' || isAboutUtf8(vector));

test.each(malformed)('cbor2 refuses $type: $name', ({ hex }) => {
  expect(() => decodeElsewhere(fromHex(hex))).toThrow();
});
