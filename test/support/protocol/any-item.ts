import type { Dice } from './dice.ts';
import {
  arrayItem,
  floatItem,
  integerItem,
  makeItem,
  mapItem,
  simpleItem,
  textItem,
  type Item,
} from './items.ts';

const INTEGERS = [
  0,
  1,
  23,
  24,
  100,
  255,
  256,
  65_535,
  65_536,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 38 - 1,
  2 ** 38,
].flatMap((n) => [n, -1 - n]);
const LARGE_ARGUMENTS = [2n ** 53n - 2n, 2n ** 53n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 64n - 1n];

const FLOATS = [
  ...[0, -0, 1, -1, 24, 255, 256, 0.5, 1.5, -4.1, 65_504, 2 ** 38, 2 ** 53 - 1, 2 ** 53, 2 ** 64, 1e300],
  ...[2 ** -24, 2 ** -14, 2 ** -149, 2 ** -1074, 0.1, NaN, Infinity, -Infinity],
];

/** Good and bad: overlong, cut short, a surrogate, beyond Unicode; U+FEFF, U+FFFD, U+0000, the last character. */
const TEXTS = [
  ...['', '61', '00', 'c3bc', 'e282ac', 'f09d849e', 'efbbbf', 'efbfbd', 'f48fbfbf', 'efbbbf61'],
  ...[
    'ff',
    '80',
    'c080',
    'c1bf',
    'e08080',
    'e282',
    'eda080',
    'edbfbf',
    'f0808080',
    'f4908080',
    'f5808080',
    'c3',
  ],
].map((hex) => new Uint8Array(Buffer.from(hex, 'hex')));

const LENGTHS = [1, 2, 7, 8, 9, 23, 24, 31, 32, 33, 255, 256, 257];

/** An item without others in it: of any kind, at the bounds of its kind, allowed or not. */
export function anyLeaf(dice: Dice): Item {
  switch (dice.below(12)) {
    case 0:
    case 1:
    case 2:
      return integerItem(dice.pick(INTEGERS));
    case 3:
      return makeItem(dice.below(2), dice.pick(LARGE_ARGUMENTS));
    case 4:
    case 5:
      return floatItem(dice.pick(FLOATS), dice.pick([2, 4, 8]));
    case 6:
      return textItem(dice.pick(TEXTS));
    case 7:
      return textItem(new Uint8Array(dice.pick(LENGTHS)).fill(0x61));
    case 8:
    case 9: {
      const content = dice.bytes(dice.pick(LENGTHS));
      return makeItem(2, content.length, { content });
    }
    case 10:
      return simpleItem(dice.pick([20, 21, 22]));
    default:
      return dice.oneIn(2)
        ? simpleItem(dice.pick([0, 19, 23, 28, 29, 30, 31]))
        : simpleItem(24, dice.bytes(1));
  }
}

/** An item with others in it, up to so many levels deep. */
export function anyItem(dice: Dice, levels: number): Item {
  if (levels === 0 || dice.oneIn(3)) return anyLeaf(dice);
  const children = Array.from({ length: dice.below(3) }, () => anyItem(dice, levels - 1));
  if (dice.oneIn(2)) return arrayItem(children);
  return mapItem(
    children.flatMap((child) => [dice.oneIn(6) ? anyItem(dice, levels - 1) : mapKey(dice), child]),
  );
}

/** Mostly 0 and 1, of several types, so that keys are often equal, or nearly. */
const mapKey = (dice: Dice): Item =>
  dice.oneIn(4)
    ? floatItem(dice.pick([0, 1]), dice.pick([2, 4, 8]))
    : dice.pick([
        integerItem(0),
        integerItem(1),
        integerItem(24),
        integerItem(-1),
        textItem(Uint8Array.of(0x61)),
      ]);
