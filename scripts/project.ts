import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** Absolute path of the project. */
export const ROOT = join(import.meta.dirname, '..');

/** Absolute path of something in the project. */
export const inProject = (...path: string[]): string => join(ROOT, ...path);

/** Starts a script, or a tool in `node_modules`, with this Node and its own flags. */
export function node(
  script: string,
  args: readonly string[],
  flags: readonly string[] = [],
  options: SpawnOptions = {},
): ChildProcess {
  return spawn(process.execPath, [...flags, inProject(script), ...args], {
    cwd: ROOT,
    stdio: 'inherit',
    ...options,
  });
}

/** Waits for a process. Resolves with its exit code, or 1 where a signal ended it. */
export function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

const SOURCES = ['console/**/*', 'firmware-protocol/**/*.ts', 'broker/contract/*.ts', 'package-lock.json'];
const BUILT = 'console/dist/index.html';

function consoleIsBuilt(): boolean {
  const built = statSync(inProject(BUILT), { throwIfNoEntry: false })?.mtimeMs;
  if (built === undefined) return false;
  const sources = globSync(SOURCES, { cwd: ROOT, exclude: ['console/dist', 'console/dist/**'] });
  return sources.every((file) => statSync(inProject(file)).mtimeMs <= built);
}

/** Builds the console where its sources are newer than what was built. Resolves with an exit code. */
export async function buildConsole(): Promise<number> {
  if (consoleIsBuilt()) return 0;
  process.stdout.write('Building the console …\n');
  return exitOf(
    node('node_modules/vite/bin/vite.js', [
      'build',
      '--config',
      'console/vite.config.ts',
      '--logLevel',
      'warn',
    ]),
  );
}
