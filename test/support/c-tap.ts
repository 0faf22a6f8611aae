import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** One test point of a program that speaks TAP. */
export interface TapPoint {
  readonly name: string;
  readonly passed: boolean;
}

/**
 * Runs a program to its end and reads its test points.
 * @throws Error where it ended before all of them, with what it said on standard error
 */
export async function runTap(program: string, ...args: string[]): Promise<TapPoint[]> {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  const points = [...output.matchAll(/^(not )?ok \d+ - (.*)$/gm)].map(([, not, name = '']) => ({
    name,
    passed: not === undefined,
  }));
  const planned = /^1\.\.(\d+)$/m.exec(output)?.[1];
  if (planned === undefined || Number(planned) !== points.length || points.length === 0) {
    throw new Error(`${program} ended after ${points.length} of ${planned ?? 'its'} points: ${errors}`);
  }
  // The sanitizers may find fault with a program only when it ends.
  if (code !== 0 && points.every(({ passed }) => passed))
    throw new Error(`${program} ended with ${code}: ${errors}`);
  return points;
}
