import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

export interface ProgramText {
  readonly code: string;
  /** What to save it as. */
  readonly file: string;
  /** The interpreter. */
  readonly command: string;
}

/** A program in a folder of its own. Runs once at a time. */
export class Program {
  readonly folder: string;
  readonly #file: string;
  readonly #command: string;
  readonly #waiting = new Set<() => void>();
  #process: ChildProcess | undefined;
  /** Resolves when the process has ended and all its output was read. */
  #closed = Promise.resolve();
  #hasEnded = true;
  #isWantedToEnd = false;
  /** What it has printed since it was last started. */
  lines: string[] = [];

  constructor({ code, file, command }: ProgramText) {
    // Inside the project, so that Node finds the packages that the program needs.
    this.folder = mkdtempSync(join('test', 'program-'));
    this.#file = join(this.folder, file);
    this.#command = command;
    writeFileSync(this.#file, code);
  }

  /** @param cwd in which folder it runs: the project, unless another is named */
  start(env: Record<string, string | undefined> = {}, cwd = '.'): void {
    const child = spawn(this.#command, [resolve(this.#file)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
      cwd,
    });
    this.#process = child;
    this.#hasEnded = this.#isWantedToEnd = false;
    this.lines = [];
    for (const stream of [child.stdout, child.stderr]) this.#read(stream);
    child.once('error', ({ message }) => this.lines.push(message));
    this.#closed = new Promise<void>((resolve) => child.once('close', () => resolve())).then(() => {
      this.#hasEnded = true;
      // A test that waits for what it sends would otherwise run into its timeout without a reason.
      if (!this.#isWantedToEnd) process.stderr.write(this.#ending());
      this.#wake();
    });
  }

  /**
   * Resolves when it has printed a line that matches this often since it was started.
   * Rejects with all that it printed when it ended without.
   */
  async printed(pattern: RegExp, times = 1): Promise<void> {
    while (this.lines.filter((line) => pattern.test(line)).length < times) {
      if (this.#hasEnded) throw new Error(`waited for ${pattern}, but ${this.#ending()}`);
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Ends it, if it runs. Resolves with its exit code, or null where the signal ended it. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.#isWantedToEnd = true;
    this.#process?.kill(signal);
    await this.#closed;
    return this.#process?.exitCode ?? null;
  }

  /** Ends it for good, and takes its folder away. */
  async remove(): Promise<void> {
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true });
  }

  #read(stream: NodeJS.ReadableStream): void {
    let rest = '';
    stream.on('data', (chunk: Buffer) => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      this.lines.push(...lines);
      this.#wake();
    });
    stream.on('end', () => {
      if (rest !== '') this.lines.push(rest);
    });
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #ending(): string {
    return `${this.#file} ended:\n${this.lines.join('\n')}\n`;
  }
}
