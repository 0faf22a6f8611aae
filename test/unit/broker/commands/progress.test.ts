import { expect, test } from 'vitest';
import { slowly } from '#broker/commands/progress.ts';

test('nothing is told in the first second, and then once a second', () => {
  const told: string[] = [];
  let now = 5_000;
  const tell = slowly({ write: (line: string) => told.push(line) > 0 }, () => now);
  const at = (time: number, share: number): void => {
    now = time;
    tell('switchyard.db', share);
  };
  at(5_999, 0.1);
  expect(told).toEqual([]);
  at(6_000, 0.2);
  at(6_500, 0.25);
  at(7_000, 0.999);
  expect(told).toEqual(['switchyard.db: 20 %\n', 'switchyard.db: 99 %\n']);
});
