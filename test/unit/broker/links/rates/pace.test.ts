import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Hold } from '#broker/links/rates/meter.ts';
import { PACKETS_A_TURN, Pace } from '#broker/links/rates/pace.ts';
import { Turns } from '#broker/links/rates/turns.ts';

/** An allowance that asks for what it is told to, and remembers what was counted. */
class Counted {
  readonly spent: [packets: number, bytes: number][] = [];
  hold: Hold | undefined;
  bill = (): void => undefined;
  close = (): void => undefined;
  spend = (packets: number, bytes: number): Hold | undefined => {
    this.spent.push([packets, bytes]);
    return this.hold;
  };
}

test('packets and their bytes are counted once, together', () => {
  const counted = new Counted();
  const pace = new Pace(counted, new Turns(), () => 1);
  for (const bytes of [10, 20, 30]) pace.took(bytes, false, 0);
  pace.settle(0);
  pace.took(5, false, 0);
  pace.settle(0);
  expect(counted.spent).toEqual([
    [3, 60],
    [1, 5],
  ]);
});

test('what has no whole packet in it counts as one', () => {
  const counted = new Counted();
  new Pace(counted, new Turns(), () => 1).settle(0);
  expect(counted.spent).toEqual([[1, 0]]);
});

test('a hold is passed on', () => {
  const counted = new Counted();
  counted.hold = { ms: 20, rate: 'linkByteRate' };
  expect(new Pace(counted, new Turns(), () => 1).settle(0)).toBe(counted.hold);
});

test('a link is read no further in one turn than its share, and has it again in the next', async () => {
  const pace = new Pace(new Counted(), new Turns(), () => 1);
  expect(pace.mayRead(0)).toBe(true);
  for (let packets = 1; packets < PACKETS_A_TURN; packets += 1) expect(pace.took(1, false, 0)).toBe(true);
  expect(pace.took(1, false, 0)).toBe(false);
  expect(pace.mayRead(0)).toBe(false);
  await nextTurn();
  expect(pace.mayRead(0)).toBe(true);
  expect(pace.took(1, false, 0)).toBe(true);
});

test.each([
  [1, PACKETS_A_TURN],
  [500, 8],
  [1_000, 4],
  [100_000, 1],
])('where a message may go to %i clients, the share of a turn is %i packets', async (reach, share) => {
  let clients = 1;
  const pace = new Pace(new Counted(), new Turns(), () => clients);
  pace.mayRead(0);
  clients = reach;
  await nextTurn();
  expect(pace.mayRead(0)).toBe(true);
  for (let packets = 1; packets < share; packets += 1) expect(pace.took(1, false, 0)).toBe(true);
  expect(pace.took(1, false, 0)).toBe(false);
});

test('what is done at once is more of its share, the longer it is', () => {
  const pace = new Pace(new Counted(), new Turns(), () => 1);
  pace.mayRead(0);
  // Two such packets are more than a share, and one that is not done at once is but one of many.
  expect(pace.took(1_100, true, 0)).toBe(true);
  expect(pace.took(1_100, false, 0)).toBe(true);
  expect(pace.took(1_100, true, 0)).toBe(false);
});

test('no link takes anything of another’s share', () => {
  const turns = new Turns();
  const [busy, calm] = [new Pace(new Counted(), turns, () => 1), new Pace(new Counted(), turns, () => 1)];
  busy.mayRead(0);
  for (let packets = 0; packets < PACKETS_A_TURN; packets += 1) busy.took(1, false, 0);
  expect(calm.mayRead(0)).toBe(true);
});

test('all links together are read for one share of a turn', async () => {
  const turns = new Turns(10, (now) => now);
  const [first, second] = [new Pace(new Counted(), turns, () => 1), new Pace(new Counted(), turns, () => 1)];
  expect(first.mayRead(1_000)).toBe(true);
  expect(second.mayRead(1_009)).toBe(true);
  expect(second.mayRead(1_010)).toBe(false);
  expect(first.mayRead(1_010)).toBe(false);
  await nextTurn();
  expect(second.mayRead(1_010)).toBe(true);
});

test('packets that take long are read no further in a turn, however few they are', () => {
  const pace = new Pace(new Counted(), new Turns(10, (now) => now), () => 1);
  pace.mayRead(1_000);
  expect(pace.took(1, true, 1_009)).toBe(true);
  expect(pace.took(1, true, 1_010)).toBe(false);
});
