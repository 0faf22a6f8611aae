import { describe, expect, it } from 'vitest';
import type { Selection } from '#broker/contract/selection.ts';
import {
  byName,
  formatListQuery,
  parseListQuery,
  selectDevices,
  selectionOf,
  showsAll,
  WHOLE_LIST,
  type Listed,
  type ListQuery,
} from '#console/fleet/list.ts';

const listed = (name: string, changes: Partial<Listed> = {}): Listed => ({
  id: name.toLowerCase().replaceAll(' ', '-'),
  name,
  place: '',
  tags: [],
  model: 'Lamp',
  presence: 'online',
  isUsedTwice: false,
  seen: 0,
  ...changes,
});

const fleet = [
  listed('Lamp 10', { place: 'Hall', seen: 3 }),
  listed('lamp 2', { presence: 'offline', place: 'Attic', seen: 1 }),
  listed('Boiler', { model: 'Calor', presence: 'sleeping', seen: 2 }),
  listed('New', { presence: 'never', model: '' }),
].sort(byName);

const names = (query: Partial<ListQuery>): string[] =>
  selectDevices(fleet, { ...WHOLE_LIST, ...query }).map(({ name }) => name);

describe('the list', () => {
  it('counts in names, and does not mind their case', () => {
    expect(names({})).toEqual(['Boiler', 'lamp 2', 'Lamp 10', 'New']);
    expect(names({ descending: true })).toEqual(['New', 'Lamp 10', 'lamp 2', 'Boiler']);
  });

  it('finds every word, wherever it stands', () => {
    expect(names({ search: 'LAMP hall' })).toEqual(['Lamp 10']);
    expect(names({ search: 'calor' })).toEqual(['Boiler']);
    expect(names({ search: ' lamp-2 ' })).toEqual(['lamp 2']);
    expect(names({ search: 'nothing' })).toEqual([]);
  });

  it('counts those asleep among those online, and those never seen among those offline', () => {
    expect(names({ presence: 'online' })).toEqual(['Boiler', 'Lamp 10']);
    expect(names({ presence: 'offline' })).toEqual(['lamp 2', 'New']);
  });

  it('shows those alone that two programs use, whether they are there or not', () => {
    const used = [
      listed('A'),
      listed('B', { isUsedTwice: true }),
      listed('C', { isUsedTwice: true, presence: 'offline' }),
    ];
    const query: ListQuery = { ...WHOLE_LIST, presence: 'twice' };
    expect(selectDevices(used, query).map(({ name }) => name)).toEqual(['B', 'C']);
    expect(showsAll(query)).toBe(false);
    expect(parseListQuery(new URLSearchParams(formatListQuery(query)))).toEqual(query);
    expect(selectionOf(query)).toBeUndefined();
  });

  it('filters by model', () => {
    expect(names({ model: 'Lamp' })).toEqual(['lamp 2', 'Lamp 10']);
  });

  it('puts trouble first when sorted by presence', () => {
    expect(names({ sort: 'presence' })).toEqual(['lamp 2', 'Boiler', 'Lamp 10', 'New']);
  });

  it('puts the last seen first when sorted by that', () => {
    expect(names({ sort: 'seen' })).toEqual(['Lamp 10', 'Boiler', 'lamp 2', 'New']);
  });

  it('keeps devices without a place last, either way round', () => {
    expect(names({ sort: 'place' })).toEqual(['lamp 2', 'Lamp 10', 'Boiler', 'New']);
    expect(names({ sort: 'place', descending: true })).toEqual(['Lamp 10', 'lamp 2', 'Boiler', 'New']);
  });

  it('leaves what it is given as it is', () => {
    const order = fleet.map(({ id }) => id);
    names({ sort: 'seen', descending: true });
    expect(fleet.map(({ id }) => id)).toEqual(order);
  });
});

describe('the query of a list', () => {
  it.each<ListQuery>([
    WHOLE_LIST,
    { ...WHOLE_LIST, descending: true },
    { ...WHOLE_LIST, tag: 'hall & stairs' },
    { ...WHOLE_LIST, group: 'Évening' },
    {
      ...WHOLE_LIST,
      search: 'a & b',
      presence: 'offline',
      model: 'Lumen C2',
      sort: 'seen',
      descending: true,
    },
  ])('survives the address: %o', (query) => {
    expect(parseListQuery(new URLSearchParams(formatListQuery(query)))).toEqual(query);
  });

  it('is empty for the whole list', () => {
    expect(formatListQuery(WHOLE_LIST)).toBe('');
  });

  it('falls back where the address makes no sense', () => {
    expect(parseListQuery(new URLSearchParams('show=blue&sort=-colour'))).toMatchObject({
      presence: 'any',
      sort: 'name',
    });
  });

  it('knows whether anything is filtered away', () => {
    expect(showsAll({ ...WHOLE_LIST, sort: 'seen', search: ' ' })).toBe(true);
    expect(showsAll({ ...WHOLE_LIST, model: 'Lamp' })).toBe(false);
    expect(showsAll({ ...WHOLE_LIST, tag: 'hall' })).toBe(false);
    expect(showsAll({ ...WHOLE_LIST, group: 'evening' })).toBe(false);
  });
});

describe('tags and groups', () => {
  const tagged = [
    listed('A', { tags: ['hall', 'lights'], model: 'Lamp' }),
    listed('B', { tags: ['hall'], model: 'Calor' }),
    listed('C'),
  ];
  const ids = (query: Partial<ListQuery>, members?: Selection) =>
    selectDevices(tagged, { ...WHOLE_LIST, ...query }, members).map(({ id }) => id);

  it('narrow the list', () => {
    expect(ids({ tag: 'hall' })).toEqual(['a', 'b']);
    expect(ids({ search: 'lights' })).toEqual(['a']);
    expect(ids({ group: 'fixed' }, { ids: ['c', 'gone', 'a'] })).toEqual(['a', 'c']);
    expect(ids({ group: 'open' }, { tag: 'hall', model: 'Lamp' })).toEqual(['a']);
    expect(ids({ group: 'everybody' }, { all: true })).toHaveLength(3);
  });

  it('show nobody in a group that is not known, rather than everybody', () => {
    expect(ids({ group: 'unheard of' })).toEqual([]);
  });

  it('make a selection of a query where one can say it', () => {
    expect(selectionOf({ ...WHOLE_LIST, tag: 'hall', model: 'Lamp' })).toEqual({
      tag: 'hall',
      model: 'Lamp',
    });
    expect(selectionOf(WHOLE_LIST)).toEqual({ all: true });
    expect(selectionOf({ ...WHOLE_LIST, search: 'x' })).toBeUndefined();
    expect(selectionOf({ ...WHOLE_LIST, presence: 'offline' })).toBeUndefined();
  });
});
