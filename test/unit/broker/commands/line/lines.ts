import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { runLine } from '#broker/commands/line/command-line.ts';
import { SqliteStore, STORE_FILE } from '#broker/store/sqlite/sqlite-store.ts';
import type { Store } from '#broker/store/store.ts';
import { temporaryFolder } from '../../temporary-folder.ts';

/** How a line ended, and what it printed. */
interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Command lines on a data folder, without a process each. */
export class Lines {
  readonly data: string;

  constructor(data = join(temporaryFolder(), 'data')) {
    this.data = data;
  }

  /** A folder with a store, which has one lamp in it. */
  static async withLamp(): Promise<Lines> {
    const lines = new Lines();
    await lines.done('device', 'create', 'lamp', '--out', join(temporaryFolder(), 'lamp.json'));
    return lines;
  }

  async tried(...args: readonly string[]): Promise<Ended> {
    const said = { out: '', err: '' };
    const listen = (to: 'out' | 'err') => (chunk: string | Uint8Array) => {
      said[to] += String(chunk);
      return true;
    };
    const spies = [
      vi.spyOn(process.stdout, 'write').mockImplementation(listen('out')),
      vi.spyOn(process.stderr, 'write').mockImplementation(listen('err')),
    ];
    try {
      const code = await runLine(['--data', this.data, ...args]);
      return { code, ...said };
    } finally {
      for (const spy of spies) spy.mockRestore();
    }
  }

  /** Resolves with what was printed on stdout. */
  async done(...args: readonly string[]): Promise<string> {
    const { code, out, err } = await this.tried(...args);
    expect(code, err).toBe(0);
    return out;
  }

  async json(...args: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.done(...args, '--json'));
  }

  get hasStore(): boolean {
    return existsSync(join(this.data, STORE_FILE));
  }

  async onStore<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const store = new SqliteStore(join(this.data, STORE_FILE));
    try {
      return await work(store);
    } finally {
      await store.close();
    }
  }
}
