import { expect, test } from 'vitest';
import { isMoment, resolveTime } from '#firmware-protocol';

const RECEIVED = 1_800_000_000_000;

test.each([
  ['zero is the receipt', 0, RECEIVED],
  ['below zero is before the receipt', -1_500, RECEIVED - 1_500],
  ['long before the receipt is not before 1970', -Number.MAX_SAFE_INTEGER, 0],
  ['from 2³⁸ on it is Unix time', 2 ** 38, 2 ** 38],
  ['Unix time stays as it is', 1_763_539_700_000, 1_763_539_700_000],
  ['even after the receipt', RECEIVED + 60_000, RECEIVED + 60_000],
])('%s', (_name, t, expected) => {
  expect(resolveTime(t, RECEIVED)).toBe(expected);
});

test.each([
  [-Number.MAX_SAFE_INTEGER, true],
  [0, true],
  [1, false],
  [2 ** 38 - 1, false],
  [2 ** 38, true],
  [Number.MAX_SAFE_INTEGER, true],
  [-0.5, false],
])('%d is a moment: %s', (t, expected) => {
  expect(isMoment(t)).toBe(expected);
});
