import { expect, test } from 'vitest';
import { script, type Cast } from '../../fuzz/script.ts';

const CAST: Cast = [
  { kind: 'device', id: 'fuzz-0', username: 'home/fuzz-0', password: 'secret' },
  { kind: 'service', id: 'fuzzer', username: '@fuzzer', password: 'token' },
  { kind: 'nobody', id: 'fuzz-0', username: 'home/fuzz-0', password: 'wrong' },
];
const LINKS = 50;

/** All that a link would send that is borne to its end, in hex. */
function sent(seed: number, link: number): string {
  const { upgrade, writes } = script(seed, link, CAST);
  return Buffer.concat([upgrade, ...[...writes].map(({ bytes }) => bytes)]).toString('hex');
}

test('the same seed makes the same links, whichever are made before', () => {
  const links = Array.from({ length: LINKS }, (_, link) => sent(7, link));
  const backwards = Array.from({ length: LINKS }, (_, at) => sent(7, LINKS - 1 - at)).reverse();
  expect(backwards).toEqual(links);
  expect(new Set(links).size).toBe(LINKS);
});

test('another seed makes other links', () => {
  for (let link = 0; link < LINKS; link += 1) expect(sent(8, link)).not.toBe(sent(7, link));
});
