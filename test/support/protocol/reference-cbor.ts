import { decode, encode, rfc8949EncodeOptions, type Token, Tokenizer, Type, type DecodeOptions } from 'cborg';
import { KEYS, type FieldName } from '../../../firmware-protocol/keys.ts';

/** As near to section 4 of SPEC.md as the options of this library come. */
const PROFILE: DecodeOptions = {
  strict: true,
  useMaps: true,
  rejectDuplicateMapKeys: true,
  allowIndefinite: false,
  allowUndefined: false,
  allowNaN: false,
  allowInfinity: false,
  allowBigInt: false,
};

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const NON_ASCII = /[^\0-\x7F]/;

/** The library drops U+FEFF at the beginning of text, where SPEC.md 4.8 keeps it. */
class BomKeepingTokenizer extends Tokenizer {
  override next(): Token {
    const token = super.next();
    if (token.type !== Type.string || !mayLackBom(token)) return token;
    const end = this.pos();
    const text = this.data.subarray(end - (token.encodedLength as number), end);
    token.value = utf8.decode(text.subarray(headLength(text[0] as number)));
    return token;
  }
}

/** Whether text took more bytes than a head of one byte and ASCII do. */
const mayLackBom = ({ value, encodedLength }: Token): boolean =>
  (encodedLength as number) > (value as string).length + 1 || NON_ASCII.test(value as string);

const headLength = (first: number): number => ((first & 0x1f) < 24 ? 1 : 1 + (1 << ((first & 0x1f) - 24)));

/**
 * Decodes CBOR with maps as `Map`, as strict as the library can be. What it cannot: order of keys, −0, UTF-8,
 * depth, items; and it cannot tell a float from an integer.
 * @throws Error
 */
export function decodeCbor(payload: Uint8Array): unknown {
  return decode(payload, { ...PROFILE, tokenizer: new BomKeepingTokenizer(payload, PROFILE) });
}

/** The same, for keys of which two are equal as numbers of JavaScript although their encodings differ. */
export const decodeLenient = (payload: Uint8Array): unknown =>
  decode(payload, { ...PROFILE, rejectDuplicateMapKeys: false });

/** Encodes deterministically (RFC 8949 §4.2.1). */
export const encodeCbor = (wire: unknown): Uint8Array => encode(wire, rfc8949EncodeOptions);

/**
 * Records become maps by the key registry; nothing is checked.
 * @param extra entries that every record gets beside its own
 */
export function toWire(message: unknown, extra: ReadonlyMap<number, unknown> = new Map()): unknown {
  if (Array.isArray(message)) return message.map((item) => toWire(item, extra));
  if (message instanceof Map || message instanceof Uint8Array) return message;
  if (typeof message !== 'object' || message === null) return message;
  const fields = Object.entries(message).filter(([, field]) => field !== undefined);
  return new Map<number, unknown>([
    ...fields.map(([name, field]) => [KEYS[name as FieldName], toWire(field, extra)] as const),
    ...extra,
  ]);
}

export interface Extent {
  readonly bytes: number;
  readonly items: number;
  readonly depth: number;
}

/** How many data items there are in a payload, and how deep they are nested. */
export function extentOf(payload: Uint8Array): Extent {
  const { items, depth } = measure(decode(payload, { useMaps: true }));
  return { bytes: payload.length, items, depth };
}

function measure(item: unknown): { items: number; depth: number } {
  const parts = Array.isArray(item) ? item : item instanceof Map ? [...item].flat() : undefined;
  if (parts === undefined) return { items: 1, depth: 0 };
  let items = 1;
  let depth = 0;
  for (const part of parts) {
    const inner = measure(part);
    items += inner.items;
    depth = Math.max(depth, inner.depth);
  }
  return { items, depth: depth + 1 };
}
