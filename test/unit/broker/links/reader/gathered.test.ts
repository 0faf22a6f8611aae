import { expect, test } from 'vitest';
import { Gathered } from '#broker/links/reader/gathered.ts';

test('what is gathered in small pieces is seldom moved to more room', () => {
  const gathered = new Gathered();
  const rooms = new Set<string>();
  const seen = new Set<ArrayBufferLike>();
  for (let at = 0; at < 65_536; at += 1) {
    gathered.add(Buffer.from([at]));
    const { buffer, byteOffset } = gathered.bytes;
    seen.add(buffer);
    rooms.add(`${[...seen].indexOf(buffer)}:${byteOffset}`);
  }
  expect(rooms.size).toBeLessThanOrEqual(Math.log2(65_536));
  expect(gathered.take()).toHaveLength(65_536);
});

test('no more room is made than there is to be in all', () => {
  const gathered = new Gathered();
  gathered.add(Buffer.alloc(40_000), 50_000);
  gathered.add(Buffer.alloc(10_000), 50_000);
  expect(gathered.bytes.buffer.byteLength).toBe(50_000);
});

test('what was put back is gone on from, and what was taken stays as it was', () => {
  const gathered = new Gathered();
  gathered.add(Buffer.from('abcd'));
  const taken = gathered.take();
  expect(gathered.length).toBe(0);
  gathered.putBack(taken.subarray(1, 3));
  gathered.add(Buffer.from('x'));
  expect(gathered.take().toString()).toBe('bcx');
  expect(taken.toString()).toBe('abcd');
});
