import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { DataFolder } from '#broker/config/data-folder.ts';
import { startErrorOf } from '../start-errors.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('the folder', () => {
  test('is made where it is missing, for its owner only', () => {
    const path = join(temporaryFolder(), 'data');
    expect(new DataFolder(path).path).toBe(path);
    expect(modeOf(path)).toBe(0o700);
  });

  test('is made with the folders above it', () => {
    const path = join(temporaryFolder(), 'a', 'b', 'data');
    new DataFolder(path);
    expect(existsSync(path)).toBe(true);
  });

  test('is used as it stands where it exists', () => {
    const path = temporaryFolder();
    writeFileSync(join(path, 'kept'), 'x');
    expect(new DataFolder(path).read('kept')).toBe('x');
  });

  test.each([
    ['is a file', (folder: string) => folder],
    ['is below a file', (folder: string) => join(folder, 'data')],
    ['is far below a file', (folder: string) => join(folder, 'a', 'data')],
    ['holds a NUL', (folder: string) => `${folder}\0`],
  ])('that %s is refused, with what to do', async (_name, at) => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const path = at(file);
    const { problem, remedy } = await startErrorOf(() => new DataFolder(path));
    expect(problem).toContain(`cannot read and write ${path} (`);
    expect(remedy).toContain('--data');
  });
});

describe('a file', () => {
  test('that is not there is undefined', () => {
    expect(new DataFolder(temporaryFolder()).read('none')).toBeUndefined();
  });

  test.each([
    [true, 0o600],
    [false, 0o644],
  ])('with secret %j is written with its mode, also over another', (secret, mode) => {
    const folder = new DataFolder(temporaryFolder());
    folder.write('file', 'one', { secret: !secret });
    folder.write('file', 'two', { secret });
    expect(folder.read('file')).toBe('two');
    expect(modeOf(folder.file('file'))).toBe(mode);
  });

  test('that is secret stays so where an attempt that was cut short left something readable', () => {
    const folder = new DataFolder(temporaryFolder());
    writeFileSync(`${folder.file('file')}.new`, 'half', { mode: 0o644 });
    folder.write('file', 'whole', { secret: true });
    expect(modeOf(folder.file('file'))).toBe(0o600);
  });

  test('is replaced whole, and leaves nothing beside it', () => {
    const folder = new DataFolder(temporaryFolder());
    folder.write('file', 'a longer text', { secret: false });
    folder.write('file', 'short', { secret: false });
    expect(readdirSync(folder.path)).toEqual(['file']);
    expect(readFileSync(folder.file('file'), 'utf8')).toBe('short');
  });

  test('that cannot be written leaves the one before', async () => {
    const folder = new DataFolder(temporaryFolder());
    folder.write('file', 'before', { secret: false });
    mkdirSync(`${folder.file('file')}.new`);
    const { problem } = await startErrorOf(() => folder.write('file', 'after', { secret: false }));
    expect(problem).toContain(folder.file('file'));
    expect(folder.read('file')).toBe('before');
  });

  test('that cannot be read is named', async () => {
    const folder = new DataFolder(temporaryFolder());
    mkdirSync(folder.file('file'));
    const { problem } = await startErrorOf(() => folder.read('file'));
    expect(problem).toBe(`cannot read and write ${folder.file('file')} (EISDIR)`);
  });
});
