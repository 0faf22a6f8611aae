import { describe, expect, it } from 'vitest';
import { CATEGORY, FLAG, TYPE, type Property } from '#firmware-protocol';
import { parseRoute } from '#console/app/route.ts';
import { describeAllowed, initialText, parseArgument } from '#console/controls/action-args.ts';
import { sectionsOf, undescribed } from '#console/pages/device/sections.ts';
import { rowAfterKey, visibleRange } from '#console/parts/visible-range.ts';
import { LAMP } from './samples.ts';

describe('an address', () => {
  it.each([
    ['/', { page: 'fleet' }],
    ['/sign-in', { page: 'sign-in' }],
    ['/devices/kitchen-lamp', { page: 'device', id: 'kitchen-lamp' }],
    ['/devices/kitchen-lamp/', { page: 'device', id: 'kitchen-lamp' }],
    ['/batches', { page: 'batches' }],
    ['/batches/0102030405060708', { page: 'batch', id: '0102030405060708' }],
    ['/batches/nonsense', { page: 'nowhere' }],
    ['/schedules/', { page: 'schedules' }],
    ['/constructor', { page: 'nowhere' }],
    ['/devices/', { page: 'nowhere' }],
    ['/devices/a/b', { page: 'nowhere' }],
    ['/devices/%3Cscript%3E', { page: 'nowhere' }],
  ])('%s leads to its page', (pathname, route) => {
    expect(parseRoute({ pathname, search: '' })).toMatchObject(route);
  });
});

describe('the rows of a long list', () => {
  it('are drawn where they are seen, and a little around', () => {
    expect(visibleRange(10_000, 50, 0, 500)).toEqual({ first: 0, end: 16 });
    expect(visibleRange(10_000, 50, 100_000, 500)).toEqual({ first: 1_994, end: 2_016 });
    expect(visibleRange(10_000, 50, 499_500, 500)).toEqual({ first: 9_984, end: 10_000 });
  });

  it('are none too many when the list has become shorter than it was scrolled', () => {
    expect(visibleRange(3, 50, 100_000, 500)).toEqual({ first: 3, end: 3 });
    expect(visibleRange(0, 50, 0, 500)).toEqual({ first: 0, end: 0 });
  });

  it('are reached by keys, and never left at an end', () => {
    const go = (key: string, from: number) => rowAfterKey(key, from, 100, 10);
    expect([go('ArrowDown', 5), go('ArrowUp', 5), go('PageDown', 5), go('PageUp', 5)]).toEqual([6, 4, 15, 0]);
    expect([go('ArrowDown', 99), go('ArrowUp', 0), go('End', 3), go('Home', 3)]).toEqual([99, 0, 99, 0]);
    expect(go('a', 5)).toBeUndefined();
  });
});

describe('the sections of a device', () => {
  it('part what is operated, read, set up and diagnosed', () => {
    const keys = (properties: readonly { key: string }[]) => properties.map(({ key }) => key);
    const description = {
      ...LAMP,
      props: [
        ...LAMP.props,
        { pid: 10, key: 'start', type: TYPE.bool, flags: FLAG.writable, cat: CATEGORY.config },
        { pid: 11, key: 'uptime', type: TYPE.int, cat: CATEGORY.diagnostic },
      ],
    };
    const sections = sectionsOf(description);
    expect(keys(sections.controls)).toEqual(['power', 'level', 'fade']);
    expect(keys(sections.readings)).toEqual(['watts']);
    expect(keys(sections.settings)).toEqual(['start']);
    expect(keys(sections.diagnostics)).toEqual(['uptime']);
    expect(keys(sections.persistent)).toEqual(['fade']);
  });

  it('keep the properties of a group together', () => {
    const props = [
      { pid: 1, key: 'a', type: TYPE.int },
      { pid: 2, key: 'b', type: TYPE.int, group: 1 },
      { pid: 3, key: 'c', type: TYPE.int, group: 0 },
      { pid: 4, key: 'd', type: TYPE.int, group: 1 },
    ];
    expect(sectionsOf({ ...LAMP, props }).readings.map(({ key }) => key)).toEqual(['c', 'b', 'd', 'a']);
  });

  it('leave out nothing that is reported', () => {
    const vals = new Map([
      [1, true],
      [99, true],
    ]);
    expect(undescribed(LAMP, vals)).toEqual([[99, true]]);
    expect(undescribed(undefined, vals)).toHaveLength(2);
  });
});

describe('what may stand in a field', () => {
  const level = { pid: 0, key: 'level', type: TYPE.int, unit: 's', scale: -1 };

  it.each([
    [{ min: 10, max: 1_000 }, '1.0 to 100.0 s'],
    [{ min: 10 }, 'At least 1.0 s'],
    [{ max: 10 }, 'At most 1.0 s'],
    [{}, 's'],
    [{ type: TYPE.text, max: 10, unit: undefined }, ''],
  ])('is told of %j as "%s"', (changes, words) => {
    expect(describeAllowed({ ...level, ...changes } as Property)).toBe(words);
  });
});

describe('an argument of an action', () => {
  const seconds = { pid: 0, key: 's', type: TYPE.int, scale: -1, min: 5, max: 1_200 };

  it('is written as people read it and sent in wire units', () => {
    expect(initialText(seconds)).toBe('0.5');
    expect(parseArgument(seconds, '12.34')).toBe(123);
  });

  it.each(['', 'x', '0.4', '121'])('is refused where it is no value of its parameter: %j', (written) => {
    expect(parseArgument(seconds, written)).toBeUndefined();
  });

  it('is of the type of its parameter', () => {
    const of = (type: number, written: string) => parseArgument({ pid: 0, key: 'p', type }, written);
    expect(of(TYPE.bool, 'true')).toBe(true);
    expect(of(TYPE.enum, '2')).toBe(2);
    expect(of(TYPE.rgb, '#010203')).toEqual(Uint8Array.of(1, 2, 3));
    expect(of(TYPE.text, '')).toBe('');
    expect(of(TYPE.bytes, '00')).toBeUndefined();
  });
});
