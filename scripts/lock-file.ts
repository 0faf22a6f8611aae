import { readFileSync } from 'node:fs';
import * as z from 'zod';
import { inProject } from './project.ts';

const specs = z.record(z.string(), z.string()).default({});

const entry = z.object({
  version: z.string(),
  /** A hash of the archive, as of Subresource Integrity. */
  integrity: z.string().optional(),
  resolved: z.string().optional(),
  /** An SPDX identifier or expression, as the package says it. */
  license: z.string().optional(),
  link: z.boolean().default(false),
  inBundle: z.boolean().default(false),
  hasInstallScript: z.boolean().default(false),
  /** Whether only development needs it, and whether it works without. */
  dev: z.boolean().default(false),
  optional: z.boolean().default(false),
  dependencies: specs,
  devDependencies: specs,
  optionalDependencies: specs,
  peerDependencies: specs,
});

/** A package as npm installs it, or the project itself. */
export type LockEntry = z.infer<typeof entry>;

const lockFile = z.object({
  name: z.string(),
  version: z.string(),
  lockfileVersion: z.number(),
  /** By the path at which they lie, such as `node_modules/tsyringe/node_modules/tslib`; the project is at "". */
  packages: z.record(z.string(), entry),
});

export type LockFile = z.infer<typeof lockFile>;

/** What npm installs, for all systems. Throws where `package-lock.json` is not one. */
export const readLockFile = (): LockFile =>
  lockFile.parse(JSON.parse(readFileSync(inProject('package-lock.json'), 'utf8')));

const FOLDER = 'node_modules/';

/** The name of the package at a path of the lock file. */
export const nameAt = (path: string): string => path.slice(path.lastIndexOf(FOLDER) + FOLDER.length);

/** Where Node finds a package for one at `from`, or undefined where it is not installed. */
export function pathOf(lock: LockFile, name: string, from: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf(`/${FOLDER}`)))) {
    const path = `${folder}${folder === '' ? '' : '/'}${FOLDER}${name}`;
    if (path in lock.packages) return path;
    if (folder === '') return undefined;
  }
}
