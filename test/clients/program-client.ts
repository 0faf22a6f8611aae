import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { DrivenClient } from './driven-client.ts';
import type { OtherClient, Place } from './other-client.ts';

/** Starts a program that reads requests from its input and writes answers to its output. */
export function startProgram(
  command: string,
  args: readonly string[],
  { url, ca, username, password }: Place,
  env: NodeJS.ProcessEnv = {},
): OtherClient {
  const child = spawn(command, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, HUB_URL: url, HUB_CA: ca, HUB_USER: username, HUB_PASSWORD: password, ...env },
  });
  const closed = once(child, 'close');
  const client = new DrivenClient({
    tell: (line) => void child.stdin.write(`${line}\n`),
    kill: async () => {
      child.kill('SIGKILL');
      await closed;
    },
  });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  child.stdin.on('error', () => undefined);
  createInterface(child.stdout).on('line', (line) => client.hear(line));
  void closed.then(() => client.end(`${command} ended\n${complaints}`));
  return client;
}
