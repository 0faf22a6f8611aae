import { isUtf8 } from 'node:buffer';
import { isWithinBounds } from './bounds.ts';
import { itemsOf, readItem, writeItem, type Item } from './items.ts';
import { extentOf } from './reference-cbor.ts';

/**
 * What sections 4 and 5 of SPEC.md refuse and the reference cannot see, by clause: whether it is there in the bytes,
 * which must be well-formed. Neither the reference nor the codec has a part in it.
 */
export const BREACHES: Readonly<Record<string, (payload: Uint8Array, type: string) => boolean>> = {
  '4.4': someItem((item) => item.major === 5 && !keysAscend(item)),
  '4.6': someItem((item) => Object.is(floatOf(item), -0)),
  '4.8': someItem((item) => item.major === 3 && !isUtf8(item.content)),
  '4.9': (payload, type) => !isWithinBounds(type, { ...extentOf(payload), bytes: 0, items: 0 }),
  '4.10': (payload, type) => !isWithinBounds(type, { ...extentOf(payload), depth: 0 }),
  /** A float without a fraction. */
  '5.5': someItem((item) => Number.isInteger(floatOf(item))),
};

function someItem(breaks: (item: Item) => boolean) {
  return (payload: Uint8Array): boolean => itemsOf(readItem(payload)).some(breaks);
}

function keysAscend({ children }: Item): boolean {
  const keys = children.filter((_, index) => index % 2 === 0).map(writeItem);
  return keys.every((key, index) => index === 0 || Buffer.compare(keys[index - 1] as Uint8Array, key) < 0);
}

function floatOf({ major, argument }: Item): number | undefined {
  if (major !== 7 || argument.length < 2) return undefined;
  const view = new DataView(argument.buffer, argument.byteOffset, argument.length);
  if (argument.length === 2) return view.getFloat16(0);
  return argument.length === 4 ? view.getFloat32(0) : view.getFloat64(0);
}
