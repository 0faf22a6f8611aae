import { describe, expect, test } from 'vitest';
import { TopicTrie } from '#broker/mqtt/topic-trie.ts';
import { matchesByTheWord } from '../../../support/topic-match.ts';
import { pick, seededRandom } from '../seeded-random.ts';

function matches(filters: readonly string[], topic: string): string[] {
  const trie = new TopicTrie<string>();
  for (const filter of filters) trie.add(filter, filter);
  return found(trie, topic);
}

function found<T>(trie: TopicTrie<T>, topic: string): T[] {
  const values: T[] = [];
  trie.match(topic, (value) => values.push(value));
  return values.sort();
}

describe('a filter matches', () => {
  test.each([
    ['a/b', 'a/b'],
    ['a/#', 'a/b'],
    ['a/#', 'a/b/c/d'],
    ['a/#', 'a'], // the parent level [4.7.1.2]
    ['#', 'a/b'],
    ['#', ''],
    ['a/+/c', 'a/b/c'],
    ['+/+', '/finance'],
    ['/+', '/finance'],
    ['a/+', 'a/'],
    ['a/#', 'a/'],
    ['a//b', 'a//b'],
    ['a/+/b', 'a//b'],
    ['+/#', 'a'],
    ['/', '/'],
    ['', ''],
    ['__proto__/+', '__proto__/constructor'],
    ['$SYS/+', '$SYS/a'],
    ['$SYS/#', '$SYS'],
    ['a/+', 'a/$b'],
    ['a/#', 'a/$b'],
  ])('%j: %j', (filter, topic) => expect(matches([filter], topic)).toEqual([filter]));
});

describe('a filter does not match', () => {
  test.each([
    ['a/b', 'a'],
    ['a', 'a/b'],
    ['a', 'A'],
    ['a', 'a/'],
    ['a', '/a'],
    ['a/+', 'a'],
    ['a/+', 'a/b/c'],
    ['+', '/finance'],
    ['+', 'a/b'],
    ['a/b/#', 'a'],
    ['a/+/#', 'a'],
    ['a//b', 'a/b'],
    ['constructor', 'a'],
  ])('%j: %j', (filter, topic) => expect(matches([filter], topic)).toEqual([]));
});

describe('[MQTT-4.7.2-1] a filter that begins with a wildcard does not match what a server keeps for itself', () => {
  test.each([
    ['#', '$SYS/a'],
    ['#', '$SYS'],
    ['+', '$SYS'],
    ['+/a', '$SYS/a'],
    ['+/#', '$SYS/a'],
  ])('%j: %j', (filter, topic) => expect(matches([filter], topic)).toEqual([]));
});

test('a value is visited once for each of its filters that matches', () => {
  const trie = new TopicTrie<string>();
  for (const filter of ['a/b', 'a/+', 'a/#', '#', 'c']) trie.add(filter, 'v');
  expect(found(trie, 'a/b')).toEqual(['v', 'v', 'v', 'v']);
});

test('adding twice counts once', () => {
  const trie = new TopicTrie<string>();
  trie.add('a', 'v');
  trie.add('a', 'v');
  expect(found(trie, 'a')).toEqual(['v']);
  trie.remove('a', 'v');
  expect(found(trie, 'a')).toEqual([]);
});

describe('removal', () => {
  test('takes one value of several, and of one filter only', () => {
    const trie = new TopicTrie<string>();
    for (const [filter, value] of [
      ['a/b', '1'],
      ['a/b', '2'],
      ['a/+', '1'],
      ['a/b/c', '3'],
    ] as const) {
      trie.add(filter, value);
    }
    trie.remove('a/b', '1');
    expect(found(trie, 'a/b')).toEqual(['1', '2']);
    expect(found(trie, 'a/b/c')).toEqual(['3']);
  });

  test('of what is not there changes nothing', () => {
    const trie = new TopicTrie<string>();
    trie.add('a/b', 'v');
    for (const filter of ['a', 'a/b/c', 'x', '#', 'a/+']) trie.remove(filter, 'v');
    trie.remove('a/b', 'other');
    expect(found(trie, 'a/b')).toEqual(['v']);
  });

  test('above and below leaves what is between', () => {
    const trie = new TopicTrie<string>();
    for (const filter of ['a', 'a/b', 'a/b/c']) trie.add(filter, filter);
    trie.remove('a', 'a');
    trie.remove('a/b/c', 'a/b/c');
    expect(found(trie, 'a/b')).toEqual(['a/b']);
    expect(found(trie, 'a')).toEqual([]);
    expect(found(trie, 'a/b/c')).toEqual([]);
  });

  test('while values are visited neither repeats nor loses any of the others', () => {
    const trie = new TopicTrie<string>();
    for (const value of ['1', '2', '3']) trie.add('a', value);
    const visited: string[] = [];
    trie.match('a', (value) => {
      visited.push(value);
      trie.remove('a', value);
    });
    expect(visited).toEqual(['1', '2', '3']);
    expect(found(trie, 'a')).toEqual([]);
  });
});

test.each([1, 2, 3, 4, 5])(
  'agrees with the rules word by word, whatever is added and removed (seed %i)',
  (seed) => {
    const random = seededRandom(seed);
    const level = (): string => pick(random, ['', 'a', 'b', 'c', 'a', 'b']);
    const levels = (): string[] => Array.from({ length: 1 + Math.floor(random() * 4) }, level);
    const filter = (): string => {
      const wanted = levels().map((each) => (random() < 0.3 ? '+' : each));
      if (random() < 0.3) wanted[wanted.length - 1] = '#';
      return wanted.join('/');
    };

    const trie = new TopicTrie<string>();
    const present = new Map<string, { filter: string; value: string }>();
    for (let round = 0; round < 2_000; round += 1) {
      const entry = { filter: filter(), value: pick(random, ['v', 'w']) };
      const key = `${entry.filter} ${entry.value}`;
      if (random() < 0.5) {
        trie.add(entry.filter, entry.value);
        present.set(key, entry);
      } else {
        const victim = random() < 0.8 ? pick(random, [...present.values(), entry]) : entry;
        trie.remove(victim.filter, victim.value);
        present.delete(`${victim.filter} ${victim.value}`);
      }
      const topic = levels().join('/');
      const expected = [...present.values()].filter((each) => matchesByTheWord(each.filter, topic));
      expect(found(trie, topic), topic).toEqual(expected.map(({ value }) => value).sort());
    }
    for (const each of present.values()) trie.remove(each.filter, each.value);
    for (let round = 0; round < 200; round += 1) expect(found(trie, levels().join('/'))).toEqual([]);
  },
);
