import { expect, test } from 'vitest';
import { BusyError, Turns } from '#broker/auth/turns.ts';

/** Work that goes on until it is let go, and what has begun, in order. */
function bench(turns: Turns) {
  const begun: string[] = [];
  const going = new Map<string, PromiseWithResolvers<string>>();
  const begin = (name: string): Promise<string> =>
    turns.take(() => {
      begun.push(name);
      const work = Promise.withResolvers<string>();
      going.set(name, work);
      return work.promise;
    });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { begun, going, begin, settled };
}

test('so many go on at once, and the others in the order of their coming', async () => {
  const { begun, going, begin, settled } = bench(new Turns(2, 9));
  const all = ['a', 'b', 'c', 'd'].map(begin);
  await settled();
  expect(begun).toEqual(['a', 'b']);
  going.get('b')?.resolve('b is done');
  await settled();
  expect(begun).toEqual(['a', 'b', 'c']);
  going.get('a')?.resolve('a is done');
  await settled();
  expect(begun).toEqual(['a', 'b', 'c', 'd']);
  for (const name of ['c', 'd']) going.get(name)?.resolve(`${name} is done`);
  expect(await Promise.all(all)).toEqual(['a', 'b', 'c', 'd'].map((name) => `${name} is done`));
});

test('more than may wait are turned away at once, and have their turn later', async () => {
  const { begun, going, begin, settled } = bench(new Turns(1, 1));
  const [first, second] = [begin('a'), begin('b')];
  await expect(begin('c')).rejects.toBeInstanceOf(BusyError);
  going.get('a')?.resolve('');
  await first;
  const third = begin('d');
  await expect(begin('e')).rejects.toBeInstanceOf(BusyError);
  going.get('b')?.resolve('');
  await second;
  await settled();
  going.get('d')?.resolve('');
  await third;
  expect(begun).toEqual(['a', 'b', 'd']);
});

test('nobody may wait where none may', async () => {
  const { going, begin } = bench(new Turns(1, 0));
  const first = begin('a');
  await expect(begin('b')).rejects.toBeInstanceOf(BusyError);
  going.get('a')?.resolve('');
  await first;
});

test.each<[string, () => Promise<never>]>([
  ['rejects', () => Promise.reject(new Error('failed'))],
  [
    'throws at once',
    () => {
      throw new Error('failed');
    },
  ],
])('work that %s gives its place to the next', async (_how, fail) => {
  const turns = new Turns(1, 9);
  const failing = turns.take(fail);
  const next = turns.take(() => Promise.resolve('next'));
  await expect(failing).rejects.toThrow('failed');
  expect(await next).toBe('next');
  expect(await turns.take(() => Promise.resolve('later'))).toBe('later');
});
