import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { PASSWORD } from '../support/sign-in.ts';
import { temporaryFolder } from '../unit/broker/temporary-folder.ts';

/** Runs `npm start` until it has said all, and has `done` with it. Resolves with what it printed. */
async function start(data: string, done: (out: string) => Promise<unknown>): Promise<string> {
  const args = ['scripts/start.ts', '--data', data, '--port', '0', '--http-port', '0'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = once(child, 'exit');
  let out = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  while (!/Ctrl-C/.test(out)) await once(child.stdout, 'data');
  await done(out);
  child.kill('SIGTERM');
  await ended;
  return out;
}

async function choosePassword(out: string): Promise<void> {
  const { origin, hash } = new URL(/http:\/\/localhost:\d+\/sign-in#\S+/.exec(out)?.[0] ?? '');
  const answer = await fetch(`${origin}/api/session`, {
    method: 'POST',
    headers: { Origin: origin, 'Content-Type': 'application/json' },
    body: JSON.stringify({ code: hash.slice(1), password: PASSWORD }),
  });
  expect(answer.status).toBe(200);
}

test('npm start prints a link to choose a password the first time, and then where the console is', async () => {
  const data = join(temporaryFolder(), 'data');
  const first = await start(data, choosePassword);
  expect(first).toMatch(
    /Console +https:\/\/localhost:\d+\/sign-in#\S+\n +This link lets you choose a password, once/,
  );
  const again = await start(data, () => Promise.resolve());
  expect(again).toMatch(
    /Console +https:\/\/localhost:\d+\n +Forgotten your password\? "npm run hub -- --data \S+ sign-in-link"/,
  );
  expect(again).toMatch(/On this machine http:\/\/localhost:\d+\/ needs no trust/);
  expect(again).not.toContain('#');
}, 60_000);
