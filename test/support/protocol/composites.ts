import * as fc from 'fast-check';
import { KEYS, type FieldName } from '../../../firmware-protocol/keys.ts';
import { bytes, num, text, u8, type Kind } from './kinds.ts';

/** `val` of the CDDL. */
export const value: Kind = {
  valid: fc.oneof(
    fc.boolean(),
    fc.constant(null),
    { arbitrary: num.valid, weight: 3 },
    text.valid,
    bytes(0, 300).valid,
  ),
  broken: fc.constantFrom<unknown[]>(
    NaN,
    Infinity,
    2 ** 53,
    1e300,
    'x'.repeat(257),
    [],
    [1],
    new Map([[1, 1]]),
  ),
};

/** A map from property ids, with `min` to 128 entries. */
export function byProperty<T>(of: Kind<T>, min = 0): Kind<Map<number, T>> {
  const entries = (from: number, to: number): fc.Arbitrary<Map<number, T>> =>
    fc
      .uniqueArray(fc.tuple(u8.valid, of.valid), { selector: ([pid]) => pid, minLength: from, maxLength: to })
      .map((pairs) => new Map(pairs));
  const many = (size: number, first: T): Map<number, T> =>
    new Map(Array.from({ length: size }, (_, index) => [255 - index, first]));
  return {
    valid: fc.oneof(
      { arbitrary: entries(min, 6), weight: 8 },
      { arbitrary: entries(23, 25), weight: 1 },
      {
        arbitrary: fc.tuple(fc.constantFrom(24, 127, 128), of.valid).map(([size, one]) => many(size, one)),
        weight: 1,
      },
    ),
    broken: fc.oneof(
      of.valid.map((one) => many(129, one)),
      fc
        .tuple(fc.constantFrom<unknown[]>(-1, 256, 2 ** 32, 0.5, '1', '', null, true), of.valid)
        .map(([pid, one]) => new Map([[pid, one]])),
      fc
        .tuple(entries(0, 4), u8.valid, of.broken)
        .map(([map, pid, one]) => new Map<number, unknown>([...map, [pid, one]])),
      fc.constantFrom<unknown[]>(
        null,
        0,
        true,
        'a',
        [],
        [[1, 1]],
        new Uint8Array(1),
        ...(min > 0 ? [new Map()] : []),
      ),
    ),
  };
}

export const values = byProperty(value);
export const codes = byProperty(u8);

/** An array of `min` to `max` items; `usual` is how many there are mostly. */
export function list<T>(of: Kind<T>, min: number, max: number, usual = 3): Kind<T[]> {
  const some = fc.array(of.valid, { minLength: min, maxLength: Math.min(max, Math.max(min, usual)) });
  const repeated = (length: number): fc.Arbitrary<T[]> => of.valid.map((one) => Array<T>(length).fill(one));
  return {
    valid: Number.isFinite(max)
      ? fc.oneof({ arbitrary: some, weight: 9 }, { arbitrary: repeated(max), weight: 1 })
      : some,
    broken: fc.oneof(
      fc
        .tuple(some, of.broken, fc.nat())
        .map(([items, broken, at]) => items.toSpliced(at % (items.length + 1), 1, broken as T)),
      ...(Number.isFinite(max) ? [repeated(max + 1)] : []),
      ...(min > 0 ? [fc.constant([])] : []),
      fc.constantFrom<unknown[]>(null, 0, false, 'a', new Uint8Array(2), new Map()),
    ),
  };
}

/** An array with one item of each kind. */
export function tuple<T extends readonly unknown[]>(...of: { [index in keyof T]: Kind<T[index]> }): Kind<T> {
  const valid = fc.tuple(...of.map((kind) => kind.valid)) as unknown as fc.Arbitrary<T>;
  const oneBroken = of.map((kind, at) =>
    fc.tuple(valid, kind.broken).map(([items, broken]) => items.with(at, broken)),
  );
  return {
    valid,
    broken: fc.oneof(
      ...oneBroken,
      valid.map((items) => items.slice(1)),
      valid.map((items) => [...items, 0]),
      fc.constantFrom<unknown[]>(null, 0, 'a', [], {}, new Map()),
    ),
  };
}

/** Kinds of fields by their registry names. */
export type Kinds = { readonly [name in FieldName]?: Kind };

/** The fields of a record. */
export type Fields = Record<string, unknown>;

/** A record with all of one set of fields and any of another. */
export function record(required: Kinds, optional: Kinds = {}): Kind<Fields> {
  const all: Kinds = { ...required, ...optional };
  const valid = fc.record(Object.fromEntries(Object.entries(all).map(([name, kind]) => [name, kind.valid])), {
    requiredKeys: Object.keys(required),
    noNullPrototype: true,
  }) as fc.Arbitrary<Fields>;
  const without = (name: string): fc.Arbitrary<unknown> =>
    valid.map((fields) => Object.fromEntries(Object.entries(fields).filter(([other]) => other !== name)));
  const withBroken = ([name, kind]: [string, Kind]): fc.Arbitrary<unknown> =>
    fc.tuple(valid, kind.broken).map(([fields, broken]) => ({ ...fields, [name]: broken }));
  const withForeign = fc
    .tuple(valid, fc.constantFrom(...foreignTo(all)))
    .map(([fields, name]) => ({ ...fields, [name]: 0 }));
  return {
    valid,
    broken: fc.oneof(
      ...Object.keys(required).map(without),
      ...Object.entries(all).map(withBroken),
      withForeign,
      fc.constantFrom<unknown[]>(null, 0, 'a', [], new Uint8Array(1)),
    ),
  };
}

/** SPEC.md 5.2. */
const FIRST_IGNORED_KEY = 48;

/** Fields of the registry that a record does not have, and that nobody may ignore. */
const foreignTo = (known: Kinds): string[] =>
  Object.entries(KEYS)
    .filter(([name, key]) => key < FIRST_IGNORED_KEY && !(name in known))
    .map(([name]) => name);

/** Messages of one kind or the other, of which nothing that has all their fields is one. */
export function either(one: Kind<Fields>, other: Kind<Fields>): Kind<Fields> {
  return {
    valid: fc.oneof(one.valid, other.valid),
    broken: fc.oneof(
      one.broken,
      other.broken,
      fc.tuple(one.valid, other.valid).map(([a, b]) => ({ ...a, ...b })),
    ),
  };
}
