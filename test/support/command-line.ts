import { spawn } from 'node:child_process';
import { expect } from 'vitest';

/** How a run of the hub's executable ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** When a run is ended with SIGTERM: once its output matches, and that was done which waits for it. */
export interface Until {
  readonly printed: RegExp;
  readonly done?: (out: string) => Promise<unknown>;
}

/**
 * Runs the hub's executable as people do. Rejects where what is to be done meanwhile does.
 * @param flags of Node's own
 */
export function run(args: readonly string[], until?: Until, flags: readonly string[] = []): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, 'broker/main.ts', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      out += chunk.toString();
      if (!until?.printed.test(out)) return;
      const { done = () => Promise.resolve() } = until;
      until = undefined;
      done(out)
        .catch(reject)
        .finally(() => child.kill('SIGTERM'));
    });
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('close', (code) => resolve({ code, out, err }));
  });
}

/** What the hub says when it cannot do something: one line, with what to do, and no stack. */
export function expectOneLine({ code, err }: Ended, pattern: RegExp): void {
  expect(err.trim().split('\n')).toHaveLength(1);
  expect(err).toMatch(pattern);
  expect(code).toBe(1);
}

/** Runs a command on a data folder. Resolves with what it printed on stdout. @throws where it could not be done */
export async function command(data: string, ...args: readonly string[]): Promise<string> {
  const { code, out, err } = await run(['--data', data, ...args]);
  if (code !== 0) throw new Error(`"${args.join(' ')}" ended with ${code}: ${err}`);
  return out;
}
