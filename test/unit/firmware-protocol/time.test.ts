import { expect, test } from 'vitest';
import { resolveTime } from '#firmware-protocol';

const RECEIVED = 1_800_000_000_000;

test.each([
  ['zero is the receipt', 0, RECEIVED],
  ['below zero is before the receipt', -1_500, RECEIVED - 1_500],
  ['long before the receipt is not before 1970', -Number.MAX_SAFE_INTEGER, 0],
  ['from 2³⁸ on it is Unix time', 2 ** 38, 2 ** 38],
  ['Unix time stays as it is', 1_763_539_700_000, 1_763_539_700_000],
  ['even after the receipt', RECEIVED + 60_000, RECEIVED + 60_000],
  ['one is nothing', 1, undefined],
  ['right below 2³⁸ is nothing', 2 ** 38 - 1, undefined],
])('%s', (_name, t, expected) => {
  expect(resolveTime(t, RECEIVED)).toBe(expected);
});
