import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TopicTrie } from '#broker/mqtt/topic-trie.ts';
import { covers, isTopicName, matches } from '#broker/permission/filters.ts';

/** What the router delivers by a filter; that wildcards leave the server's own topics alone is Aedes' part. */
function delivers(filter: string, topic: string): boolean {
  if (topic.startsWith('$') && /^[+#]/.test(filter)) return false;
  const trie = new TopicTrie<true>();
  trie.add(filter, true);
  let found = false;
  trie.match(topic, () => (found = true));
  return found;
}

/** Every list of so many levels out of these. */
const lists = (levels: readonly string[], length: number): string[][] =>
  length === 0
    ? [[]]
    : lists(levels, length - 1).flatMap((before) => levels.map((level) => [...before, level]));
const upTo = (levels: readonly string[], most: number): string[][] =>
  Array.from({ length: most }, (_, at) => lists(levels, at + 1)).flat();

/** All of a small world: "z" stands for every level that no filter names. */
const topics = upTo(['a', 'b', '', '$x', 'z'], 4)
  .map((levels) => levels.join('/'))
  .filter((topic) => topic !== '');
const filters = [
  ...upTo(['a', 'b', '', '$x', '+'], 3),
  ...[[], ...upTo(['a', 'b', '', '$x', '+'], 2)].map((levels) => [...levels, '#']),
]
  .map((levels) => levels.join('/'))
  .filter((filter) => filter !== '');

describe('in a small world', () => {
  const matched = new Map(
    filters.map((filter) => [filter, new Set(topics.filter((topic) => delivers(filter, topic)))]),
  );
  const includes = (all: ReadonlySet<string>, some: ReadonlySet<string>): boolean =>
    [...some].every((each) => all.has(each));
  const matchedBy = (filter: string): ReadonlySet<string> => matched.get(filter) ?? new Set();

  test('a filter matches what the router delivers by it', () => {
    const wrong = filters.flatMap((filter) =>
      topics.filter((topic) => matches(filter, topic) !== matchedBy(filter).has(topic)),
    );
    expect(wrong).toEqual([]);
  });

  test('a grant covers a filter exactly where it matches every topic that the filter matches', () => {
    const wrong = filters.flatMap((grant) =>
      filters
        .filter((filter) => covers(grant, filter) !== includes(matchedBy(grant), matchedBy(filter)))
        .map((filter) => `${grant} and ${filter}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('in a large one', () => {
  const level = fc.oneof(
    fc.constantFrom('a', 'b', '', '$', '$SYS', '__proto__', 'constructor', 'ü', '🐎', ' ', '.', '*', '?'),
    fc.string({ unit: 'grapheme', maxLength: 3 }).filter((text) => !/[+#/\0]/.test(text)),
  );
  const levels = fc.array(level, { minLength: 1, maxLength: 6 });
  const filter = fc
    .tuple(
      fc.array(fc.oneof({ weight: 3, arbitrary: level }, { weight: 2, arbitrary: fc.constant('+') }), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.boolean(),
    )
    .map(([each, isOpen]) => (isOpen ? [...each.slice(0, -1), '#'] : each).join('/'))
    .filter((text) => text !== '');
  /** A topic that a filter matches, but where it begins with a wildcard and this with "$". */
  const topicOf = (of: string, fill: readonly string[]): string => {
    const wanted = of.split('/');
    const isOpen = wanted.at(-1) === '#';
    const named = (isOpen ? wanted.slice(0, -1) : wanted).map((each, at) =>
      each === '+' ? (fill[at] ?? 'x') : each,
    );
    return (isOpen ? [...named, ...fill.slice(named.length)] : named).join('/');
  };

  test('a filter matches what the router delivers by it', () => {
    fc.assert(
      fc.property(filter, levels, (of, fill) => {
        for (const topic of [fill.join('/'), topicOf(of, fill)]) {
          expect(matches(of, topic)).toBe(topic !== '' && delivers(of, topic));
        }
      }),
    );
  });

  test('nothing that a covered filter matches is beyond the grant', () => {
    fc.assert(
      fc.property(filter, filter, levels, (grant, of, fill) => {
        const topic = topicOf(of, fill);
        fc.pre(covers(grant, of) && matches(of, topic));
        expect(matches(grant, topic)).toBe(true);
      }),
    );
  });

  test('everything covers itself, and is covered by "#" where it is not the server’s', () => {
    fc.assert(
      fc.property(filter, (of) => {
        expect(covers(of, of)).toBe(true);
        expect(covers('#', of)).toBe(!of.startsWith('$'));
      }),
    );
  });
});

test.each([
  ['#', '#', true],
  ['+/#', '#', true],
  ['#', '+/#', true],
  ['/+/#', '/#', true],
  ['+/+/#', '#', false],
  ['#', 'iot/1/home/lamp/dn/#', true],
  ['#', '$SYS/#', false],
  ['+/broker', '$SYS/broker', false],
  ['$SYS/#', '$SYS/broker', true],
  ['a/#', 'a', true],
  ['a/#', 'a/', true],
  ['a/+', 'a', false],
  ['a/+', 'a/#', false],
  ['a/+/#', 'a/#', false],
  ['a/#', 'a/+/b', true],
  ['a/b', 'a/+', false],
  ['a/+', 'a/b', true],
  ['a', 'A', false],
  ['a/b', 'a/b/', false],
  ['a/b/', 'a/b', false],
])('%s covers %s: %s', (grant, filter, isCovered) => expect(covers(grant, filter)).toBe(isCovered));

test.each([
  ['a', true],
  ['/', true],
  [' ', true],
  ['$SYS/x', true],
  ['', false],
  ['+', false],
  ['a/+', false],
  ['a+b', false],
  ['a/#', false],
  ['a#', false],
  ['a\0b', false],
])('%j is a topic name: %s', (topic, isOne) => {
  expect(isTopicName(topic)).toBe(isOne);
  if (!isOne) expect(matches('#', topic)).toBe(false);
});
