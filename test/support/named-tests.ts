import { readFileSync } from 'node:fs';
import { inProject } from '../../scripts/project.ts';

/** A test that a document names: by a link to its file, whose title is that of the test. */
export interface NamedTest {
  readonly file: string;
  readonly title: string;
}

const NAMED = /\]\((?:\.\.\/)?(?<file>test\/\S+\.test\.ts) (?<quote>['"])(?<title>.+?)\k<quote>\)/g;

/** The tests that a piece of Markdown names, in order. */
export const testsNamedIn = (markdown: string): NamedTest[] =>
  [...markdown.matchAll(NAMED)].map(({ groups: { file = '', title = '' } = {} }) => ({ file, title }));

/** Whether the file has a test, a table of tests or a row of one with this title. */
export function isThere({ file, title }: NamedTest): boolean {
  const source = readFileSync(inProject(file), 'utf8');
  return [`'`, `"`, '`'].some((quote) => source.includes(`${quote}${title}${quote}`));
}
