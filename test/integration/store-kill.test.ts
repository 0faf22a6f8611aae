import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import { faultsOf } from '#broker/commands/database-file.ts';
import { SqliteStore } from '#broker/store/sqlite/sqlite-store.ts';
import { lamp } from '../unit/broker/store/records.ts';

/** Starts a writer, kills it after so many of its lines, and returns all pairs that it said were stored. */
async function writeAndDie(file: string, run: string, lines: number): Promise<string[]> {
  const writer = spawn(process.execPath, ['test/integration/store-writer.ts', file, run], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stored: string[] = [];
  const output = createInterface(writer.stdout);
  output.on('line', (line) => {
    stored.push(line);
    if (stored.length === lines) writer.kill('SIGKILL');
  });
  await Promise.all([once(output, 'close'), once(writer, 'exit')]);
  return stored;
}

test('what was told as stored is there after kill −9, and what is there is whole', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-kill-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'switchyard.db');
  const before = new SqliteStore(file);
  await before.createDevices([lamp]);
  await before.close();

  const told: string[] = [];
  for (const [at, lines] of [1, 37, 400, 1_111].entries()) {
    told.push(...(await writeAndDie(file, `run${at}`, lines)));
    expect(faultsOf(file)).toEqual([]);
    const store = new SqliteStore(file);
    const ids = new Set((await store.commandsNotIn([])).map(({ id }) => id));
    await store.close();
    expect(told.filter((id) => !ids.has(`${id}-a`) || !ids.has(`${id}-b`))).toEqual([]);
    const halves = [...ids].filter((id) => !ids.has(id.replace(/.$/, (half) => (half === 'a' ? 'b' : 'a'))));
    expect(halves).toEqual([]);
  }
  expect(told.length).toBeGreaterThanOrEqual(1_549);
});
