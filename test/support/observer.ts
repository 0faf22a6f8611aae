import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PYTHON } from '../../scripts/system-packages.ts';
import type { TestHub } from './hub.ts';

/** paho-mqtt for Python, watching a topic filter over wss with the hub's CA. */
export class Observer {
  readonly #process: ChildProcess;
  readonly #folder: string;
  readonly #lines: string[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor(child: ChildProcess, folder: string) {
    this.#process = child;
    this.#folder = folder;
    let rest = '';
    const read = (chunk: Buffer): void => {
      const lines = (rest + chunk.toString()).split('\n');
      rest = lines.pop() ?? '';
      this.#lines.push(...lines);
      for (const resolve of this.#waiting) resolve();
      this.#waiting.clear();
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
  }

  static async start(hub: TestHub, filter: string): Promise<Observer> {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-observer-'));
    const ca = join(folder, 'ca.pem');
    writeFileSync(ca, hub.ca);
    const child = spawn(PYTHON, ['test/e2e/observer.py'], {
      env: {
        ...process.env,
        HUB_URL: hub.wss,
        HUB_CA: ca,
        HUB_USER: '@owner',
        HUB_PASSWORD: await hub.token(),
        HUB_FILTER: filter,
      },
    });
    const observer = new Observer(child, folder);
    await observer.until((line) => line === 'subscribed' || undefined);
    return observer;
  }

  /** Resolves with the first answer that `find` gives for a line, of those so far and those to come. */
  async until<T>(find: (line: string) => T | undefined): Promise<T> {
    for (;;) {
      for (const line of this.#lines) {
        const found = find(line);
        if (found !== undefined) return found;
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** Resolves with the first payload on a topic that `is` accepts. */
  payload(topic: string, is: (payload: Buffer) => boolean): Promise<Buffer> {
    return this.until((line) => {
      const [at, hex = ''] = line.split(' ');
      const payload = Buffer.from(hex, 'hex');
      return at === topic && is(payload) ? payload : undefined;
    });
  }

  async stop(): Promise<void> {
    this.#process.kill();
    await once(this.#process, 'exit');
    rmSync(this.#folder, { recursive: true });
  }
}
