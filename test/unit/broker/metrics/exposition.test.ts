import { describe, expect, test } from 'vitest';
import { counter, exposition, gauge } from '#broker/metrics/exposition.ts';

describe('metrics as text', () => {
  test('are told with what they are, and of what type', () => {
    expect(exposition([counter('links_total', 'Links.', 3), gauge('now', 'Now.', 0.5)])).toBe(
      '# HELP links_total Links.\n# TYPE links_total counter\nlinks_total 3\n' +
        '# HELP now Now.\n# TYPE now gauge\nnow 0.5\n',
    );
  });

  test('have one line for each value of a label', () => {
    const values = new Map([
      ['a', 1],
      ['b', 2e21],
    ]);
    expect(exposition([gauge('g', 'G.', { label: 'which', values })])).toBe(
      '# HELP g G.\n# TYPE g gauge\ng{which="a"} 1\ng{which="b"} 2e+21\n',
    );
  });

  test('have nothing in a text that would end it', () => {
    const values = [['a"b\\c\nd', 1]] as const;
    expect(exposition([gauge('g', 'one\ntwo\\', { label: 'l', values })])).toBe(
      '# HELP g one\\ntwo\\\\\n# TYPE g gauge\ng{l="a\\"b\\\\c\\nd"} 1\n',
    );
  });

  test.each([
    [NaN, 'NaN'],
    [Infinity, '+Inf'],
    [-Infinity, '-Inf'],
  ])('have %d as %s', (value, text) => {
    expect(exposition([gauge('g', 'G.', value)])).toContain(`\ng ${text}\n`);
  });
});
