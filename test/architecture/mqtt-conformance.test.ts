import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inProject } from '../../scripts/project.ts';
import { CLAUSES } from '../support/mqtt-clauses.ts';
import { isThere, testsNamedIn, type NamedTest } from '../support/named-tests.ts';

const text = readFileSync(inProject('docs/mqtt-conformance.md'), 'utf8');

/** What stands below a heading of the second level. */
const sectionOf = (heading: string): string =>
  text
    .split(/^## /m)
    .find((section) => section.startsWith(`${heading}\n`))
    ?.slice(heading.length) ?? '';

/** The lines of a section's list, each with the clauses that it is about. */
const listOf = (heading: string) =>
  [...sectionOf(heading).matchAll(/^- \*\*(?<clauses>.+?)\*\*: (?<said>.+)$/gm)].map(
    ({ groups: { clauses = '', said = '' } = {} }) => ({ clauses: clauses.split(', '), said }),
  );

const ROW = /^\| (?<clause>\S+) +\| (?<said>.+?) +\| (?<binds>hub|client|both) +\| (?<shown>.+?) +\|$/gm;

const rows = [...sectionOf('The clauses').matchAll(ROW)].map(
  ({ groups: { clause = '', binds = '', shown = '' } = {} }) => ({
    clause,
    binds,
    shown,
    tests: testsNamedIn(shown),
  }),
);

const otherwise = listOf('What the hub does otherwise');
const notArising = listOf('What does not arise');

/** The clauses of rows that link to a section, and those that stand in its list. */
const linkedAndListed = (anchor: string, list: typeof otherwise) => [
  rows.filter(({ shown }) => shown.includes(`](#${anchor})`)).map(({ clause }) => clause),
  CLAUSES.filter((clause) => list.some(({ clauses }) => clauses.includes(clause))),
];

const expectToBeThere = (tests: readonly NamedTest[]): void => {
  for (const named of tests) expect(isThere(named), `${named.file} has a test "${named.title}"`).toBe(true);
};

test('the table has every clause of the standard once, in its order', () => {
  expect(rows.map(({ clause }) => clause)).toEqual(CLAUSES);
});

test.each(rows)(
  '[MQTT-$clause] is shown by tests that have it in their titles',
  ({ clause, binds, shown, tests }) => {
    expectToBeThere(tests);
    if (tests.length > 0) {
      expect(tests.map(({ title }) => title)).toContainEqual(expect.stringContaining(`[MQTT-${clause}]`));
    } else if (shown === '–') {
      expect(binds, 'name the test that shows it').toBe('client');
    } else {
      expect(shown).toBe('[does not arise](#what-does-not-arise)');
    }
  },
);

test('what the hub does otherwise is listed with its clauses, and linked to from them', () => {
  const [linked, listed] = linkedAndListed('what-the-hub-does-otherwise', otherwise);
  expect(linked).toEqual(listed);
});

test('what does not arise is listed with its clauses, and linked to from them', () => {
  const [linked, listed] = linkedAndListed('what-does-not-arise', notArising);
  expect(linked).toEqual(listed);
});

describe('what the hub does otherwise is shown by tests', () => {
  test.each(otherwise)('$said', ({ said }) => {
    const tests = testsNamedIn(said);
    expect(tests, 'name the tests that show it').not.toHaveLength(0);
    expectToBeThere(tests);
  });
});

test('no test is about a clause that the standard does not have', () => {
  const unknown = globSync(inProject('test/**/*.test.ts')).flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(/\[MQTT-(?<clause>[\d.-]+)\]/g)]
      .map(({ groups: { clause = '' } = {} }) => clause)
      .filter((clause) => !CLAUSES.includes(clause))
      .map((clause) => `${file}: ${clause}`),
  );
  expect(unknown).toEqual([]);
});
