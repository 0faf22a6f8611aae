import { describe, expect, test } from 'vitest';
import { CODE, reportViolations, TYPE, type Value } from '#firmware-protocol';
import { describing, oneOfEach, values } from './descriptions.ts';

const bytes = (...each: number[]): Uint8Array => new Uint8Array(each);

describe('a value fits the type of its property', () => {
  test.each<[string, number, Value]>([
    ['bool', TYPE.bool, false],
    ['int', TYPE.int, -5],
    ['float', TYPE.float, 0.5],
    ['float that is integral', TYPE.float, 5],
    ['enum, first choice', TYPE.enum, 0],
    ['enum, last choice', TYPE.enum, 2],
    ['text', TYPE.text, ''],
    ['bytes', TYPE.bytes, bytes()],
    ['rgb', TYPE.rgb, bytes(1, 2, 3)],
  ])('%s', (_name, pid, value) => {
    expect(reportViolations(oneOfEach, values({ [pid]: value }))).toEqual([]);
  });

  test.each([0, 1, 2, 3, 4, 5, 6])('null, which is no reading, fits property %i', (pid) => {
    expect(reportViolations(oneOfEach, values({ [pid]: null }))).toEqual([]);
  });
});

describe('a value of another type is a violation', () => {
  test.each<[string, number, Value, string]>([
    ['bool from a number', TYPE.bool, 1, 'p1 must be true or false'],
    ['int from a fraction', TYPE.int, 1.5, 'p2 must be an integer'],
    ['int from text', TYPE.int, '1', 'p2 must be an integer'],
    ['float from a bool', TYPE.float, true, 'p3 must be a number'],
    ['enum from a name', TYPE.enum, 'off', 'p4 must be the index of a choice'],
    ['enum from a fraction', TYPE.enum, 0.5, 'p4 must be the index of a choice'],
    ['text from bytes', TYPE.text, bytes(65), 'p5 must be text'],
    ['bytes from text', TYPE.bytes, 'A', 'p6 must be bytes'],
    ['rgb of two bytes', TYPE.rgb, bytes(1, 2), 'p7 must be three bytes of sRGB'],
    ['rgb of four bytes', TYPE.rgb, bytes(1, 2, 3, 4), 'p7 must be three bytes of sRGB'],
    ['rgb from a number', TYPE.rgb, 0xff8000, 'p7 must be three bytes of sRGB'],
  ])('%s', (_name, pid, value, reason) => {
    expect(reportViolations(oneOfEach, values({ [pid]: value }))).toEqual([
      { pid, code: CODE.invalid, reason },
    ]);
  });
});

describe('range', () => {
  const bounded = describing({ type: TYPE.int, min: -10, max: 20, label: 'Level' });

  test.each([-10, 0, 20])('%i is within −10 to 20', (value) => {
    expect(reportViolations(bounded, values({ 1: value }))).toEqual([]);
  });

  test.each([
    [-11, 'Level must be at least -10'],
    [21, 'Level must be at most 20'],
  ])('%i is not', (value, reason) => {
    expect(reportViolations(bounded, values({ 1: value }))).toEqual([{ pid: 1, code: CODE.range, reason }]);
  });

  test('holds for floats as well', () => {
    const float = describing({ type: TYPE.float, min: 0.5, max: 1.5 });
    expect(reportViolations(float, values({ 1: 0.5 }))).toEqual([]);
    expect(reportViolations(float, values({ 1: 1.500001 }))).toMatchObject([{ code: CODE.range }]);
  });

  test.each([-1, 3])('an enum of three has no choice %i', (value) => {
    expect(reportViolations(oneOfEach, values({ [TYPE.enum]: value }))).toEqual([
      { pid: TYPE.enum, code: CODE.range, reason: `p4 has no choice ${value}` },
    ]);
  });
});

describe('step', () => {
  test.each([
    ['counts from min', { min: 3, step: 5 }, [3, 8, 13], [4, 5, 7, 10]],
    ['counts from zero without min', { step: 5 }, [-5, 0, 5], [1, -1]],
    ['of zero is none', { step: 0 }, [1, 2], []],
  ])('%s', (_name, bounds, fits, misses) => {
    const stepped = describing({ type: TYPE.int, ...bounds });
    for (const value of fits) expect(reportViolations(stepped, values({ 1: value }))).toEqual([]);
    for (const value of misses) {
      expect(reportViolations(stepped, values({ 1: value })), String(value)).toMatchObject([
        { code: CODE.range, reason: 'p1 must be in steps of 5' },
      ]);
    }
  });

  test('does not bind floats, which cannot keep it exactly', () => {
    const stepped = describing({ type: TYPE.float, min: 0, step: 0.1 });
    expect(reportViolations(stepped, values({ 1: 0.30000000000000004 }))).toEqual([]);
  });
});

test('a property that the description does not have is not found', () => {
  expect(reportViolations(oneOfEach, values({ 99: true }))).toEqual([
    { pid: 99, code: CODE.notFound, reason: 'there is no property 99' },
  ]);
});

test('every violation is reported, in the order of the values', () => {
  const found = reportViolations(oneOfEach, values({ 99: 1, 1: 'x', 0: true, 3: 7 }));
  expect(found.map(({ pid, code }) => [pid, code])).toEqual([
    [1, CODE.invalid],
    [3, CODE.range],
    [99, CODE.notFound],
  ]);
});
