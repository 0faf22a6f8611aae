import { describe as suite, expect, test } from 'vitest';
import type { Selection } from '#broker/contract/selection.ts';
import { select } from '#broker/fleet/selection/select.ts';
import { describe, devicesOf, view } from './views.ts';

const blind = describe('blind');
const devices = devicesOf(
  view('c', { tags: ['hall'] }),
  view('a', { tags: ['hall', 'night'] }),
  view('b', { tags: ['hall'], description: blind }),
  view('d', { description: undefined }),
);
const groups: Record<string, Selection> = {
  chosen: { ids: ['c', 'd', 'gone'] },
  halls: { tag: 'hall' },
  nobody: { tag: 'cellar' },
};
const ids = (selection: Selection) => select(selection, devices, (name) => groups[name]).map(({ id }) => id);

suite('who is selected', () => {
  test.each<[Selection, string[]]>([
    [{ all: true }, ['a', 'b', 'c', 'd']],
    [{ tag: 'hall' }, ['a', 'b', 'c']],
    [{ model: 'lamp' }, ['a', 'c']],
    [{ tag: 'hall', model: 'blind' }, ['b']],
    [{ group: 'halls', model: 'lamp' }, ['a', 'c']],
    [{ group: 'chosen' }, ['c', 'd']],
    [{ group: 'chosen', tag: 'hall' }, ['c']],
  ])('%j', (selection, expected) => expect(ids(selection)).toEqual(expected));

  test('a list keeps its order and counts nobody twice', () => {
    expect(ids({ ids: ['c', 'a', 'c'] })).toEqual(['c', 'a']);
  });

  test('a list is narrowed by what stands beside it', () => {
    expect(ids({ ids: ['d', 'b', 'a'], tag: 'hall' })).toEqual(['b', 'a']);
  });
});

suite('what cannot be selected is said', () => {
  test.each<[Selection, string, RegExp]>([
    [{ ids: ['a', 'x', 'y'] }, 'notFound', /no device x, y$/],
    [{ ids: ['1', '2', '3', '4', '5', '6', '7'] }, 'notFound', /no device 1, 2, 3, 4, 5 and 2 more$/],
    [{ group: 'none' }, 'notFound', /no group "none"/],
    [{ tag: 'cellar', model: 'lamp' }, 'invalid', /no device has the tag "cellar" and is a "lamp"/],
    [{ group: 'nobody' }, 'invalid', /no device is in the group "nobody"/],
  ])('%j', (selection, kind, message) => {
    expect(() => ids(selection)).toThrow(
      expect.objectContaining({ kind, message: expect.stringMatching(message) }),
    );
  });

  test('an empty hub', () => {
    expect(() => select({ all: true }, devicesOf(), () => undefined)).toThrow(/no device is registered/);
  });
});
