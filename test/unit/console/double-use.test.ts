import { expect, it } from 'vitest';
import { deviceText } from '#console/text/device-text.ts';

it.each([
  ['both places', ['192.0.2.7', '198.51.100.9'], 'since 12:00, one at 192.0.2.7 and one at 198.51.100.9.'],
  ['one place, where both programs are there', ['192.0.2.7', '192.0.2.7'], 'since 12:00, both at 192.0.2.7.'],
  ['no place, where the hub has named none', [], 'since 12:00.'],
])('the notice of a device that two programs use names %s', (_which, places, words) => {
  expect(deviceText.twice.since('12:00', places)).toBe(words);
});
