import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandLine } from '#broker/commands/line/command-line.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';

const GUIDE = readFileSync('docs/command-line.md', 'utf8');

/** The commands of each chapter, the first of which sets up the others. */
const [[, setUp = ''] = [], ...CHAPTERS] = GUIDE.split(/^## /m)
  .map((chapter) => [
    chapter.split('\n', 1)[0] ?? '',
    [...chapter.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block).join('\n'),
  ])
  .filter(([, commands]) => commands !== '') as [string, string][];

describe('beside a running hub', () => {
  let hub: TestHub;
  let files: string;

  beforeAll(async () => {
    hub = await startTestHub();
    files = mkdtempSync(join(tmpdir(), 'switchyard-guide-'));
  });
  afterAll(async () => {
    await hub.close();
    rmSync(files, { recursive: true });
  });

  test.each(CHAPTERS)(
    'the commands of "%s" work as they stand',
    async (_chapter, commands) => {
      const env = { ...process.env, SWITCHYARD_DATA: hub.settings.data, FILES: files };
      await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', `${setUp}\n${commands}`], { env });
    },
    120_000,
  );
});

/** All commands that do something, by what is written for them. */
function commandsOf(at: Command, path: readonly string[] = []): [string, Command][] {
  return at.commands.length === 0
    ? [[path.join(' '), at]]
    : at.commands.flatMap((command) => commandsOf(command, [...path, command.name()]));
}

describe('every command is shown', () => {
  const shown = GUIDE.replaceAll(/hub --data \S+ /g, 'hub ');
  const all = commandsOf(commandLine());

  test.each(all)('"%s"', (path) => {
    expect(shown).toMatch(new RegExp(`\\bhub ${path}\\b`));
  });

  test.each(all.filter(([path]) => path !== 'serve'))('"%s" with each of its options', (_path, command) => {
    for (const { long } of command.options) expect(GUIDE).toContain(long);
  });
});
