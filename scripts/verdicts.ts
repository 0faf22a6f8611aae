import { InvalidArgumentError } from 'commander';
import type { Verdict } from '../test/faults/verdict.ts';

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** A number in an option of a command line: a whole one from 1. */
export function whole(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

/** The verdict of a trial that has thrown, or that waits for ever: it has failed. */
export async function verdictOf(trial: Promise<Verdict>, patienceMs?: number): Promise<Verdict> {
  const overdue = Promise.withResolvers<never>();
  const deadline =
    patienceMs === undefined
      ? undefined
      : setTimeout(() => overdue.reject(new Error(`not done after ${patienceMs / 1_000} s`)), patienceMs);
  try {
    return await Promise.race([trial, overdue.promise]);
  } catch (error) {
    return { figures: {}, violations: [error instanceof Error ? error.message : String(error)] };
  } finally {
    clearTimeout(deadline);
  }
}

export function print(what: string, { figures, violations }: Verdict): void {
  say(`\n${violations.length === 0 ? '✓' : '✗'} ${what}`);
  for (const [name, figure] of Object.entries(figures)) say(`    ${name.padEnd(36)} ${figure}`);
  for (const violation of violations) say(`    ✗ ${violation}`);
}
