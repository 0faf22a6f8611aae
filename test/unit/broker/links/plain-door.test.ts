import { expect, test } from 'vitest';
import { plainDoor } from '#broker/links/plain-door.ts';

test.each([
  ['127.0.0.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.1', true],
  ['::ffff:10.0.0.1', true],
  ['10.0.0.2', false],
  ['203.0.113.9', false],
  ['fd00::1', false],
  ['unknown', false],
])('%s may connect to the plain listener: %s', (address, expected) => {
  expect(plainDoor(['10.0.0.1'])(address)).toBe(expected);
});
