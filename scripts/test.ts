import { readFileSync, rmSync } from 'node:fs';
import * as z from 'zod';
import { buildConsole, exitOf, inProject, node } from './project.ts';
import { installMissing, NEEDED_BY_TESTS } from './system-packages.ts';

/**
 * `npm test`: sets up what is missing, then checks types, lint and format, builds the console and runs all tests.
 * The last line is the sum of what the runner itself counted.
 */

const RESULTS = inProject('test/results/vitest.json');

const results = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numPendingTests: z.number(),
});

async function step(name: string, run: () => Promise<number>): Promise<boolean> {
  const startedAt = performance.now();
  const passed = (await run()) === 0;
  const seconds = ((performance.now() - startedAt) / 1_000).toFixed(1);
  process.stdout.write(`${passed ? '✓' : '✗'} ${name} (${seconds} s)\n`);
  return passed;
}

const tool = (script: string, ...args: string[]) => exitOf(node(`node_modules/${script}`, args));

const missing = installMissing(NEEDED_BY_TESTS);
for (const { what, advice } of missing) process.stderr.write(`missing: ${what}: ${advice}\n`);
if (missing.length > 0) process.exit(1);

rmSync(RESULTS, { force: true });
// Lint takes as long as all the others together, and none of them uses more than one processor.
const lint = step('lint', () => tool('eslint/bin/eslint.js', '.', '--max-warnings', '0'));
const checks = [
  await step('types', () => tool('typescript/bin/tsc', '--noEmit')),
  await step('svelte', () =>
    tool(
      'svelte-check/bin/svelte-check',
      '--tsconfig',
      'console/tsconfig.json',
      '--fail-on-warnings',
      '--output',
      'human',
    ),
  ),
  await step('format', () => tool('prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn')),
  await step('build', buildConsole),
  await lint,
];
const ran = await step('tests', () =>
  tool(
    'vitest/vitest.mjs',
    'run',
    '--config',
    'test/vitest.config.ts',
    '--reporter=default',
    '--reporter=json',
    `--outputFile=${RESULTS}`,
    ...process.argv.slice(2),
  ),
);

const counted = results.parse(JSON.parse(readFileSync(RESULTS, 'utf8')));
const { numPassedTests: passed, numFailedTests: failed, numPendingTests: skipped } = counted;
process.exitCode = ran && checks.every(Boolean) && failed === 0 && passed > 0 ? 0 : 1;
process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}\n`);
