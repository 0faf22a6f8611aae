import { describe, expect, test } from 'vitest';
import { CODE, FLAG, TYPE, writeViolations } from '#firmware-protocol';
import { commanded, describing, oneOfEach, persistent, values } from './descriptions.ts';

const paths = describing(
  { type: TYPE.int, flags: commanded, label: 'Fan' },
  { type: TYPE.int, flags: persistent, label: 'Set point' },
  { type: TYPE.int, label: 'Reading' },
  { type: TYPE.int, flags: FLAG.persistent, label: 'Serial number' },
);

describe('each property has one path to be written by', () => {
  test.each([
    ['cmd', 1],
    ['desired', 2],
  ] as const)('through %s: property %i', (path, pid) => {
    expect(writeViolations(paths, values({ [pid]: 5 }), path)).toEqual([]);
  });

  test.each([
    ['desired', 1, 'Fan is written through cmd'],
    ['cmd', 2, 'Set point is persistent: write it through desired'],
    ['cmd', 3, 'Reading cannot be written'],
    ['desired', 3, 'Reading cannot be written'],
    ['cmd', 4, 'Serial number cannot be written'],
    ['desired', 4, 'Serial number cannot be written'],
  ] as const)('not through %s: property %i', (path, pid, reason) => {
    expect(writeViolations(paths, values({ [pid]: 5 }), path)).toEqual([{ pid, code: CODE.invalid, reason }]);
  });
});

test('null cannot be written: it is no reading, and no wish either', () => {
  expect(writeViolations(oneOfEach, values({ 0: null }), 'cmd')).toMatchObject([
    { pid: 0, code: CODE.invalid, reason: 'p1 must have a value' },
  ]);
});

test('type, range and step count as in reports', () => {
  const level = describing({ type: TYPE.int, flags: commanded, min: 0, max: 100, step: 10 });
  const codeOf = (value: number | string) => writeViolations(level, values({ 1: value }), 'cmd')[0]?.code;
  expect(codeOf('50')).toBe(CODE.invalid);
  expect(codeOf(101)).toBe(CODE.range);
  expect(codeOf(55)).toBe(CODE.range);
  expect(codeOf(50)).toBeUndefined();
});

test('a property that the description does not have is not found', () => {
  expect(writeViolations(paths, values({ 9: 1 }), 'cmd')).toEqual([
    { pid: 9, code: CODE.notFound, reason: 'there is no property 9' },
  ]);
});
