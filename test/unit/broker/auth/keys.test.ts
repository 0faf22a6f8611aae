import { statSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadKeys } from '#broker/auth/keys.ts';
import { DataFolder } from '#broker/config/data-folder.ts';
import { startErrorOf } from '../start-errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const newFolder = (): DataFolder => new DataFolder(temporaryFolder());
const stored = (folder: DataFolder): Record<string, string> =>
  JSON.parse(folder.read('keys.json') as string) as Record<string, string>;

test('keys are made on the first start, for their owner only', () => {
  const folder = newFolder();
  const { tokenPrivate, tokenPublic, secretsKey } = loadKeys(folder);
  expect(tokenPrivate.asymmetricKeyType).toBe('ed25519');
  expect(tokenPublic.type).toBe('public');
  expect(secretsKey).toHaveLength(32);
  expect(statSync(folder.file('keys.json')).mode & 0o777).toBe(0o600);
});

test('keys stay the same', () => {
  const folder = newFolder();
  const [first, second] = [loadKeys(folder), loadKeys(folder)];
  expect(second.secretsKey).toEqual(first.secretsKey);
  expect(second.tokenPublic.equals(first.tokenPublic)).toBe(true);
});

test('every hub has its own', () => {
  expect(loadKeys(newFolder()).secretsKey).not.toEqual(loadKeys(newFolder()).secretsKey);
});

describe('keys that are damaged are refused, and left as they are', () => {
  test.each<[string, (keys: Record<string, string>) => string]>([
    ['empty', () => ''],
    ['cut short', (keys) => JSON.stringify(keys).slice(0, -20)],
    ['not JSON', () => 'keys'],
    ['null', () => 'null'],
    ['without the token key', ({ secretsKey }) => JSON.stringify({ secretsKey })],
    ['without the secrets key', ({ tokenKey }) => JSON.stringify({ tokenKey })],
    ['with a short secrets key', (keys) => JSON.stringify({ ...keys, secretsKey: 'AAAA' })],
    ['with a token key that is none', (keys) => JSON.stringify({ ...keys, tokenKey: 'x' })],
    ['with something unknown', (keys) => JSON.stringify({ ...keys, more: 'x' })],
  ])('%s', async (_name, damage) => {
    const folder = newFolder();
    loadKeys(folder);
    const damaged = damage(stored(folder));
    writeFileSync(folder.file('keys.json'), damaged);
    const { problem, remedy } = await startErrorOf(() => loadKeys(folder));
    expect(problem).toBe(`${folder.file('keys.json')} is damaged`);
    expect(remedy).toContain('restore it from a backup');
    expect(folder.read('keys.json')).toBe(damaged);
  });
});
