import { decode, encode, Tag, type DecodeOptions, type EncodeOptions } from 'cbor2';
import type { Item } from '../../support/cddl/match.ts';

/** dCBOR, but for floats that are wider than needed or have no fraction, and for text that is not normalised. */
const RECEIVER: DecodeOptions = {
  dcbor: true,
  rejectLongFloats: false,
  rejectUnsafeFloatInts: false,
  rejectStringsNotNormalizedAs: null,
  convertUnsafeIntsToFloat: false,
  ignoreGlobalTags: true,
  preferBigInt: true,
  preferMap: true,
};

const SENDER: EncodeOptions = { dcbor: true, stringNormalization: null };

/**
 * Decodes a payload with a CBOR implementation that is not ours.
 * @throws Error where it is not one data item of deterministic CBOR, or where it is and has what dCBOR allows and the
 *   protocol does not: tags, integers beyond ±(2⁵³−1), NaN, infinities
 */
export function decodeElsewhere(payload: Uint8Array): Item {
  const item = decode<Item>(payload, RECEIVER);
  const beyond = beyondProfile(item);
  if (beyond !== undefined) throw new Error(`${beyond} is dCBOR, and not of the protocol`);
  return item;
}

/** Encodes an item deterministically with an implementation that is not ours. */
export const encodeElsewhere = (item: unknown): Uint8Array => encode(item, SENDER);

function beyondProfile(item: unknown): string | undefined {
  if (item instanceof Tag) return `tag ${item.tag}`;
  if (typeof item === 'bigint') {
    const magnitude = item < 0n ? -item : item;
    return magnitude > BigInt(Number.MAX_SAFE_INTEGER) ? `the integer ${item}` : undefined;
  }
  if (typeof item === 'number') return Number.isFinite(item) ? undefined : String(item);
  if (Array.isArray(item)) return firstOf(item);
  if (item instanceof Map) return firstOf([...item].flat());
  return undefined;
}

function firstOf(items: readonly unknown[]): string | undefined {
  for (const item of items) {
    const beyond = beyondProfile(item);
    if (beyond !== undefined) return beyond;
  }
  return undefined;
}
