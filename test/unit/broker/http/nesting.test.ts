import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nestsDeeper } from '#broker/http/nesting.ts';

/** How deep a value nests. */
const depthOf = (value: unknown): number =>
  typeof value === 'object' && value !== null
    ? 1 + Math.max(0, ...Object.values(value).map((inner) => depthOf(inner)))
    : 0;

test('JSON nests as deep as what it says, whatever is in its strings', () => {
  const text = fc.string({ unit: fc.constantFrom('[', '{', '"', '\\', ']', '}', 'x') });
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      text,
      fc.integer(),
      fc.array(tie('value')),
      fc.dictionary(text, tie('value')),
    ),
  })).value;
  fc.assert(
    fc.property(value, (any) => {
      const json = JSON.stringify(any);
      expect(nestsDeeper(json, depthOf(any))).toBe(false);
      if (depthOf(any) > 0) expect(nestsDeeper(json, depthOf(any) - 1)).toBe(true);
    }),
  );
});

test('what is no JSON nests as deep as it opens', () => {
  expect(nestsDeeper('['.repeat(64), 64)).toBe(false);
  expect(nestsDeeper('['.repeat(65), 64)).toBe(true);
  expect(nestsDeeper('"'.repeat(3) + '['.repeat(65), 64)).toBe(false);
  expect(nestsDeeper(']'.repeat(9) + '['.repeat(9), 0)).toBe(false);
});
