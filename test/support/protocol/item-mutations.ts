import type { Dice } from './dice.ts';
import { anyItem, anyLeaf } from './any-item.ts';
import {
  argumentOf,
  arrayItem,
  floatItem,
  integerItem,
  itemsOf,
  leastWidth,
  makeItem,
  mapItem,
  setArgument,
  writeItem,
  type Item,
} from './items.ts';

/** Changes one thing about an item that is part of a message, in the ways that only who knows CBOR would think of. */
type Mutation = (item: Item, dice: Dice, donor: Item) => void;

const MAP = 5;
const WIDTHS = [0, 1, 2, 4, 8];

const become = (item: Item, other: Item): void => void Object.assign(item, other);

/** The same argument in more bytes than it needs. */
function widen(item: Item, dice: Dice): void {
  if (item.major === 7) return;
  const argument = argumentOf(item);
  const wider = WIDTHS.filter((width) => width > leastWidth(argument));
  if (wider.length > 0) setArgument(item, argument, dice.pick(wider));
}

const LENGTHS = [
  0,
  1,
  23,
  24,
  255,
  65_535,
  2 ** 24,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** A number or length other than what is there. */
function tamper(item: Item, dice: Dice): void {
  if (item.major === 7) return;
  const argument = argumentOf(item);
  const near = [argument + 1n, argument > 0n ? argument - 1n : 1n];
  setArgument(item, dice.oneIn(2) ? dice.pick(near) : dice.pick(LENGTHS));
}

function makeIndefinite(item: Item, dice: Dice): void {
  item.info = dice.pick([28, 29, 30, 31, 31, 31]);
  item.argument = new Uint8Array();
  if (dice.oneIn(2)) item.children.push({ ...integerItem(0), major: 7, info: 31 });
}

/** Maps within an item, itself included, that have at least so many pairs, and nothing but pairs. */
const mapsOf = (item: Item, pairs: number): Item[] =>
  itemsOf(item).filter(
    ({ major, children }) => major === MAP && children.length >= pairs * 2 && children.length % 2 === 0,
  );

function onMap(change: (children: Item[], dice: Dice, donor: Item) => Item[], pairs: number): Mutation {
  return (item, dice, donor) => {
    const maps = mapsOf(item, pairs);
    if (maps.length === 0) return;
    const map = dice.pick(maps);
    map.children = change(map.children, dice, donor);
    setArgument(map, map.children.length / 2);
  };
}

const pairAt = (children: readonly Item[], dice: Dice): number => dice.below(children.length / 2) * 2;

const swapPairs = onMap((children, dice) => {
  const at = pairAt(children.slice(2), dice);
  return children.toSpliced(at, 4, ...children.slice(at + 2, at + 4), ...children.slice(at, at + 2));
}, 2);

const dropPair = onMap((children, dice) => children.toSpliced(pairAt(children, dice), 2), 1);

/** The same key again, with the same value or another. */
const repeatPair = onMap((children, dice, donor) => {
  const at = pairAt(children, dice);
  const key = children[at] as Item;
  const value = dice.oneIn(2) ? (children[at + 1] as Item) : copyOf(dice.pick(itemsOf(donor)));
  return children.toSpliced(at + 2, 0, key, value);
}, 1);

const changeKey = onMap((children, dice) => {
  const key = dice.oneIn(4)
    ? anyLeaf(dice)
    : integerItem(dice.pick([0, 1, 47, 48, 63, 255, 256, 65_535, 65_536]));
  return children.with(pairAt(children, dice), key);
}, 1);

const UNKNOWN_KEYS = [63, 64, 255, 256, 32_768, 65_535];

const addUnknown = onMap(
  (children, dice) => [...children, integerItem(dice.pick(UNKNOWN_KEYS)), anyItem(dice, dice.below(4))],
  0,
);

/** Items that are many or deep, where a receiver looks at nothing but how many and how deep. */
const addMuch = onMap((children, dice) => {
  const zero = integerItem(0);
  const much = dice.oneIn(2)
    ? nested(zero, 1 + dice.below(8), dice)
    : arrayItem(Array<Item>(dice.oneIn(4) ? 3_000 : 2_000 + dice.below(50)).fill(zero));
  return [...children, integerItem(65_535), much];
}, 0);

function nested(item: Item, levels: number, dice: Dice): Item {
  let outer = item;
  for (let level = 0; level < levels; level += 1) {
    outer = dice.oneIn(3) ? mapItem([integerItem(0), outer]) : arrayItem([outer]);
  }
  return outer;
}

const copyOf = (item: Item): Item => ({ ...item, children: item.children.map(copyOf) });

const wrap: Mutation = (item, dice) => become(item, nested(copyOf(item), 1 + dice.below(3), dice));

const tag: Mutation = (item, dice) =>
  become(item, makeItem(6, dice.pick([0, 1, 2, 24, 55_799]), { children: [copyOf(item)] }));

/** An integer becomes the float that is equal to it, or nearly. */
const floatify: Mutation = (item, dice) => {
  const numbers = itemsOf(item).filter(({ major }) => major <= 1);
  if (numbers.length === 0) return;
  const number = dice.pick(numbers);
  const argument = Number(argumentOf(number));
  become(number, floatItem(number.major === 0 ? argument : -1 - argument, dice.pick([2, 4, 8])));
};

const replace: Mutation = (item, dice) => become(item, anyLeaf(dice));

const transplant: Mutation = (item, dice, donor) => become(item, copyOf(dice.pick(itemsOf(donor))));

const lengthenArray: Mutation = (item, dice) => {
  const arrays = itemsOf(item).filter(({ major, children }) => major === 4 && children.length > 0);
  if (arrays.length === 0) return;
  const array = dice.pick(arrays);
  const again = Array.from({ length: dice.pick([1, 2, 8, 40]) }, () => dice.pick(array.children));
  array.children = dice.oneIn(3) ? array.children.slice(1) : [...array.children, ...again];
  setArgument(array, array.children.length);
};

/** Some of these give bytes that are refused for themselves, and hide whatever else is wrong: they are fewer. */
const OF_ONE_ITEM: readonly Mutation[] = [
  ...[widen, tamper, makeIndefinite, tag, wrap],
  ...[replace, replace, replace, replace, replace],
  ...[transplant, transplant, transplant],
];

const OF_SOME_ITEM: readonly Mutation[] = [
  swapPairs,
  dropPair,
  repeatPair,
  changeKey,
  addUnknown,
  addUnknown,
  floatify,
  floatify,
  lengthenArray,
];

/** Puts the pairs of every map in the order that deterministic encoding asks for. */
function sortMaps(item: Item): void {
  item.children.forEach(sortMaps);
  if (item.major !== MAP || item.children.length % 2 !== 0) return;
  const pairs = Array.from({ length: item.children.length / 2 }, (_, pair) => ({
    key: Buffer.from(writeItem(item.children[pair * 2] as Item)),
    items: item.children.slice(pair * 2, pair * 2 + 2),
  }));
  item.children = pairs.sort((a, b) => Buffer.compare(a.key, b.key)).flatMap(({ items }) => items);
}

/**
 * Changes a message in one or two places.
 * @param donor a message of which parts may be taken
 */
export function mutateItem(message: Item, dice: Dice, donor: Item): void {
  for (let changes = dice.oneIn(3) ? 2 : 1; changes > 0; changes -= 1) {
    if (dice.oneIn(60)) addMuch(message, dice, donor);
    else if (dice.oneIn(2)) dice.pick(OF_SOME_ITEM)(message, dice, donor);
    else dice.pick(OF_ONE_ITEM)(dice.pick(itemsOf(message)), dice, donor);
  }
  if (!dice.oneIn(6)) sortMaps(message);
}
