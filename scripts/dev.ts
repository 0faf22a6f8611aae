import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { howToSignIn } from '../broker/commands/console-address.ts';
import { withStore } from '../broker/commands/open-store.ts';
import { firstSignInLink } from '../broker/commands/people.ts';
import { registerDemoFleet, simulatorArgs } from './demo-fleet.ts';
import { exitOf, inProject, node } from './project.ts';

/** `npm run dev`: the hub restarted on change, the console hot-reloaded, and a dozen simulated devices. */

const VITE = 'http://localhost:5173';
const HEALTH = 'http://127.0.0.1:8080/healthz';
const data = resolve(process.env['SWITCHYARD_DATA'] ?? 'data');

const registered = await registerDemoFleet(data);
if (registered !== 0) process.exit(registered);

const stopping = new AbortController();
const ended: Promise<number>[] = [];

function run(script: string, args: readonly string[], execArgv: readonly string[] = []): void {
  const child = node(script, args, execArgv);
  stopping.signal.addEventListener('abort', () => child.kill('SIGTERM'));
  ended.push(exitOf(child));
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => stopping.abort());

/** Whether the hub serves, now or soon; a mistake in its source may keep it from that until it is mended. */
async function hubServes(): Promise<boolean> {
  while (!stopping.signal.aborted) {
    const answer = await fetch(HEALTH).catch(() => undefined);
    if (answer?.ok) return true;
    await pause(200);
  }
  return false;
}

const watched = ['broker', 'firmware-protocol'].map((folder) => `--watch-path=${inProject(folder)}`);
run('broker/main.ts', ['--data', data, 'serve', '--origin', VITE], [...watched, '--watch-preserve-output']);
run('node_modules/vite/bin/vite.js', [
  '--config',
  'console/vite.config.ts',
  '--port',
  '5173',
  '--strictPort',
]);

if (await hubServes()) {
  const hub = { url: 'wss://localhost:8443/mqtt', ca: join(data, 'ca.pem') };
  run('device-sim/main.ts', [...simulatorArgs(data, hub), '--summary', '60']);
  const link = await withStore({ data }, ({ store }) => firstSignInLink(store, VITE, Date.now()));
  process.stdout.write(`\n  Console    ${link ?? VITE}\n             ${howToSignIn(link, data)}\n\n`);
}
await Promise.all(ended);
