import { globSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface Manifest {
  name: string;
  version: string;
}

const manifest = (file: string): Manifest => JSON.parse(readFileSync(file, 'utf8')) as Manifest;

test('exactly one copy of ws is installed, without its known faults', () => {
  const copies = globSync('node_modules/**/ws/package.json')
    .map(manifest)
    .filter(({ name }) => name === 'ws');
  expect(copies).toHaveLength(1);
  const [major = 0, minor = 0] = copies[0]?.version.split('.').map(Number) ?? [];
  expect(major * 1_000 + minor).toBeGreaterThanOrEqual(8_021);
});

test('the lock file names no addresses of packages', () => {
  expect(readFileSync('package-lock.json', 'utf8')).not.toMatch(/"resolved": "http/);
});
