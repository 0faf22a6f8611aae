import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { nameAt, readLockFile, type LockEntry } from '../../scripts/lock-file.ts';
import { inProject } from '../../scripts/project.ts';
import { FLOORS } from './advisories.ts';

const lock = readLockFile();
const { '': root, ...packages } = lock.packages;
const entries = Object.entries(packages);
const copiesOf = (name: string) => entries.filter(([path]) => nameAt(path) === name);
const which = (is: (one: LockEntry) => boolean) => entries.filter(([, one]) => is(one)).map(([path]) => path);

const text = (file: string): string => readFileSync(inProject(file), 'utf8');

/** Whether a version is the other one or a later one. A version before a release counts as below it. */
function isAtLeast(version: string, floor: string): boolean {
  const [release = '', before] = version.split('-', 2);
  const [ours, theirs] = [release, floor].map((one) => one.split('.').map(Number));
  for (const at of [0, 1, 2]) {
    const difference = (ours?.[at] ?? NaN) - (theirs?.[at] ?? NaN);
    if (difference !== 0) return difference > 0;
  }
  return before === undefined;
}

describe('what is installed has no fault that is known', () => {
  test.each(FLOORS)('%s is at least %s, beyond %s', (name, floor) => {
    const copies = copiesOf(name);
    expect(copies, 'it is no longer installed: remove its line').not.toHaveLength(0);
    expect(copies.filter(([, { version }]) => !isAtLeast(version, floor))).toEqual([]);
  });

  test('each package has one line', () => {
    const names = FLOORS.map(([name]) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  test('there is exactly one copy of ws, also below websocket-stream', () => {
    expect(copiesOf('ws').map(([path]) => path)).toEqual(['node_modules/ws']);
    const found = globSync('node_modules/**/ws/package.json', { cwd: inProject() });
    expect(
      found.filter((file) => z.object({ name: z.string() }).parse(JSON.parse(text(file))).name === 'ws'),
    ).toEqual([join('node_modules', 'ws', 'package.json')]);
  });

  test('what is on the disk is what the lock file says', () => {
    const other = entries.filter(([path, { version }]) => {
      const file = `${path}/package.json`;
      // What is for other systems is not there.
      if (!existsSync(inProject(file))) return false;
      return z.object({ version: z.string() }).parse(JSON.parse(text(file))).version !== version;
    });
    expect(other.map(([path]) => path)).toEqual([]);
  });

  test.each([
    ['8.21.1', '8.21.1', true],
    ['8.22.0', '8.21.1', true],
    ['10.0.0', '9.9.9', true],
    ['8.21.0', '8.21.1', false],
    ['8.9.9', '8.21.1', false],
    ['8.21.1-beta.1', '8.21.1', false],
    ['latest', '8.21.1', false],
  ])('%s is at least %s: %s', (version, floor, so) => {
    expect(isAtLeast(version, floor)).toBe(so);
  });
});

describe('the lock file', () => {
  test('holds every package to the hash of its content', () => {
    expect(lock.lockfileVersion).toBe(3);
    expect(
      which(({ integrity }) => integrity === undefined || !/^sha512-[\w+/]{86}==$/.test(integrity)),
    ).toEqual([]);
  });

  test('names no registry, no address and no folder that a package comes from', () => {
    expect(which(({ resolved, link, inBundle }) => resolved !== undefined || link || inBundle)).toEqual([]);
    expect(text('.npmrc')).toMatch(/^omit-lockfile-registry-resolved=true$/m);
  });

  test('asks for nothing but versions of packages', () => {
    const asked = [root, ...Object.values(packages)].flatMap((one) => [
      ...Object.entries(one?.dependencies ?? {}),
      ...Object.entries(one?.devDependencies ?? {}),
      ...Object.entries(one?.optionalDependencies ?? {}),
    ]);
    expect(asked.length).toBeGreaterThan(entries.length);
    // A repository, an archive, a folder, or one package under the name of another, has one of these.
    expect(asked.filter(([, spec]) => /[:/]/.test(spec))).toEqual([]);
  });
});

describe('scripts of packages', () => {
  test('are not run', () => {
    expect(text('.npmrc')).toMatch(/^ignore-scripts=true$/m);
  });

  test('are wished for by nobody but these, which work without', () => {
    expect(which(({ hasInstallScript }) => hasInstallScript)).toEqual(['node_modules/unrs-resolver']);
  });
});
