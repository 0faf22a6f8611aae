import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../unit/broker/temporary-folder.ts';

/** The process that another one started to run a script. */
function childOf(pid: number, script: string): number | undefined {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number);
  return children.find((child) => readFileSync(`/proc/${child}/cmdline`, 'utf8').includes(script));
}

test('npm start says by what its hub ended, and ends with 1', async () => {
  const args = [
    'scripts/start.ts',
    '--data',
    join(temporaryFolder(), 'data'),
    '--port',
    '0',
    '--http-port',
    '0',
  ];
  const start = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void start.kill('SIGTERM'));
  const ended = once(start, 'close');
  let [out, err] = ['', ''];
  start.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  start.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  while (!/needs no trust/.test(out)) await once(start.stdout, 'data');
  process.kill(childOf(start.pid as number, 'broker/main.ts') as number, 'SIGKILL');
  const [code] = (await ended) as [number];
  expect(code).toBe(1);
  expect(err).toMatch(/^switchyard: the hub ended by SIGKILL$/m);
});
