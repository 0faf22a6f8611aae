/** A data item of CBOR as it is written, so that every part of it can be written otherwise, and wrongly. */
export interface Item {
  /** Major type, 0 to 7. */
  major: number;
  /** The lower five bits of the first byte. */
  info: number;
  /** What follows the first byte as its argument: 0, 1, 2, 4 or 8 bytes. */
  argument: Uint8Array;
  /** The bytes of a string. */
  content: Uint8Array;
  /** The items of an array or tag; the keys and values of a map in turn. */
  children: Item[];
}

const NOTHING = new Uint8Array();
const INFO_BY_WIDTH: Readonly<Record<number, number>> = { 1: 24, 2: 25, 4: 26, 8: 27 };
const WIDTH_BY_INFO: Readonly<Record<number, number>> = { 24: 1, 25: 2, 26: 4, 27: 8 };

/** Big-endian bytes of an argument. */
function argumentBytes(argument: number | bigint, width: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(argument));
  return bytes.slice(8 - width);
}

/** The fewest bytes that an argument needs after the first one. */
export function leastWidth(argument: number | bigint): number {
  if (argument < 24) return 0;
  if (argument < 0x100) return 1;
  if (argument < 0x1_0000) return 2;
  return argument < 2 ** 32 ? 4 : 8;
}

/** Gives an item another argument, or the same in another width. */
export function setArgument(item: Item, argument: number | bigint, width = leastWidth(argument)): void {
  item.info = width === 0 ? Number(argument) : (INFO_BY_WIDTH[width] as number);
  item.argument = width === 0 ? NOTHING : argumentBytes(argument, width);
}

export function argumentOf({ info, argument }: Item): bigint {
  if (argument.length === 0) return BigInt(info);
  return argument.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
}

export function makeItem(
  major: number,
  argument: number | bigint,
  { content = NOTHING, children = [] }: Partial<Pick<Item, 'content' | 'children'>> = {},
): Item {
  const item: Item = { major, info: 0, argument: NOTHING, content, children };
  setArgument(item, argument);
  return item;
}

export const integerItem = (n: number): Item => (n < 0 ? makeItem(1, -1 - n) : makeItem(0, n));

export const textItem = (utf8: Uint8Array): Item => makeItem(3, utf8.length, { content: utf8 });

export const arrayItem = (children: Item[]): Item => makeItem(4, children.length, { children });

export const mapItem = (children: Item[]): Item => makeItem(5, children.length / 2, { children });

/** @param width 2, 4 or 8 bytes */
export function floatItem(n: number, width: number): Item {
  const view = new DataView(new ArrayBuffer(width));
  if (width === 2) view.setFloat16(0, n);
  else if (width === 4) view.setFloat32(0, n);
  else view.setFloat64(0, n);
  const argument = new Uint8Array(view.buffer);
  return { major: 7, info: INFO_BY_WIDTH[width] as number, argument, content: NOTHING, children: [] };
}

/** A simple value, or any other first byte of major type 7. */
export const simpleItem = (info: number, argument: Uint8Array = NOTHING): Item => ({
  major: 7,
  info,
  argument,
  content: NOTHING,
  children: [],
});

/** Reads one well-formed data item of definite length. */
export function readItem(payload: Uint8Array): Item {
  let at = 0;
  const take = (length: number): Uint8Array => payload.subarray(at, (at += length));
  const read = (): Item => {
    const first = payload[at++] as number;
    const [major, info] = [first >> 5, first & 0x1f];
    const item: Item = {
      major,
      info,
      argument: take(WIDTH_BY_INFO[info] ?? 0),
      content: NOTHING,
      children: [],
    };
    const argument = item.argument.length === 0 ? info : Number(argumentOf(item));
    if (major === 2 || major === 3) item.content = take(argument);
    const children = major === 4 ? argument : major === 5 ? argument * 2 : major === 6 ? 1 : 0;
    for (let child = 0; child < children; child += 1) item.children.push(read());
    return item;
  };
  return read();
}

export function writeItem(item: Item): Uint8Array {
  const parts: Uint8Array[] = [];
  const write = ({ major, info, argument, content, children }: Item): void => {
    parts.push(Uint8Array.of((major << 5) | info), argument, content);
    children.forEach(write);
  };
  write(item);
  return new Uint8Array(Buffer.concat(parts));
}

/** An item and all within it. */
export function itemsOf(item: Item): Item[] {
  return [item, ...item.children.flatMap(itemsOf)];
}
