import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EventLoopDelay } from '#broker/metrics/event-loop-delay.ts';

/** How long the loop is kept busy, in ms: longer than a busy machine would keep it by itself. */
const STALL = 400;

let delay: EventLoopDelay;
beforeEach(() => {
  delay = new EventLoopDelay();
});
afterEach(() => delay.close());

const longest = (): number => delay.percentile(100) * 1_000;

/** Lets the loop turn until it has been measured. */
async function measured(): Promise<void> {
  while (longest() === 0) await turn();
}

async function stall(): Promise<void> {
  await measured();
  for (const until = performance.now() + STALL; performance.now() < until;);
  await turn();
}

test('a stall is told in full', async () => {
  await stall();
  expect(longest()).toBeGreaterThan(STALL * 0.9);
  expect(delay.percentile(50) * 1_000).toBeLessThan(STALL);
});

test('a stall is told until both histograms have begun anew', async () => {
  await stall();
  delay.turn();
  expect(longest()).toBeGreaterThan(STALL * 0.9);
  delay.turn();
  await measured();
  expect(longest()).toBeLessThan(STALL * 0.9);
});

test('nothing is told before anything was measured', () => {
  expect([50, 99, 100].map((percent) => delay.percentile(percent))).toEqual([0, 0, 0]);
});
