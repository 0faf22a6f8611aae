import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { LIMITS } from '#firmware-protocol';
import { FIRST_EXTENSION_KEY, KEYS, type FieldName } from '../../../firmware-protocol/keys.ts';
import { choicesOf, constantOf, readGrammar, ruleOf, usedFrom } from '../../support/cddl/grammar.ts';
import { keyOrders } from '../../support/cddl/key-orders.ts';
import { matches, type Item } from '../../support/cddl/match.ts';
import { decodeElsewhere } from './other-cbor.ts';
import { fromHex, isAboutUtf8, MESSAGES, refusedFiles, vectorFiles } from './vector-files.ts';

const grammar = readGrammar(join(import.meta.dirname, '../../../firmware-protocol/switchyard.cddl'));
const ROOT = 'payload';

const ruleName = (type: string): string => type.replace('/', '-');

/** Refused for what CDDL cannot say, since it compares no part of a payload with another. */
const BEYOND_CDDL = new Set([
  'desc: a property id used twice',
  'desc: an action id used twice',
  'desc: an enum without names',
  'desc: a parameter that is an enum without names',
]);

const record = (fields: Partial<Record<FieldName, Item>>): Item =>
  new Map(Object.entries(fields).map(([name, item]) => [BigInt(KEYS[name as FieldName]), item]));

describe('the grammar', () => {
  test('is about its first rule, which is any message', () => {
    expect([...grammar.keys()][0]).toBe(ROOT);
    expect(choicesOf(ruleOf(grammar, ROOT))).toEqual([...MESSAGES.keys()].map(ruleName));
  });

  test('defines the rules that it uses, and no other', () => {
    expect([...usedFrom(grammar, ROOT)].sort()).toEqual([...grammar.keys()].sort());
  });

  test('has the key registry', () => {
    const constants = [...grammar].map(([name, rule]) => [name, constantOf(rule)] as const);
    expect(Object.fromEntries(constants.filter(([, number]) => number !== undefined))).toEqual(KEYS);
  });

  test('ignores unknown keys from where the registry says', () => {
    const unknown = [FIRST_EXTENSION_KEY - 1, FIRST_EXTENSION_KEY, 65535, 65536].map((key) =>
      matches(grammar, 'ext', BigInt(key)),
    );
    expect(unknown).toEqual([false, true, true, false]);
  });

  test.each([...grammar.keys()])('has the members of %s in the order of their keys', (rule) => {
    for (const keys of keyOrders(grammar, rule)) expect(keys).toEqual(keys.toSorted((a, b) => a - b));
  });

  test.each([...MESSAGES.keys()])('has members in %s', (type) => {
    expect(keyOrders(grammar, ruleName(type)).flat()).not.toEqual([]);
  });
});

describe('the numbers of the grammar end where they should', () => {
  const safe = BigInt(Number.MAX_SAFE_INTEGER);

  test.each<{ rule: string; least: bigint; most: bigint }>([
    { rule: 'u8', least: 0n, most: 2n ** 8n - 1n },
    { rule: 'u32', least: 0n, most: 2n ** 32n - 1n },
    { rule: 'u53', least: 0n, most: safe },
    { rule: 'i53', least: -safe, most: safe },
    { rule: 'num', least: -safe, most: safe },
    { rule: 'instant', least: -safe, most: 0n },
    { rule: 'instant', least: 2n ** 38n, most: safe },
  ])('$rule from $least to $most', ({ rule, least, most }) => {
    const around = [least - 1n, least, most, most + 1n].map((integer) => matches(grammar, rule, integer));
    expect(around).toEqual([false, true, true, false]);
  });

  test('and a float is a number as long as it may have a fraction', () => {
    const floats = [2 ** 53, 2 ** 53 - 1, 0.5, -0.5, 1 - 2 ** 53, -(2 ** 53), Infinity, NaN];
    expect(floats.filter((float) => matches(grammar, 'num', float))).toEqual(floats.slice(1, 5));
    expect(floats.filter((float) => matches(grammar, 'i53', float))).toEqual([]);
  });
});

describe('the bounds of the grammar are those of LIMITS', () => {
  const id = new Uint8Array(8);
  const begun = { boot: 1n, seq: 1n, t: 0n };
  const values = (entries: number): Item =>
    new Map(Array.from({ length: entries }, (_, pid) => [BigInt(pid), 0n]));

  test.each<{ what: string; rule: string; limit: number; item: (n: number) => Item }>([
    { what: 'bytes of a text', rule: 'str', limit: LIMITS.textBytes, item: (n) => 'x'.repeat(n) },
    { what: 'values', rule: 'vmap', limit: LIMITS.vals, item: values },
    { what: 'codes', rule: 'codes', limit: LIMITS.vals, item: values },
    {
      what: 'values of an event',
      rule: 'event',
      limit: LIMITS.vals,
      item: (n) => record({ ...begun, vals: values(n) }),
    },
    {
      what: 'samples',
      rule: 'tele',
      limit: LIMITS.batch,
      item: (n) => record({ ...begun, batch: Array.from({ length: n }, () => [0n, new Map()]) }),
    },
    {
      what: 'blocks asked for at once',
      rule: 'blkreq',
      limit: LIMITS.blocks,
      item: (n) => record({ off: 0n, n: BigInt(n), img: id }),
    },
    {
      what: 'bytes of a block',
      rule: 'blk',
      limit: LIMITS.blockDataBytes,
      item: (n) => record({ data: new Uint8Array(n), off: 0n, img: id }),
    },
    {
      what: 'life of a command',
      rule: 'rq-cmd',
      limit: LIMITS.commandLifeMs,
      item: (n) => record({ id, op: 1n, ttl: BigInt(n) }),
    },
    {
      what: 'life of a command that may wait',
      rule: 'rq-cmd',
      limit: LIMITS.commandWaitMs,
      item: (n) => record({ id, op: 1n, ttl: BigInt(n), wait: true }),
    },
    {
      what: 'tags of a device',
      rule: 'device',
      limit: LIMITS.tags,
      item: (n) => record({ did: 'a', tags: Array.from({ length: n }, () => '') }),
    },
    {
      what: 'bytes of a description in a feed',
      rule: 'ev-fleet',
      limit: LIMITS.descBytes,
      item: (n) => record({ ...begun, devs: [], descs: [new Uint8Array(n)] }),
    },
  ])('$what: $limit', ({ rule, limit, item }) => {
    expect(matches(grammar, rule, item(limit))).toBe(true);
    expect(matches(grammar, rule, item(limit + 1))).toBe(false);
  });
});

describe.each(vectorFiles())('$file', ({ type, vectors }) => {
  test.each(vectors)(`matches ${ruleName(type)}: $name`, ({ hex }) => {
    expect(matches(grammar, ruleName(type), decodeElsewhere(fromHex(hex)))).toBe(true);
  });
});

describe.each(refusedFiles())('$file', ({ vectors }) => {
  const aboutStructure = ['not_a_map', 'bad_key', 'unexpected_key', 'bad_value'];
  const structural = vectors.filter((vector) => aboutStructure.includes(vector.code) && !isAboutUtf8(vector));

  test.each(structural)('does not match, where CDDL can say why: $type: $name', ({ type, name, hex }) => {
    const matched = matches(grammar, ruleName(type), decodeElsewhere(fromHex(hex)));
    expect(matched).toBe(BEYOND_CDDL.has(`${type}: ${name}`));
  });
});

test('what is beyond CDDL is among the vectors', () => {
  const names = refusedFiles().flatMap(({ vectors }) => vectors.map(({ type, name }) => `${type}: ${name}`));
  expect(names).toEqual(expect.arrayContaining([...BEYOND_CDDL]));
});
