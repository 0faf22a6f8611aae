import { existsSync, readFileSync } from 'node:fs';

/** A line of the simulator's record (docs/simulator.md). */
export interface DeedLine {
  readonly t: number;
  readonly device: string;
  readonly boot: number;
  readonly did: 'run' | 'done' | 'failed' | 'desired';
  readonly id?: string;
  readonly dver?: number;
  readonly vals: Readonly<Record<string, unknown>>;
}

/** What simulated devices did, oldest first. A line that a kill cut short was not written before its effect. */
export function readDeeds(file: string): DeedLine[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line) as DeedLine);
}
