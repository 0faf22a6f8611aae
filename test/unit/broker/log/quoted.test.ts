import { expect, test } from 'vitest';
import { quoted } from '#broker/log/quoted.ts';

test.each([
  ['https://evil.example', '"https://evil.example"'],
  ['', '""'],
  ['a "quote" and a \\', String.raw`"a \"quote\" and a \\"`],
  ['a line\nand another\r', String.raw`"a line\nand another\r"`],
  ['\u001b[31mred\u009b0m\u007f', String.raw`"\u001b[31mred\u009b0m\u007f"`],
  ['kÃ¼che', String.raw`"k\u00c3\u00bcche"`],
  ['right\u202eleft\u2028', String.raw`"right\u202eleft\u2028"`],
  ['x'.repeat(100), `"${'x'.repeat(100)}"`],
  ['x'.repeat(101), `"${'x'.repeat(100)}"…`],
])('%j is shown as %s', (text, shown) => expect(quoted(text)).toBe(shown));
