import { ProtocolError, type ProtocolErrorCode } from '../error.ts';
import { LIMITS } from '../limits.ts';
import type { Bounds } from './bounds.ts';
import { INFO, MAJOR, UPPER_HALF } from './major.ts';
import { isUtf8 } from './utf8.ts';

/** In CBOR the head of a text, which no message is. */
const OPENING_BRACE = 0x7b;

/**
 * Checks that a payload is exactly one CBOR data item under the protocol's profile (SPEC.md, section 4), before
 * anything of it is read: nothing is allocated for what it announces, and the time it takes grows with its length
 * only.
 *
 * @throws ProtocolError with the offset and the clause: `empty`, `too_large`, `bad_cbor`, `too_deep`,
 *   `too_many_items`, or `bad_value` for text that is not UTF-8
 */
export function checkProfile(bytes: Uint8Array, bounds: Bounds): void {
  if (bytes.length === 0) refuse('empty', 'the payload is empty', 0, '4.1');
  if (bytes.length > bounds.bytes) {
    const reason = `${bytes.length} bytes; at most ${bounds.bytes} are allowed`;
    refuse('too_large', reason, bounds.bytes, '4.10');
  }
  if (bytes[0] === OPENING_BRACE) refuse('bad_cbor', 'it begins like JSON, and payloads are CBOR', 0, '4.1');
  const end = new ProfileCheck(bytes, bounds.items).item(0, 1);
  const left = bytes.length - end;
  if (left > 0) refuse('bad_cbor', `${left} more bytes after the end of the message`, end, '4.1');
}

/** Every method is given the offset of an item, and returns the offset of what follows it. */
class ProfileCheck {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #mostItems: number;
  #items = 0;

  constructor(bytes: Uint8Array, mostItems: number) {
    this.#bytes = bytes;
    this.#end = bytes.length;
    this.#mostItems = mostItems;
  }

  /** @param level how many arrays and maps deep a container here would be */
  item(at: number, level: number): number {
    if (++this.#items > this.#mostItems) {
      refuse('too_many_items', `more than ${this.#mostItems} CBOR items`, at, '4.10');
    }
    if (at >= this.#end) refuse('bad_cbor', 'the payload ends in the middle of the message', at, '4.1');
    const first = this.#bytes[at] as number;
    const info = first & 0x1f;
    const next = at + headLength(info);
    if (next > this.#end) refuse('bad_cbor', 'the payload ends in the middle of an item', this.#end, '4.1');
    switch (first >> 5) {
      case MAJOR.unsigned:
        safe(this.#argument(info, at), at);
        return next;
      case MAJOR.negative:
        safe(this.#argument(info, at) + 1, at);
        return next;
      case MAJOR.bytes:
        return this.#string(this.#argument(info, at), next, at);
      case MAJOR.text:
        return this.#text(this.#argument(info, at), next, at);
      case MAJOR.array:
        return this.#array(this.#argument(info, at), next, level, at);
      case MAJOR.map:
        return this.#map(this.#argument(info, at), next, level, at);
      case MAJOR.tag:
        return refuse('bad_cbor', 'a tag is not allowed', at, '4.7');
      default:
        this.#simple(info, at);
        return next;
    }
  }

  #string(length: number, start: number, at: number): number {
    if (length > this.#end - start) {
      refuse('bad_cbor', `${length} bytes announced, with fewer to come`, at, '4.1');
    }
    return start + length;
  }

  #text(length: number, start: number, at: number): number {
    const next = this.#string(length, start, at);
    if (!isUtf8(this.#bytes, start, next)) {
      refuse('bad_value', 'text that is not well-formed UTF-8', at, '4.8');
    }
    return next;
  }

  #array(length: number, start: number, level: number, at: number): number {
    this.#container(length, start, level, at);
    let next = start;
    for (let index = 0; index < length; index += 1) next = this.item(next, level + 1);
    return next;
  }

  #map(length: number, start: number, level: number, at: number): number {
    this.#container(length * 2, start, level, at);
    let next = start;
    let before = start;
    let beforeEnd = start;
    for (let pair = 0; pair < length; pair += 1) {
      const key = next;
      const value = this.item(key, level + 1);
      if (pair > 0 && !this.#ascends(before, beforeEnd, key)) {
        refuse('bad_cbor', 'map keys must ascend, and none may come twice', key, '4.4');
      }
      before = key;
      beforeEnd = value;
      next = this.item(value, level + 1);
    }
    return next;
  }

  #container(items: number, start: number, level: number, at: number): void {
    if (level > LIMITS.depth) {
      refuse('too_deep', `more than ${LIMITS.depth} levels of arrays and maps`, at, '4.9');
    }
    if (items > this.#end - start) {
      refuse('bad_cbor', `${items} items announced, with fewer bytes to come`, at, '4.1');
    }
  }

  /**
   * Whether one key, which ends at `end`, is before another in the bytewise order of their encodings (RFC 8949
   * §4.2.1). An encoding is never the beginning of a longer one, so the first byte that differs decides.
   */
  #ascends(one: number, end: number, other: number): boolean {
    const bytes = this.#bytes;
    for (let index = 0; one + index < end; index += 1) {
      const difference = (bytes[other + index] as number) - (bytes[one + index] as number);
      if (difference !== 0) return difference > 0;
    }
    return false;
  }

  /** The number in an item's head, which must be in its shortest form; above 2⁵³ it is not exact. */
  #argument(info: number, at: number): number {
    if (info < INFO.oneByte) return info;
    switch (info) {
      case INFO.oneByte:
        return shortest(this.#bytes[at + 1] as number, INFO.oneByte, at);
      case INFO.twoBytes:
        return shortest(this.#word(at + 1), 0x100, at);
      case INFO.fourBytes:
        return shortest(this.#doubleWord(at + 1), 0x1_0000, at);
      case INFO.eightBytes:
        return shortest(this.#doubleWord(at + 1) * UPPER_HALF + this.#doubleWord(at + 5), UPPER_HALF, at);
      case INFO.indefinite:
        return refuse('bad_cbor', 'an indefinite length is not allowed', at, '4.3');
      default:
        return refuse('bad_cbor', `reserved additional information ${info}`, at, '4.2');
    }
  }

  #simple(info: number, at: number): void {
    switch (info) {
      case INFO.false:
      case INFO.true:
      case INFO.null:
        return;
      case INFO.twoBytes:
        return this.#float(at, 0x7c00, false);
      case INFO.fourBytes:
        return this.#float(at, 0x7f80, this.#word(at + 3) > 0);
      case INFO.eightBytes:
        return this.#float(at, 0x7ff0, this.#word(at + 3) + this.#doubleWord(at + 5) > 0);
      case INFO.indefinite:
        return refuse('bad_cbor', 'a break is not allowed', at, '4.3');
      default:
        return refuse('bad_cbor', 'a simple value other than false, true and null is not allowed', at, '4.7');
    }
  }

  /** @param more whether a bit is set after the upper sixteen */
  #float(at: number, exponentMask: number, more: boolean): void {
    const upper = this.#word(at + 1);
    if ((upper & exponentMask) === exponentMask) {
      refuse('bad_cbor', 'NaN and infinities are not allowed', at, '4.6');
    }
    if (upper === 0x8000 && !more) refuse('bad_cbor', 'negative zero is not allowed', at, '4.6');
  }

  #word(at: number): number {
    return ((this.#bytes[at] as number) << 8) | (this.#bytes[at + 1] as number);
  }

  #doubleWord(at: number): number {
    return this.#word(at) * 0x1_0000 + this.#word(at + 2);
  }
}

function headLength(info: number): number {
  return info < INFO.oneByte || info > INFO.eightBytes ? 1 : 1 + (1 << (info - INFO.oneByte));
}

function shortest(argument: number, least: number, at: number): number {
  if (argument < least) refuse('bad_cbor', `${argument} is not encoded in its shortest form`, at, '4.2');
  return argument;
}

function safe(magnitude: number, at: number): void {
  if (magnitude > Number.MAX_SAFE_INTEGER) {
    refuse('bad_cbor', 'an integer beyond ±(2⁵³−1) is not allowed', at, '4.5');
  }
}

function refuse(code: ProtocolErrorCode, reason: string, offset: number, clause: string): never {
  throw new ProtocolError(code, reason, { offset, clause });
}
