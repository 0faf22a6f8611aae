import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from '#broker/links/rates/turns.ts';

/** Has the processor work for longer than a turn may take. */
function workForATurn(): void {
  const begun = performance.now();
  while (performance.now() - begun <= 11);
}

test('whoever has always more to do does not keep the others from theirs', async () => {
  const turns = new Turns();
  const done: string[] = [];
  const work = (who: string) => (): void => {
    done.push(who);
    workForATurn();
    turns.next(work(who));
  };
  for (const who of ['a', 'b', 'c']) turns.next(work(who));
  while (done.length < 6) await nextTurn();
  expect(done).toEqual(['a', 'b', 'c', 'a', 'b', 'c']);
});

test('what takes little is done in one turn, and what it asks for in the next', async () => {
  const turns = new Turns();
  const done: string[] = [];
  for (const who of ['a', 'b', 'c']) {
    turns.next(() => {
      done.push(who);
      turns.next(() => done.push(`${who} again`));
    });
  }
  await nextTurn();
  expect(done).toEqual(['a', 'b', 'c']);
  await nextTurn();
  expect(done).toEqual(['a', 'b', 'c', 'a again', 'b again', 'c again']);
});
