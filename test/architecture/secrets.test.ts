import { globSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { inProject, ROOT } from '../../scripts/project.ts';

/** Everything that is written here, without what is installed, built or kept. */
const files = globSync(['**/*', '.*'], {
  cwd: ROOT,
  exclude: ['**/node_modules', '**/build', 'console/dist', 'data', 'test/results', '.git', '*.cdx.json'],
}).filter((file) => statSync(inProject(file)).isFile());

const KINDS = [
  ['a private key', /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----[\s\\n"'+]*[A-Za-z0-9+/]{32}/],
  ['a private key as a JWK', /["']?\bd["']?: *["'][A-Za-z0-9_-]{43}["']/],
  ['a token of a service or a claim', /\bsw[yc]\.[a-z0-9][a-z0-9_-]*\.[A-Za-z0-9_-]{43}\b/],
  ['a signed token', /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{40,}/],
  ['a registry', /^(?:@[\w-]+:)?registry *=|https?:\/\/[\w.-]*(?:registry|npmjs)\b/m],
  ['a folder of somebody', /(?<![\w.}])\/(?:home|Users|root)\/\w/],
] as const;

const holding = (kind: RegExp): readonly string[] =>
  files.filter((file) => kind.test(readFileSync(inProject(file), 'utf8')));

describe('the project holds no secret, and nothing of the machine that it was written on', () => {
  test('all of it is looked at', () => {
    expect(files).toEqual(
      expect.arrayContaining(['.npmrc', 'package-lock.json', 'README.md', 'broker/main.ts']),
    );
    expect(files.length).toBeGreaterThan(500);
  });

  test.each(KINDS)('not %s', (_, kind) => {
    expect(holding(kind)).toEqual([]);
  });

  const secret = 'Zq3-'.repeat(10) + 'abc';
  test.each([
    ['a private key', ['-----BEGIN EC ', 'PRIVATE KEY-----\n', 'MHcCAQEEI'.repeat(4)]],
    ['a private key', ["'-----BEGIN ", "PRIVATE KEY-----\\n' +\n  '", 'MHcCAQEEI'.repeat(4)]],
    ['a private key as a JWK', ['{"kty": "OKP", "d', `": "${secret}"}`]],
    ['a token of a service or a claim', ['swy.', `flow.${secret}`]],
    ['a signed token', ['eyJhbGciOiJFUzI1NiJ9', `.eyJzdWIiOiJob21lIn0`, `.${secret}${secret}`]],
    ['a registry', ['registry', '=https://packages.example/']],
    ['a registry', ['"resolved": "https://', 'registry.npmjs.org/ws/-/ws-8.23.0.tgz"']],
    ['a folder of somebody', ['see /home', '/somebody/notes']],
  ])('%s would be found', (name, parts) => {
    const kind = KINDS.find(([one]) => one === name)?.[1];
    expect(parts.join('')).toMatch(kind ?? /$^/);
  });
});
