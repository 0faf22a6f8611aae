import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Turns } from '#broker/links/rates/turns.ts';

/** Has the processor work for longer than a turn may take. */
function workForATurn(): void {
  const used = (): number => process.threadCpuUsage().user / 1_000;
  const begun = used();
  while (used() - begun <= 15);
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

test('is over when its share of the processor is used up, not when the time is', async () => {
  let had = 100;
  const turns = new Turns(20, () => had);
  expect(turns.number(1_000)).toBe(1);
  // Others had the processor.
  expect(turns.isOver(1_500)).toBe(false);
  had = 119;
  expect(turns.isOver(1_520)).toBe(false);
  had = 120;
  expect(turns.isOver(1_521)).toBe(true);
  await nextTurn();
  expect(turns.number(1_522)).toBe(2);
  expect(turns.isOver(1_522)).toBe(false);
});

test('the processor is asked about only where the share may be used up', () => {
  let asked = 0;
  let had = 0;
  const turns = new Turns(20, () => {
    asked += 1;
    return had;
  });
  turns.number(0);
  for (let now = 0; now < 20; now += 1) turns.isOver(now);
  expect(asked).toBe(1);
  had = 15;
  for (let now = 20; now < 25; now += 1) turns.isOver(now);
  expect(asked).toBe(2);
  had = 20;
  for (let now = 25; now < 99; now += 1) expect(turns.isOver(now)).toBe(true);
  expect(asked).toBe(3);
});
