import { describe, expect, it } from 'vitest';
import { idsBetween, Selected } from '#console/fleet/selected.svelte.ts';

const list = ['a', 'b', 'c', 'd', 'e'].map((id) => ({ id }));

describe('a range of a list', () => {
  it('goes either way, with both ends', () => {
    expect(idsBetween(list, 'b', 'd')).toEqual(['b', 'c', 'd']);
    expect(idsBetween(list, 'd', 'b')).toEqual(['b', 'c', 'd']);
  });

  it('is its end alone where its begin is not shown any more', () => {
    expect(idsBetween(list, 'gone', 'b')).toEqual(['b']);
  });
});

describe('what is selected', () => {
  it('is toggled one by one, and extended from the last one', () => {
    const selected = new Selected();
    selected.toggle('b');
    selected.toggle('e');
    selected.toggle('e');
    expect([...selected.ids]).toEqual(['b']);
    selected.toggle('c');
    selected.extend('e', list);
    expect([...selected.ids]).toEqual(['b', 'c', 'd', 'e']);
  });

  it('is extended by keys from where they began', () => {
    const selected = new Selected();
    selected.extend('c', list, 'b');
    selected.extend('d', list, 'c');
    expect([...selected.ids]).toEqual(['b', 'c', 'd']);
  });

  it('is replaced and cleared whole', () => {
    const selected = new Selected();
    selected.replace(list);
    expect(selected.ids.size).toBe(5);
    selected.clear();
    expect(selected.ids.size).toBe(0);
  });
});
