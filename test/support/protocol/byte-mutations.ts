import type { Dice } from './dice.ts';

/** First bytes at the bounds of every major type and width. */
const TELLING = [
  ...[
    0x00, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1f, 0x20, 0x37, 0x38, 0x3b, 0x40, 0x58, 0x5b, 0x5f, 0x60,
    0x78,
  ],
  ...[
    0x7b, 0x7f, 0x80, 0x81, 0x98, 0x9b, 0x9f, 0xa0, 0xa1, 0xb8, 0xbb, 0xbf, 0xc0, 0xd8, 0xdb, 0xe0, 0xf4,
    0xf5,
  ],
  ...[0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xff],
];

const byte = (dice: Dice): number => (dice.oneIn(2) ? dice.pick(TELLING) : dice.below(256));

/** A new payload with one thing changed, whatever the bytes mean. */
type Mutation = (payload: readonly number[], dice: Dice, other: Uint8Array) => number[];

const MUTATIONS: readonly Mutation[] = [
  function flipBit(payload, dice) {
    const at = dice.below(payload.length);
    return payload.with(at, (payload[at] as number) ^ (1 << dice.below(8)));
  },
  (payload, dice) => payload.with(dice.below(payload.length), byte(dice)),
  (payload, dice) => payload.toSpliced(dice.below(payload.length + 1), 0, byte(dice)),
  (payload, dice) => payload.toSpliced(dice.below(payload.length), 1 + dice.below(4)),
  (payload, dice) => payload.slice(0, dice.below(payload.length)),
  (payload, dice) => [...payload, byte(dice)],
  function repeatRun(payload, dice) {
    const at = dice.below(payload.length);
    const run = payload.slice(at, at + 1 + dice.below(16));
    return payload.toSpliced(at, 0, ...run);
  },
  function splice(payload, dice, other) {
    return [...payload.slice(0, dice.below(payload.length)), ...other.subarray(dice.below(other.length))];
  },
];

/**
 * Changes a payload in one or two places.
 * @param other a payload of which the end may be taken
 */
export function mutateBytes(payload: Uint8Array, dice: Dice, other: Uint8Array): Uint8Array {
  let bytes = [...payload];
  for (let changes = dice.oneIn(3) ? 2 : 1; changes > 0 && bytes.length > 0; changes -= 1) {
    bytes = dice.pick(MUTATIONS)(bytes, dice, other);
  }
  return Uint8Array.from(bytes);
}
