import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { History } from '#broker/history/history.ts';
import { TestLog } from '../support/hub.ts';
import { temporaryFolder } from '../unit/broker/temporary-folder.ts';

const WRITER = join(import.meta.dirname, 'history-writer.ts');
const BEGIN = 1_790_000_000_000;
const ROUNDS = 3;
/** What a crash may lose, in ms: what is handed over every 0.8 s and then takes a busy machine to store. */
const MAY_LOSE = 2_000;

/** Lets a process record from a number on, kills it after `ms`; resolves with its lines: how many, and when. */
async function killedWriter(file: string, first: number, ms: number): Promise<[count: number, at: number][]> {
  const child = spawn(process.execPath, [WRITER, file, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  const lines: [number, number][] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const [count = 0, at = 0] = line.split(' ').map(Number);
    lines.push([count, at]);
    if (at - (lines[0]?.[1] ?? at) >= ms) child.kill('SIGKILL');
  }
  await exited;
  return lines;
}

test(
  'after kill −9 everything is there that was recorded a moment before, without gaps',
  { timeout: 60_000 },
  async () => {
    const file = join(temporaryFolder(), 'history.db');
    let first = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const lines = await killedWriter(file, first, 3_000 + round * 777);
      const killedAt = lines.at(-1)?.[1] ?? 0;
      const certain = lines.filter(([, at]) => at <= killedAt - MAY_LOSE).at(-1)?.[0] ?? 0;
      expect(certain).toBeGreaterThan(first);

      const log = new TestLog();
      const history = await History.open(file, { rawHours: 24, minuteDays: 31, hourDays: 366 }, log, {
        clock: () => BEGIN,
      });
      const values: number[] = [];
      const pages = history.export({
        devices: ['writer'],
        wanted: () => true,
        from: 0,
        to: Infinity,
        resolution: 'raw',
      });
      for await (const { samples } of pages) for (const value of samples?.v ?? []) values.push(value);
      await history.close();
      expect(log.lines).toEqual([]);
      expect(values.length).toBeGreaterThanOrEqual(certain);
      expect(values.findIndex((value, index) => value !== index)).toBe(-1);
      first = values.length;
    }
  },
);
