import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { inProject } from '../../scripts/project.ts';
import { isThere, testsNamedIn } from '../support/named-tests.ts';

const text = readFileSync(inProject('SECURITY.md'), 'utf8');

/** What is said to stop attackers, line by line. */
const claims = [...text.matchAll(/^What stops them\n\n((?:- .+\n)+)/gm)].flatMap(([, list = '']) =>
  list.trim().split('\n'),
);

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
  const tests = testsNamedIn(claim);
  expect(tests, 'name the test that holds it').not.toHaveLength(0);
  for (const named of tests) expect(isThere(named), `${named.file} has a test "${named.title}"`).toBe(true);
});

test('what it links to is there', () => {
  const links = [...text.matchAll(/\]\((?!https?:)([^ )#]+)/g)].map(([, file = '']) => file);
  expect(links.filter((file) => !existsSync(inProject(file)))).toEqual([]);
});
