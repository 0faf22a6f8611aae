import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { inProject } from '../../../scripts/project.ts';
import type { Make } from '../other-client.ts';
import { startProgram } from '../program-client.ts';

const LIBRARIES = ['-lpaho-mqtt3as', '-lcjson'];

/** Compiles the client. */
export async function pahoC(): Promise<Make> {
  const folder = inProject('test', 'results');
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'paho-c-client');
  const source = join(import.meta.dirname, 'client.c');
  await promisify(execFile)('cc', [
    '-std=c99',
    '-Wall',
    '-Wextra',
    '-Werror',
    source,
    '-o',
    program,
    ...LIBRARIES,
  ]);
  return {
    start: (place) => Promise.resolve(startProgram(program, [], place)),
    close: () => Promise.resolve(),
  };
}
