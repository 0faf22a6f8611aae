import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inProject } from '../../scripts/project.ts';

const text = readFileSync(inProject('SECURITY.md'), 'utf8');

/** What is said to stop attackers, line by line. */
const claims = [...text.matchAll(/^What stops them\n\n((?:- .+\n)+)/gm)].flatMap(([, list = '']) =>
  list.trim().split('\n'),
);

const NAMED = /\]\((?<file>test\/\S+\.test\.ts) (?<quote>['"])(?<title>.+?)\k<quote>\)/g;

/** The tests that a line names: links to files, whose titles are those of the tests. */
const testsOf = (claim: string) =>
  [...claim.matchAll(NAMED)].map(({ groups: { file = '', title = '' } = {} }) => ({ file, title }));

test('SECURITY.md says of each attacker what stops them, what does not, and what to do', () => {
  const attackers = text.split(/^### /m).slice(1);
  expect(attackers.length).toBeGreaterThan(5);
  for (const attacker of attackers) {
    expect(attacker.match(/^What (stops them|does not|you do)$/gm)).toEqual([
      'What stops them',
      'What does not',
      'What you do',
    ]);
  }
});

test.each(claims)('%s', (claim) => {
  const tests = testsOf(claim);
  expect(tests, 'name the test that holds it').not.toHaveLength(0);
  for (const { file, title } of tests) {
    const source = readFileSync(inProject(file), 'utf8');
    const isThere = [`'`, `"`, '`'].some((quote) => source.includes(`${quote}${title}${quote}`));
    expect(isThere, `${file} has a test "${title}"`).toBe(true);
  }
});

test('what it links to is there', () => {
  const links = [...text.matchAll(/\]\((?!https?:)([^ )#]+)/g)].map(([, file = '']) => file);
  expect(links.filter((file) => !existsSync(inProject(file)))).toEqual([]);
});
