/** The major types of RFC 8949 §3.1, as they stand in the upper three bits of an item's first byte. */
export const MAJOR = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;

/** The lower five bits of an item's first byte, where they do not hold a small number. */
export const INFO = {
  oneByte: 24,
  twoBytes: 25,
  fourBytes: 26,
  eightBytes: 27,
  false: 20,
  true: 21,
  null: 22,
  indefinite: 31,
} as const;

/** What a 32-bit word counts for when it is the upper half of a 64-bit argument. */
export const UPPER_HALF = 2 ** 32;
