import { expect, test } from 'vitest';
import { carried } from '#broker/fleet/text.ts';

test.each([
  ['short', 'short'],
  ['a half \ud800 of a character', 'a half \ufffd of a character'],
  ['x'.repeat(256), 'x'.repeat(256)],
  ['x'.repeat(257), `${'x'.repeat(253)}…`],
  ['💡'.repeat(65), `${'💡'.repeat(63)}…`],
])('%#: is cut between characters, to what a message carries', (text, expected) => {
  expect(carried(text)).toBe(expected);
});
