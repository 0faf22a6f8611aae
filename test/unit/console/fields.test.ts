import { describe, expect, it } from 'vitest';
import { id } from '#broker/contract/id.ts';
import { problemOf } from '#console/fields/check.ts';
import { expiryOf, untilOf } from '#console/fields/expiry.ts';
import { idFrom } from '#console/fields/id-from.ts';
import { tagsFrom } from '#console/fields/tags.ts';

describe('the id that a name suggests', () => {
  it.each([
    ['Kitchen lamp', 'kitchen-lamp'],
    ['  Küche / Lampe 2 ', 'kuche-lampe-2'],
    ['Node-RED', 'node-red'],
    ['__main__', 'main__'],
    ['거실', ''],
    ['a'.repeat(31) + ' b', 'a'.repeat(31)],
  ])('of %j is %j', (name, suggested) => {
    expect(idFrom(name)).toBe(suggested);
  });

  it('is one that the hub takes, or none', () => {
    for (const name of ['!', 'é', '-x', 'Ⅷ', 'ﬁ', 'x'.repeat(80), '9 lives', 'A_B'])
      expect(idFrom(name) === '' || problemOf(id, idFrom(name)) === undefined).toBe(true);
  });
});

it('what the contract has against a value is said in its own words', () => {
  expect(problemOf(id, 'lamp')).toBeUndefined();
  expect(problemOf(id, 'Lamp')).toContain('a–z');
});

it('tags are what stands between commas, each once', () => {
  expect(tagsFrom(' hall, , new,hall ')).toEqual(['hall', 'new']);
  expect(tagsFrom('')).toEqual([]);
});

describe('an expiry', () => {
  const now = new Date(2027, 1, 28, 12).getTime();

  it('is never, so many hours from now, or as it was', () => {
    expect(untilOf({ kind: 'never' }, now)).toBeNull();
    expect(untilOf({ kind: 'hours', hours: 24 }, now)).toBe(now + 86_400_000);
    expect(untilOf(expiryOf(5), now)).toBe(5);
    expect(untilOf(expiryOf(null), now)).toBeNull();
  });

  it('on a date is the end of that day, where one looks', () => {
    const until = untilOf({ kind: 'date', date: '2027-02-28' }, now) ?? 0;
    expect(new Date(until).getDate()).toBe(28);
    expect(new Date(until + 1)).toEqual(new Date(2027, 2, 1));
  });

  it('is none while no day is chosen, or one that is over', () => {
    for (const date of ['', '2027-02-27', 'soon'])
      expect(untilOf({ kind: 'date', date }, now)).toBeUndefined();
  });
});
