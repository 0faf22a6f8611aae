import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { manifest, ProtocolError, tele, type Message } from '#firmware-protocol';
import { KEYS } from '../../../firmware-protocol/keys.ts';
import { isWithinBounds } from '../../support/protocol/bounds.ts';
import { value, type Fields } from '../../support/protocol/composites.ts';
import { LONE_SURROGATES } from '../../support/protocol/kinds.ts';
import { KINDS } from '../../support/protocol/messages.ts';
import { encodeCbor, extentOf, toWire } from '../../support/protocol/reference-cbor.ts';
import { encodeElsewhere } from './other-cbor.ts';
import { MESSAGES, toHex } from './vector-files.ts';

const RUNS = 100;
/** More, as each breaks one thing, and there are many. */
const BROKEN_RUNS = 600;

const every = [...KINDS].map(([name, kind]) => ({
  name,
  kind,
  message: MESSAGES.get(name) as Message<unknown>,
}));

function refusalOf(attempt: () => unknown): ProtocolError {
  try {
    attempt();
  } catch (error) {
    if (error instanceof ProtocolError) return error;
    throw error;
  }
  throw new Error('this was not refused');
}

const mayBeSent = (name: string, fields: Fields): boolean =>
  isWithinBounds(name, extentOf(encodeCbor(toWire(fields))));

/** The same message with the fields of every record and the entries of every map in another order. */
function reordered(message: unknown, by: number): unknown {
  const turned = <T>(items: readonly T[]): T[] => {
    const at = items.length === 0 ? 0 : by % items.length;
    return [...items.slice(at), ...items.slice(0, at)].reverse();
  };
  if (Array.isArray(message)) return message.map((item) => reordered(item, by));
  if (message instanceof Map) return new Map(turned([...message]));
  if (message instanceof Uint8Array || typeof message !== 'object' || message === null) return message;
  return Object.fromEntries(
    turned(Object.entries(message).map(([name, field]) => [name, reordered(field, by)] as const)),
  );
}

const AFTER_REGISTRY = Math.max(...Object.values(KEYS)) + 1;

/** Keys from 48 on that no record of a message has. */
const unknownKeys = (name: string): fc.Arbitrary<number[]> =>
  fc.uniqueArray(
    fc.oneof(
      fc.constantFrom(name === 'rq/cmd' ? AFTER_REGISTRY : KEYS.ttl, 255, 256, 32_768, 0xffff),
      fc.integer({ min: AFTER_REGISTRY, max: 0xffff }),
    ),
    { minLength: 1, maxLength: 3 },
  );

/** What a later version might send. */
const unknownValue = fc.letrec((tie) => ({
  item: fc.oneof(
    { maxDepth: 2 },
    value.valid,
    fc.constant('x'.repeat(300)),
    fc.array(tie('item'), { maxLength: 3 }),
    fc
      .uniqueArray(fc.tuple(fc.oneof(fc.integer(), fc.string()), tie('item')), {
        selector: ([key]) => key,
        maxLength: 3,
      })
      .map((pairs) => new Map(pairs)),
  ),
})).item;

describe.each(every)('$name', ({ name, kind, message }) => {
  const sendable = kind.valid.filter((fields) => mayBeSent(name, fields));
  const check = <T>(arbitrary: fc.Arbitrary<T>, property: (generated: T) => void, numRuns = RUNS): void => {
    fc.assert(fc.property(arbitrary, property), { numRuns });
  };

  test('what is encoded comes back as it was, and is encoded to the same bytes again', () => {
    check(sendable, (fields) => {
      const payload = message.encode(fields);
      const decoded = message.decode(payload);
      expect(decoded).toStrictEqual(fields);
      expect(toHex(message.encode(decoded))).toBe(toHex(payload));
    });
  });

  test('the bytes are those of another implementation of deterministic CBOR', () => {
    check(sendable, (fields) => {
      expect(toHex(message.encode(fields))).toBe(toHex(encodeElsewhere(toWire(fields))));
    });
  });

  test('the order of fields and entries changes nothing', () => {
    check(fc.tuple(sendable, fc.nat(9)), ([fields, by]) => {
      expect(toHex(message.encode(reordered(fields, by)))).toBe(toHex(message.encode(fields)));
    });
  });

  test('what is broken is not encoded', () => {
    const property = (broken: unknown): void => {
      expect(refusalOf(() => message.encode(broken))).toMatchObject({ code: 'bad_value', offset: undefined });
    };
    check(kind.broken, property, BROKEN_RUNS);
  });

  test('what is broken is not decoded', () => {
    const property = (broken: unknown): void => {
      refusalOf(() => message.decode(encodeCbor(toWire(broken))));
    };
    check(kind.broken, property, BROKEN_RUNS);
  });

  test('keys that may be unknown are ignored in every record', () => {
    const arbitrary = fc.tuple(sendable, unknownKeys(name), unknownValue);
    check(arbitrary, ([fields, keys, unknown]) => {
      const payload = encodeCbor(toWire(fields, new Map(keys.map((key) => [key, unknown]))));
      fc.pre(isWithinBounds(name, extentOf(payload)));
      expect(message.decode(payload)).toStrictEqual(fields);
    });
  });
});

const beyond = every.filter(({ name }) => ['desc', 'state', 'tele', 'event', 'desired'].includes(name));

test.each(beyond)('$name: of what is valid and too much a receiver says so', ({ name, kind, message }) => {
  const tooMuch = kind.valid.filter((fields) => !mayBeSent(name, fields));
  fc.assert(
    fc.property(tooMuch, (fields) => {
      expect(refusalOf(() => message.decode(message.encode(fields))).code).toMatch(
        /^too_(large|many_items)$/,
      );
    }),
    { numRuns: 8 },
  );
});

test('a few bytes may be too many items', () => {
  const sample: [number, Map<number, number>] = [0, new Map([0, 1, 2, 3, 4, 5].map((pid) => [pid, 0]))];
  const fields = { boot: 0, seq: 0, t: 0, batch: Array.from({ length: 200 }, () => sample) };
  expect(refusalOf(() => tele.decode(tele.encode(fields))).code).toBe('too_many_items');
});

test.each(LONE_SURROGATES)('text without UTF-8 is not encoded: %j', (model) => {
  const fields = { data: new Uint8Array(32), n: 0, model, fw: '', arb: 0 };
  expect(refusalOf(() => manifest.encode(fields)).code).toBe('bad_value');
});
