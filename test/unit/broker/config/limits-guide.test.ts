import { readFileSync } from 'node:fs';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { limitsSchema } from '#broker/config/limits.ts';
import { settingsSchema } from '#broker/config/settings.ts';

const guide = readFileSync('docs/settings.md', 'utf8');
const limits: Record<string, number> = limitsSchema.parse({});

const UNITS: Record<string, number> = { '': 1, KiB: 1_024, MiB: 1_048_576, s: 1_000, min: 60_000 };

/** The rows of the table of limits: the setting, its default in the unit of the setting, and what the bound is of. */
const rows = [...guide.matchAll(/^\| `(\w+)` +\| ([\d,]+) ?(\w*) +\| (\w+) +\| (.+?) +\|$/gm)].map(
  ([, name = '', figure = '', unit = '', of = '', beyond = '']) => ({
    name,
    value: Number(figure.replaceAll(',', '')) * (UNITS[unit] ?? NaN),
    of,
    beyond,
  }),
);

describe('the table of limits', () => {
  test('has every limit once, and no other', () => {
    expect(rows.map(({ name }) => name).toSorted()).toEqual(Object.keys(limits).toSorted());
  });

  test.each(rows)('says that $name is $value by default', ({ name, value }) => {
    expect(value).toBe(limits[name]);
  });

  test.each(rows)('says of what $name is a bound', ({ of }) => {
    expect(['packet', 'link', 'session', 'account', 'address', 'hub']).toContain(of);
  });
});

test('the file in the guide has all limits and periods, with their defaults', () => {
  const file = parse(/```toml\n(.*?)```/s.exec(guide)?.[1] ?? '');
  const { keep } = settingsSchema.parse({});
  expect(file).toMatchObject({ limits, keep });
  expect(Object.keys(file['limits'] as object)).toEqual(Object.keys(limits));
});

test('every part of the guide that is a file can be one', () => {
  for (const [, text = ''] of guide.matchAll(/```toml\n(.*?)```/gs)) {
    expect(settingsSchema.safeParse(parse(text)).error).toBeUndefined();
  }
});
