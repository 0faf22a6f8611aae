import * as fc from 'fast-check';
import { isMoment } from '#firmware-protocol';

/** A type of the CDDL: values that it has, and values that look as if. */
export interface Kind<T = unknown> {
  readonly valid: fc.Arbitrary<T>;
  /** Nothing of this may be encoded. What CBOR can express of it may not be decoded either. */
  readonly broken: fc.Arbitrary<unknown>;
}

/** Where the encoding of an integer grows by a byte or more, or ends. */
const EDGES = [0, 24, 0x100, 0x1_0000, 2 ** 31, 2 ** 32, 2 ** 38, Number.MAX_SAFE_INTEGER];
const AROUND_EDGES = EDGES.flatMap((edge) => [edge - 1, edge, edge + 1]).flatMap((n) => [n, -n, -1 - n]);

const isInteger = (n: number): boolean => Number.isSafeInteger(n) && !Object.is(n, -0);

/** What is no integer and no other number. */
const NO_NUMBER = [null, true, '1', '', new Uint8Array([1]), [], [1], new Map([[1, 1]])];
const NO_FINITE_NUMBER = [NaN, Infinity, -Infinity];

export function integer(min: number, max: number): Kind<number> {
  const inside = [min, max, ...AROUND_EDGES.filter((n) => isInteger(n) && n >= min && n <= max)];
  const outside = [min - 1, max + 1, ...AROUND_EDGES].filter((n) => !(n >= min && n <= max));
  return {
    valid: fc.oneof(fc.constantFrom(...inside), fc.integer({ min, max })),
    broken: fc.constantFrom<unknown[]>(...outside, 0.5, 1e300, 2 ** 53, ...NO_FINITE_NUMBER, ...NO_NUMBER),
  };
}

export const bool: Kind<boolean> = {
  valid: fc.boolean(),
  broken: fc.constantFrom<unknown[]>(null, 0, 1, 0.5, 'true', new Uint8Array([1]), [], [true], new Map()),
};

export const u8 = integer(0, 0xff);
export const u32 = integer(0, 0xffff_ffff);
export const u53 = integer(0, Number.MAX_SAFE_INTEGER);
export const i53 = integer(Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);

export const moment: Kind<number> = {
  valid: i53.valid.filter(isMoment),
  broken: fc.oneof(
    i53.broken,
    fc.constantFrom(1, 2, 2 ** 38 - 1, 2 ** 32),
    fc.integer({ min: 1, max: 2 ** 38 - 1 }),
  ),
};

/** Floats at the bounds of half, single and double precision, subnormal ones too. */
const FLOATS = [
  0.5,
  1.5,
  0.1,
  -4.1,
  2047.5,
  0.333251953125,
  3.4028234663852886e38 / 2 ** 105,
  4503599627370495.5,
  Math.PI,
  ...[-14, -15, -24, -25, -126, -127, -149, -150, -1022, -1023, -1074].map((exponent) => 2 ** exponent),
  2 ** -14 - 2 ** -24,
  2 ** -14 + 2 ** -25,
  2 ** -24 * 1.5,
  2 ** -126 - 2 ** -149,
  1 + 2 ** -10,
  1 + 2 ** -11,
  1 + 2 ** -23,
  1 + 2 ** -24,
  1 + 2 ** -52,
  1 - 2 ** -53,
].filter((n) => !Number.isInteger(n));

const fractions = fc
  .oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.float({ noNaN: true, noDefaultInfinity: true }),
  )
  .filter((n) => !Number.isInteger(n));

export const num: Kind<number> = {
  valid: fc.oneof(i53.valid, fc.constantFrom(...FLOATS, ...FLOATS.map((n) => -n)), fractions),
  broken: fc.constantFrom(2 ** 53, -(2 ** 53), 2 ** 64, 1e300, ...NO_FINITE_NUMBER, ...NO_NUMBER),
};

const utf8Length = (text: string): number => Buffer.byteLength(text);

const LONGEST_TEXTS = ['x'.repeat(256), 'ü'.repeat(128), '𝄞'.repeat(64), '€'.repeat(85) + 'x'];
const ODD_TEXTS = [
  '',
  '\0',
  '\uFEFF',
  '\uFEFFfirst',
  '\uFFFD',
  '\uFFFF',
  '\u{10FFFF}',
  'e\u0301',
  '__proto__',
];

export const text: Kind<string> = {
  valid: fc.oneof(
    fc.constantFrom(...ODD_TEXTS, ...LONGEST_TEXTS),
    ...[23, 24, 31, 32, 33, 255].map((length) => fc.constant('a'.repeat(length))),
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.string({ unit: 'grapheme', maxLength: 300 }).filter((candidate) => utf8Length(candidate) <= 256),
  ),
  broken: fc.oneof(
    fc.constantFrom(...LONGEST_TEXTS.map((longest) => `${longest}x`), 'x'.repeat(4_000)),
    fc.constantFrom(0, 1.5, null, false, new Uint8Array([97]), ['a'], new Map([[1, 'a']])),
  ),
};

/** Text without UTF-8, which CBOR cannot express. */
export const LONE_SURROGATES = ['\uD800', 'a\uDFFFb', '\uDC00\uD800'];

const idText = fc.stringMatching(/^[a-z0-9][a-z0-9_-]{0,31}$/);
const NO_IDS = ['', '-a', '_a', 'A', 'ä', 'a b', 'a/b', 'a\n', 'a'.repeat(33)];

export const id: Kind<string> = {
  valid: fc.oneof(fc.constantFrom('0', 'a'.repeat(32), 'a_-9'), idText),
  broken: fc.oneof(text.broken, fc.constantFrom(...NO_IDS, '@a')),
};

export const actor: Kind<string> = {
  valid: id.valid.map((name) => `@${name}`),
  broken: fc.oneof(text.broken, fc.constantFrom('a', '@@a', ...NO_IDS.map((name) => `@${name}`))),
};

export function bytes(min: number, max = min): Kind<Uint8Array> {
  const filled = (length: number): Uint8Array => new Uint8Array(length).fill(0xa5);
  const lengths = [min, max, 23, 24, 255, 256].filter((length) => length >= min && length <= max);
  return {
    valid: fc.oneof(
      fc.constantFrom(...lengths).map(filled),
      fc.uint8Array({ minLength: min, maxLength: Math.min(max, min + 40) }),
    ),
    broken: fc.constantFrom<unknown[]>(
      ...(min > 0 ? [filled(min - 1)] : []),
      filled(max + 1),
      ...[null, true, 1, '', 'a'.repeat(min), Array.from(filled(min)), new Map()],
    ),
  };
}

export const h8 = bytes(8);
