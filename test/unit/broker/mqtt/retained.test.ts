import { describe, expect, test } from 'vitest';
import { Message } from '#broker/mqtt/message.ts';
import { RetainedMessages } from '#broker/mqtt/retained.ts';
import { TopicTrie } from '#broker/mqtt/topic-trie.ts';
import { pick, seededRandom } from '../seeded-random.ts';

const retained = (topic: string, payload = 'x'): Message =>
  new Message({ topic, payload: Buffer.from(payload), qos: 0, retain: true });

const holding = (...topics: string[]): RetainedMessages => {
  const messages = new RetainedMessages();
  for (const topic of topics) messages.store(retained(topic));
  return messages;
};

const found = (messages: RetainedMessages, filter: string): string[] =>
  [...messages.match(filter)].flatMap((message) => message?.topic ?? []).sort();

describe('[MQTT-4.7.2-1] a filter finds what it matches (MQTT 3.1.1 §4.7)', () => {
  const messages = holding('a', 'a/b', 'a/b/c', 'a/d/c', 'b', '/a', 'a/', '$SYS/a', '$SYS');
  test.each([
    ['a', ['a']],
    ['a/b', ['a/b']],
    ['a/#', ['a', 'a/', 'a/b', 'a/b/c', 'a/d/c']],
    ['a/b/#', ['a/b', 'a/b/c']],
    ['a/+', ['a/', 'a/b']],
    ['a/+/c', ['a/b/c', 'a/d/c']],
    ['+', ['a', 'b']],
    ['+/a', ['/a']],
    ['#', ['/a', 'a', 'a/', 'a/b', 'a/b/c', 'a/d/c', 'b']],
    ['$SYS/#', ['$SYS', '$SYS/a']],
    ['$SYS/+', ['$SYS/a']],
    ['a/b/c/d', []],
    ['nothing/#', []],
  ])('%s', (filter, topics) => expect(found(messages, filter)).toEqual(topics));
});

test('the latest message of a topic is kept', () => {
  const messages = holding('a');
  messages.store(retained('a', 'later'));
  expect([...messages.match('#')].flatMap((message) => (message ? String(message.payload) : []))).toEqual([
    'later',
  ]);
});

test('one without a payload removes what was kept, and nothing else', () => {
  const messages = holding('a', 'a/b', 'a/b/c');
  for (const topic of ['a/b', 'nothing', 'a/b/c/d']) messages.store(retained(topic, ''));
  expect(found(messages, '#')).toEqual(['a', 'a/b/c']);
  for (const topic of ['a', 'a/b/c']) messages.store(retained(topic, ''));
  expect(found(messages, '#')).toEqual([]);
});

test('finds what the trie of filters finds, the other way round', () => {
  const random = seededRandom(7);
  const levels = ['a', 'b', '', 'c'];
  const topics = Array.from({ length: 60 }, () =>
    Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(random, levels)).join('/'),
  );
  const messages = holding(...topics);
  for (let run = 0; run < 200; run += 1) {
    const filter = Array.from({ length: 1 + Math.floor(random() * 4) }, () =>
      pick(random, [...levels, '+']),
    ).join('/');
    const whole = random() < 0.3 ? `${filter}/#` : filter;
    const trie = new TopicTrie<true>();
    trie.add(whole, true);
    const expected = new Set(
      topics.filter((topic) => {
        let matches = false;
        trie.match(topic, () => (matches = true));
        return matches;
      }),
    );
    expect(found(messages, whole), whole).toEqual([...expected].sort());
  }
});
