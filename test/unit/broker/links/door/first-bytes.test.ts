import { expect, test } from 'vitest';
import { judgeFirstBytes } from '#broker/links/door/first-bytes.ts';

/** A record of a handshake with so many bytes in it, of which so many have come. */
const record = (length: number, come: number): Uint8Array =>
  Uint8Array.of(22, 3, 1, length >> 8, length & 0xff, ...new Uint8Array(come));

test.each([
  ['nothing', Uint8Array.of(), 'incomplete'],
  ['a type', Uint8Array.of(22), 'incomplete'],
  ['half a header', Uint8Array.of(22, 3, 1, 2), 'incomplete'],
  ['a header', record(500, 0), 'incomplete'],
  ['all but a byte', record(500, 499), 'incomplete'],
  ['a whole record', record(500, 500), 'hello'],
  ['a whole record and more', record(500, 501), 'hello'],
  ['an empty record', record(0, 0), 'unknown'],
  ['the longest record', record(16_384, 16_384), 'hello'],
  ['too long a record', record(16_385, 0), 'unknown'],
  ['another version', Uint8Array.of(22, 4), 'unknown'],
  ['an alert', Uint8Array.of(21, 3, 1, 0, 2), 'unknown'],
  ['a request in the clear', Buffer.from('G'), 'http'],
  ['something else', Buffer.from('\x10\x20'), 'unknown'],
])('%s', (_name, bytes, what) => expect(judgeFirstBytes(bytes)).toBe(what));

test('judges byte by byte as it does all at once', () => {
  const hello = record(300, 300);
  for (let length = 0; length < hello.length; length += 1) {
    expect(judgeFirstBytes(hello.subarray(0, length))).toBe('incomplete');
  }
});
