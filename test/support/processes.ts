import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDevices, type NewDevice } from '#broker/commands/devices.ts';
import { withStore } from '#broker/commands/open-store.ts';
import { accessToken } from '#broker/commands/people.ts';
import type { HubReady } from '#broker/commands/serve.ts';
import { SETTINGS_FILE } from '#broker/config/settings.ts';
import type { CommandRecord } from '#broker/store/commands.ts';

export interface HubProcessOptions {
  /** The data folder; a new one, which `remove` removes, if absent. */
  readonly data?: string;
  /** What its environment has beside that of the tests. */
  readonly env?: NodeJS.ProcessEnv;
  /** Flags of its Node. */
  readonly flags?: readonly string[];
  /** What its settings file says, which has defaults otherwise. */
  readonly settings?: string;
  /** How many files and connections its system lets it have open. */
  readonly files?: number;
}

/** The hub as people run it: a process of its own, on free ports that it keeps from one life to the next. */
export class HubProcess {
  readonly data: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #flags: readonly string[];
  readonly #files: number | undefined;
  #process!: ChildProcess;
  #exited!: Promise<number | null>;
  #httpsPort = 0;
  #httpPort = 0;
  output = '';

  private constructor({ data, env, flags = [], settings, files }: HubProcessOptions) {
    this.data = data ?? mkdtempSync(join(tmpdir(), 'switchyard-process-'));
    this.#env = { ...process.env, ...env };
    this.#flags = flags;
    this.#files = files;
    if (settings !== undefined) writeFileSync(join(this.data, SETTINGS_FILE), settings);
  }

  /** Resolves when the hub serves. Rejects with what it printed where it ends instead. */
  static async start(options: HubProcessOptions = {}): Promise<HubProcess> {
    const hub = new HubProcess(options);
    await hub.again();
    return hub;
  }

  /** Starts it, after it has ended. */
  async again(): Promise<void> {
    const ports = ['--port', String(this.#httpsPort), '--http-port', String(this.#httpPort)];
    const args = [...this.#flags, 'broker/main.ts', '--data', this.data, 'serve', ...ports];
    const [program, ...first] =
      this.#files === undefined
        ? [process.execPath]
        : ['sh', '-c', `ulimit -n ${this.#files}; exec "$0" "$@"`, process.execPath];
    const child = spawn(program as string, [...first, ...args], {
      env: this.#env,
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    }
    this.#exited = once(child, 'exit').then(([code]) => code as number | null);
    const ready = await Promise.race([
      once(child, 'message').then(([message]) => message as HubReady),
      // Streams may end after the process.
      once(child, 'close').then(([code]) => {
        throw new Error(`the hub ended with ${code}:\n${this.output}`);
      }),
    ]);
    [this.#httpsPort, this.#httpPort] = [ready.httpsPort, ready.httpPort];
  }

  get pid(): number {
    return this.#process.pid as number;
  }

  /** Resolves with its exit code when it has ended, by whomever; with null where a signal ended it. */
  get exited(): Promise<number | null> {
    return this.#exited;
  }

  get httpsPort(): number {
    return this.#httpsPort;
  }

  get httpPort(): number {
    return this.#httpPort;
  }

  get wss(): string {
    return `wss://localhost:${this.#httpsPort}/mqtt`;
  }

  get ws(): string {
    return `ws://127.0.0.1:${this.#httpPort}/mqtt`;
  }

  /** The local CA, PEM. */
  get ca(): string {
    return readFileSync(join(this.data, 'ca.pem'), 'utf8');
  }

  /** Ends it at once, as a power cut would. */
  kill(): Promise<number | null> {
    this.#process.kill('SIGKILL');
    return this.#exited;
  }

  /** Ends it in good order. Resolves with its exit code. */
  stop(): Promise<number | null> {
    this.#process.kill('SIGTERM');
    return this.#exited;
  }

  /** Asks what `flags` loaded into its process beside the hub. Resolves with the next that it says. */
  async ask(question: { readonly type: string }): Promise<unknown> {
    const answer = once(this.#process, 'message');
    this.#process.send(question);
    const [said] = (await answer) as [unknown];
    return said;
  }

  /** Registers devices, as the command line does. Resolves with their secrets by id. */
  addDevices(...devices: NewDevice[]): Promise<Map<string, string>> {
    return withStore({ data: this.data }, async (context) => {
      const credentials = await createDevices(context, devices, Date.now());
      return new Map(credentials.devices.map(({ id, secret = '' }) => [id, secret]));
    });
  }

  /** @param now Unix ms by the hub's clock, where that is another than ours */
  token(person = 'owner', now = Date.now()): Promise<string> {
    return withStore({ data: this.data }, (context) => accessToken(context, person, now));
  }

  /** All commands of these devices that its store holds. To be called when it has ended. */
  stored(devices: readonly string[]): Promise<CommandRecord[]> {
    return withStore({ data: this.data }, async ({ store }) => {
      const found = await Promise.all(
        devices.map((device) => store.commands({ device, limit: Number.MAX_SAFE_INTEGER })),
      );
      return found.flat();
    });
  }

  /** One request to the HTTP API, as a program of the owner's makes it. Resolves with the status and the JSON. */
  async api<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    const answer = await fetch(`http://127.0.0.1:${this.#httpPort}/api${path}`, {
      method,
      headers: { Authorization: `Bearer ${await this.token()}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as T };
  }

  /** What /metrics says, as its text. */
  async metrics(): Promise<string> {
    const headers = { Authorization: `Bearer ${await this.token()}` };
    return (await fetch(`http://127.0.0.1:${this.#httpPort}/metrics`, { headers })).text();
  }

  /** What /healthz says. */
  async health(): Promise<{ status: number; body: { status: string; trouble?: string } }> {
    const answer = await fetch(`http://127.0.0.1:${this.#httpPort}/healthz`);
    return { status: answer.status, body: (await answer.json()) as { status: string; trouble?: string } };
  }

  remove(): void {
    rmSync(this.data, { recursive: true, force: true });
  }
}
