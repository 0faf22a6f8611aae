import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { faultDomain, inFaultDomain } from '#broker/links/fault-domain.ts';
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
  while (done.length === 0) await nextTurn();
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
  const turns = new Turns(20, () => {
    asked += 1;
    return 0;
  });
  turns.number(0);
  for (let now = 0; now < 20; now += 1) turns.isOver(now);
  expect(asked).toBe(1);
  expect(turns.isOver(20)).toBe(false);
  expect(asked).toBe(2);
});

test('those who wait come first in a turn, and who comes then has what they leave', async () => {
  const turns = new Turns(10);
  turns.number(performance.now());
  const isLeft: boolean[] = [];
  for (const work of [() => undefined, workForATurn]) {
    let isDone = false;
    turns.next(() => {
      work();
      isDone = true;
    });
    while (!isDone) await nextTurn();
    turns.number(performance.now());
    isLeft.push(!turns.isOver(performance.now()));
    await nextTurn();
  }
  expect(isLeft).toEqual([true, false]);
});

test('however many wait, all are served, in their order', async () => {
  const turns = new Turns();
  const done: number[] = [];
  for (let who = 0; who < 5_000; who += 1) turns.next(() => done.push(who));
  while (done.length < 5_000) await nextTurn();
  expect(done).toEqual(done.toSorted((a, b) => a - b));
});

test('what somebody leaves to be done right behind is a part of their time', async () => {
  const turns = new Turns();
  const done: string[] = [];
  for (const who of ['a', 'b']) {
    turns.next(() => {
      queueMicrotask(() => {
        done.push(who);
        workForATurn();
      });
    });
  }
  while (done.length === 0) await nextTurn();
  expect(done).toEqual(['a']);
  while (done.length < 2) await nextTurn();
});

test('work is done at once, unless the share is used up or others wait', async () => {
  let had = 0;
  const turns = new Turns(0.001, () => had);
  const done: string[] = [];
  turns.do(() => done.push('a'));
  expect(done).toEqual(['a']);
  had = 1;
  for (const begun = performance.now(); performance.now() - begun < 0.1;);
  turns.do(() => done.push('b'));
  had = 0;
  turns.do(() => done.push('c'));
  expect(done).toEqual(['a']);
  while (done.length < 3) await nextTurn();
  expect(done).toEqual(['a', 'b', 'c']);
});

test('what is put off is done for whom it was put off, however many wait', async () => {
  const turns = new Turns();
  const failed: number[] = [];
  const owned: boolean[] = [];
  for (let who = 0; who < 2_000; who += 1) {
    const domain = { fail: () => void failed.push(who) };
    inFaultDomain(domain, () =>
      turns.next(() => {
        owned.push(faultDomain() === domain);
        throw new Error('on purpose');
      }),
    );
  }
  while (owned.length < 2_000) await nextTurn();
  expect(owned).not.toContain(false);
  expect(failed).toEqual(Array.from({ length: 2_000 }, (_, who) => who));
});
