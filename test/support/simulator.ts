import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestHub } from './hub.ts';

/** A simulated device of one kind. */
export interface Simulated {
  readonly id: string;
  readonly kind: 'lamp' | 'plug' | 'thermostat' | 'blind' | 'climate' | 'lock';
}

/** The simulator as a process of its own, as people run it. */
export class TestSimulator {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #args: string[];
  readonly #waiting = new Set<() => void>();
  output = '';

  private constructor(folder: string, args: string[]) {
    this.#folder = folder;
    this.#args = args;
    // With a channel it ends where its test is gone.
    this.#process = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
        for (const resolve of this.#waiting) resolve();
        this.#waiting.clear();
      });
    }
  }

  /**
   * Registers devices with the hub and simulates them with their real secrets.
   * @param more further options of the simulator
   */
  static async start(
    hub: Pick<TestHub, 'addDevices' | 'ca' | 'wss'>,
    devices: readonly Simulated[],
    more: readonly string[] = [],
  ): Promise<TestSimulator> {
    const secrets = await hub.addDevices(...devices.map(({ id }) => ({ id })));
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-sim-'));
    const credentials = join(folder, 'credentials.json');
    const ca = join(folder, 'ca.pem');
    const list = devices.map(({ id, kind }) => ({ id, kind, secret: secrets.get(id) }));
    writeFileSync(credentials, JSON.stringify({ tenant: 'home', devices: list }));
    writeFileSync(ca, hub.ca);
    const flags = ['--url', hub.wss, '--credentials', credentials, '--ca', ca, ...more];
    return new TestSimulator(folder, ['device-sim/main.ts', ...flags]);
  }

  /** Starts the same devices again, after this one has ended. */
  again(): TestSimulator {
    return new TestSimulator(this.#folder, this.#args);
  }

  /** Resolves when it has printed what matches. Rejects where it ends before. */
  async printed(pattern: RegExp): Promise<void> {
    const ended = once(this.#process, 'close').then(() => {
      throw new Error(`the simulator ended:\n${this.output}`);
    });
    while (!pattern.test(this.output)) {
      await Promise.race([ended, new Promise<void>((resolve) => this.#waiting.add(resolve))]);
    }
    ended.catch(() => undefined);
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return this.#process.exitCode;
    this.#process.kill(signal);
    const [code] = (await once(this.#process, 'exit')) as [number | null];
    return code;
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }
}
