import { decode, encode, rfc8949EncodeOptions, Tokenizer, type DecodeOptions } from 'cborg';
import { ProtocolError } from './error.ts';
import { LIMITS } from './limits.ts';

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

const LARGEST_ARRAY_HEADER = 0x9f;
const SMALLEST_ARRAY_HEADER = 0x80;
const LARGEST_MAP_HEADER = 0xbf;

/** Bounds on the structure of one payload, checked while it is read and before anything is allocated for it. */
export interface CborBounds {
  /** Longest payload accepted, in bytes. */
  readonly bytes: number;
  /** Most data items accepted, nested ones counted. */
  readonly items: number;
}

/** Counts items and open containers, so that hostile nesting ends in an error and never in a deep call stack. */
class BoundedTokenizer extends Tokenizer {
  readonly #bounds: CborBounds;
  #items = 0;
  /** Items still to come in each open container, innermost last. */
  readonly #open: number[] = [];

  constructor(data: Uint8Array, bounds: CborBounds) {
    super(data, PROFILE);
    this.#bounds = bounds;
  }

  override next(): ReturnType<Tokenizer['next']> {
    const at = this.pos();
    if (++this.#items > this.#bounds.items) {
      throw new ProtocolError('too_many_items', `more than ${this.#bounds.items} CBOR items`, at);
    }
    const header = this.data[at] as number;
    const token = super.next();
    this.#closeFilled();
    if (header >= SMALLEST_ARRAY_HEADER && header <= LARGEST_MAP_HEADER) {
      const perEntry = header <= LARGEST_ARRAY_HEADER ? 1 : 2;
      this.#open.push((token.value as number) * perEntry);
      if (this.#open.length > LIMITS.depth) {
        throw new ProtocolError('too_deep', `more than ${LIMITS.depth} levels of arrays and maps`, at);
      }
    } else if (Object.is(token.value, -0)) {
      throw new ProtocolError('bad_cbor', 'negative zero is not allowed', at);
    }
    return token;
  }

  #closeFilled(): void {
    while (this.#open.at(-1) === 0) this.#open.pop();
    const last = this.#open.length - 1;
    if (last >= 0) this.#open[last] = (this.#open[last] as number) - 1;
  }
}

/**
 * Decodes exactly one CBOR data item (RFC 8949) under the protocol's profile: definite lengths, shortest
 * integers, no tags, no duplicate keys, no NaN or infinities, maps as `Map`.
 *
 * @throws ProtocolError with the offset at which decoding stopped
 */
export function decodeCbor(bytes: Uint8Array, bounds: CborBounds): unknown {
  if (bytes.length === 0) throw new ProtocolError('empty', 'the payload is empty', 0);
  if (bytes.length > bounds.bytes) {
    throw new ProtocolError('too_large', `${bytes.length} bytes; at most ${bounds.bytes} are allowed`);
  }
  // A Buffer's slices share memory with the packet; plain views keep cborg on its own fast path.
  const view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const tokenizer = new BoundedTokenizer(view, bounds);
  try {
    return decode(view, { ...PROFILE, tokenizer });
  } catch (cause) {
    if (cause instanceof ProtocolError) throw cause;
    const reason = cause instanceof Error ? cause.message.replace(/^CBOR decode error: /, '') : String(cause);
    throw new ProtocolError('bad_cbor', reason, tokenizer.pos());
  }
}

/** Encodes with core deterministic encoding (RFC 8949 §4.2.1). Negative zero becomes zero. */
export function encodeCbor(value: unknown): Uint8Array {
  return encode(value, rfc8949EncodeOptions);
}
