/** Integers of a column are at most this either side of zero, so that differences of differences stay exact. */
export const LARGEST = 2 ** 50;

/** Most digits behind the point that are looked for. */
const MOST_DIGITS = 9;
const POWERS = Array.from({ length: MOST_DIGITS + 1 }, (_, digits) => 10 ** digits);

/** How numbers are integers: `value × 10^digits`, where `single` is set after rounding to single precision. */
export interface Decimals {
  readonly digits: number;
  readonly single: boolean;
}

export function fromInteger(integer: number, { digits, single }: Decimals): number {
  const value = integer / (POWERS[digits] as number);
  return single ? Math.fround(value) : value;
}

/** The integer that becomes exactly this value again, or NaN. */
export function toInteger(value: number, decimals: Decimals): number {
  // Adding zero makes −0 another number than the value, so that it keeps its sign as bits.
  const integer = Math.round(value * (POWERS[decimals.digits] as number)) + 0;
  const exact = integer <= LARGEST && integer >= -LARGEST && Object.is(fromInteger(integer, decimals), value);
  return exact ? integer : NaN;
}

/** The fewest digits, from `least` on, with which the value is an integer; -1 where it is none. */
export function digitsOf(value: number, single: boolean, least = 0): number {
  for (let digits = least; digits <= MOST_DIGITS; digits += 1) {
    if (!Number.isNaN(toInteger(value, { digits, single }))) return digits;
  }
  return -1;
}

/** Fills `into` with the values as integers. Undefined where no number of digits makes all of them integers. */
export function toIntegers(values: Float64Array, into: Float64Array, length: number): Decimals | undefined {
  return tryIntegers(values, into, length, false) ?? tryIntegers(values, into, length, true);
}

function tryIntegers(
  values: Float64Array,
  into: Float64Array,
  length: number,
  single: boolean,
): Decimals | undefined {
  let digits = 0;
  for (let index = 0; index < length; index += 1) {
    const value = values[index] as number;
    if (single && Math.fround(value) !== value) return undefined;
    digits = digitsOf(value, single, digits);
    if (digits < 0) return undefined;
  }
  const decimals = { digits, single };
  for (let index = 0; index < length; index += 1) {
    const integer = toInteger(values[index] as number, decimals);
    if (Number.isNaN(integer)) return undefined;
    into[index] = integer;
  }
  return decimals;
}
