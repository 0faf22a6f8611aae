import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { TestHub } from './hub.ts';

const LEAKS = join(import.meta.dirname, '../../firmware-protocol/c/device/leaks.supp');

/** What a lamp needs to know; the rest has a default. */
export interface LampSettings {
  readonly hub: TestHub;
  readonly id: string;
  readonly secret: string;
  /** PEM, in the place of the hub's own authority. */
  readonly ca?: string;
  readonly url?: string;
}

/** A folder with all that a lamp reads and writes: settings outlive its runs in it. */
export class LampFolder {
  readonly #folder = mkdtempSync(join(tmpdir(), 'switchyard-lamp-'));

  /** Makes the thermometer show this, in thousandths of a degree Celsius. */
  warm(thousandths: number): void {
    writeFileSync(this.sensor, `${thousandths}\n`);
  }

  get sensor(): string {
    return join(this.#folder, 'temperature');
  }

  get state(): string {
    return join(this.#folder, 'a/state');
  }

  /** Writes a file. Returns its path. */
  write(name: string, text: string): string {
    const path = join(this.#folder, name);
    writeFileSync(path, text);
    return path;
  }

  /** Makes a folder where the lamp wants a file to keep its state in. Returns its path. */
  occupy(name: string): string {
    const path = join(this.state, name);
    mkdirSync(path, { recursive: true });
    return path;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}

/** The device in C as a process of its own, as people run it. */
export class LampProcess {
  readonly #process: ChildProcessByStdio<null, Readable, Readable>;
  readonly #exited: Promise<number | null>;
  readonly #waiting = new Set<() => void>();
  output = '';

  constructor(program: string, args: readonly string[], env: NodeJS.ProcessEnv) {
    this.#process = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LSAN_OPTIONS: `suppressions=${LEAKS}:print_suppressions=0`, ...env },
    });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
        this.#wake();
      });
    }
    this.#exited = once(this.#process, 'close').then(([code]) => {
      this.#wake();
      return code as number | null;
    });
  }

  static start(program: string, folder: LampFolder, settings: LampSettings): LampProcess {
    const { hub, id, secret, ca = hub.ca, url = hub.wss } = settings;
    const args = ['--url', url, '--device', id, '--ca', folder.write('ca.pem', ca), '--state', folder.state];
    args.push('--sensor', folder.sensor, '--interval', '0.2');
    return new LampProcess(program, args, { SWITCHYARD_SECRET: secret });
  }

  /** Resolves once the output matches; rejects where the process ends without that. */
  async says(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.output)) {
      if (this.#process.exitCode !== null) {
        await this.#exited;
        if (pattern.test(this.output)) return;
        throw new Error(
          `the lamp ended with ${this.#process.exitCode} and never said ${pattern}: ${this.output}`,
        );
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Sends a signal. */
  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves with the exit code; null where a signal ended it. */
  ended(): Promise<number | null> {
    return this.#exited;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    this.signal(signal);
    return this.#exited;
  }

  #wake(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
