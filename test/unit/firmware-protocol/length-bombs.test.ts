import { expect, test } from 'vitest';
import { KEYS } from '../../../firmware-protocol/keys.ts';
import { integerItem, makeItem, mapItem, writeItem, type Item } from '../../support/protocol/items.ts';
import { MESSAGES, toHex } from './vector-files.ts';

/** Byte string, text, array, map. */
const MAJORS = [2, 3, 4, 5];

/** The least of them would be 16 MiB even as a byte string. */
const ANNOUNCED = [2 ** 24, 2 ** 26, 2 ** 28, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2n ** 53n - 1n, 2n ** 64n - 1n];

/**
 * What decoding one of these may take of the heap and of buffers, errors and compiled code included. It is generous,
 * so that nothing but an allocation of what was announced goes beyond it.
 */
const MOST_BYTES = 8 * 1_048_576;

/** Heads that announce what never comes, in the place of the message, of each field, and of its parts. */
function* bombs(): Generator<Uint8Array> {
  const filler = new Uint8Array(1_000);
  for (const announced of ANNOUNCED) {
    for (const head of MAJORS.map((major) => makeItem(major, announced, { content: filler }))) {
      yield writeItem(head);
      for (const key of [...Object.values(KEYS), 65_535]) {
        const places: Item[] = [head, makeItem(4, 1, { children: [head] }), mapItem([integerItem(1), head])];
        for (const place of places) yield writeItem(mapItem([integerItem(key), place]));
      }
    }
  }
}

/** Bytes of heap and buffers that a call has taken when it is over. Garbage that was collected meanwhile is missing. */
function bytesTaken(call: () => void): number {
  const before = process.memoryUsage();
  call();
  const after = process.memoryUsage();
  return after.heapUsed - before.heapUsed + after.arrayBuffers - before.arrayBuffers;
}

test('the measure sees an array and a buffer of no more than the least that these announce', () => {
  const kept: unknown[] = [];
  expect(bytesTaken(() => kept.push(new Array(2 ** 21).fill(0)))).toBeGreaterThan(MOST_BYTES);
  expect(bytesTaken(() => kept.push(new Uint8Array(2 ** 24)))).toBeGreaterThan(MOST_BYTES);
});

test.each([...MESSAGES.keys()])('%s: nothing is allocated for what a length announces', (type) => {
  const decode = MESSAGES.get(type)?.decode;
  if (decode === undefined) throw new Error(`there is no message ${type}`);
  let most = 0;
  for (const payload of bombs()) {
    let refused = false;
    const taken = bytesTaken(() => {
      try {
        decode(payload);
      } catch {
        refused = true;
      }
    });
    if (!refused) expect.fail(`${toHex(payload)} was accepted`);
    most = Math.max(most, taken);
  }
  expect(most).toBeLessThan(MOST_BYTES);
});
