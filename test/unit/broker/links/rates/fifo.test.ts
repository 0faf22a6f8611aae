import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Fifo } from '#broker/links/rates/fifo.ts';

const doing = fc.oneof(
  { weight: 4, arbitrary: fc.constant('push' as const) },
  { weight: 4, arbitrary: fc.constant('shift' as const) },
  { weight: 1, arbitrary: fc.constant('drop every third' as const) },
);

test('it is an array of which items are taken from the front, whatever is done in whatever order', () => {
  fc.assert(
    fc.property(fc.array(doing, { maxLength: 1_000, size: 'max' }), (deeds) => {
      const fifo = new Fifo<number>();
      let model: number[] = [];
      for (const [at, deed] of deeds.entries()) {
        if (deed === 'push') {
          fifo.push(at);
          model.push(at);
        } else if (deed === 'shift') {
          expect(fifo.shift()).toBe(model.shift());
        } else {
          fifo.filter((item) => item % 3 !== 0);
          model = model.filter((item) => item % 3 !== 0);
        }
        expect(fifo.length).toBe(model.length);
      }
      expect(Array.from({ length: fifo.length }, () => fifo.shift())).toEqual(model);
      expect(fifo.shift()).toBeUndefined();
    }),
  );
});
