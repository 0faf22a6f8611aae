import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { QoS } from 'mqtt-packet';
import { inProject } from '../../../scripts/project.ts';
import type { ConnectOptions, Make, OtherClient, Place, Publication, Shown } from '../other-client.ts';

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const COMMAND = inProject('node_modules', 'mqtt', 'build', 'bin', 'mqtt.js');
/** Begins the last level of topics with a retained message, which shows when a subscription is there. */
const THERE = 'there';

/** The command line of MQTT.js, which makes a connection for each thing that it does. */
class MqttCommand implements OtherClient {
  readonly received: Shown[] = [];
  readonly #place: Place;
  readonly #waiting = new Set<() => void>();
  #options: ConnectOptions = { clientId: '' };
  /** Commands that run. */
  readonly #children = new Set<Child>();

  constructor(place: Place) {
    this.#place = place;
  }

  /** Connects to leave the message that will show when a subscription is there. */
  async connect(options: ConnectOptions): Promise<undefined> {
    this.#options = options;
    await this.publish({ topic: this.#there, payloads: [THERE], qos: 1, retain: true });
  }

  async subscribe(filter: string, qos: QoS): Promise<void> {
    const { clientId, clean = true, will } = this.#options;
    const args = ['-i', clientId, '-v', '-q', String(qos), '-t', filter, '-t', this.#there];
    if (!clean) args.push('--no-clean');
    if (will) {
      args.push('--will-topic', will.topic, '--will-message', will.payload, '--will-qos', String(will.qos));
    }
    const child = this.#run('subscribe', args);
    await new Promise<void>((resolve, reject) => {
      createInterface(child.stdout).on('line', (line) => {
        const [topic = '', payload = ''] = line.split(' ');
        if (topic === this.#there) resolve();
        else this.#hear({ topic, payload });
      });
      void failureOf(child).then(reject);
    });
  }

  unsubscribe(): Promise<void> {
    return Promise.reject(new Error('the command cannot'));
  }

  /** Several as lines of its input, so that one process sends all of them. */
  async publish({ topic, payloads, qos, retain = false }: Publication): Promise<void> {
    const args = ['-i', `${this.#options.clientId}-publisher`, '-q', String(qos), '-t', topic];
    if (retain) args.push('-r');
    const [first = ''] = payloads;
    const child = this.#run('publish', [...args, ...(payloads.length > 1 ? ['-s', '-M'] : ['-m', first])]);
    child.stdin.end(payloads.join('\n'));
    const failure = await failureOf(child);
    if (failure) throw failure;
  }

  async until(payload: string): Promise<void> {
    while (!this.received.some((message) => message.payload === payload)) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  /** There is no other end to it than Ctrl-C. */
  disconnect(): Promise<void> {
    return this.#stop('SIGINT');
  }

  cut(): Promise<void> {
    return this.#stop('SIGKILL');
  }

  get #there(): string {
    return `plant/${THERE}/${this.#options.clientId}`;
  }

  #run(what: string, args: readonly string[]): Child {
    const { url, ca, username, password } = this.#place;
    const { hostname, port, pathname } = new URL(url);
    const where = ['-l', 'wss', '-h', hostname, '-p', port, '--path', pathname, '--ca', ca];
    const who = [
      '-u',
      username,
      '-P',
      password,
      '--protocolVersion',
      String(this.#options.protocolVersion ?? 4),
    ];
    const child = spawn(process.execPath, [COMMAND, what, ...where, ...who, ...args], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    child.once('close', () => this.#children.delete(child));
    return child;
  }

  async #stop(signal: NodeJS.Signals): Promise<void> {
    const closed = [...this.#children].map((child) => once(child, 'close'));
    for (const child of this.#children) child.kill(signal);
    await Promise.all(closed);
  }

  #hear(message: Shown): void {
    this.received.push(message);
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}

/** Resolves when a command has ended: with what it complained of, since its exit code is 0 all the same. */
async function failureOf(child: Child): Promise<Error | undefined> {
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  await once(child, 'close');
  return /error/i.test(complaints) ? new Error(complaints) : undefined;
}

export const mqttCommand: Make = {
  start: (place) => Promise.resolve(new MqttCommand(place)),
  close: () => Promise.resolve(),
};
