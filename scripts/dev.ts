import { resolve } from 'node:path';
import { registerDemoFleet, simulatorArgs } from './demo-fleet.ts';
import { exitOf, inProject, node, ROOT } from './project.ts';
import { spawn } from 'node:child_process';

/** `npm run dev`: the hub restarted on change, the console hot-reloaded, and a dozen simulated devices. */

const VITE = 'http://localhost:5173';
const data = resolve(process.env['SWITCHYARD_DATA'] ?? 'data');

const registered = await registerDemoFleet(data);
if (registered !== 0) process.exit(registered);

const watch = ['broker', 'firmware-protocol'].map((folder) => `--watch-path=${inProject(folder)}`);
const children = [
  spawn(
    process.execPath,
    [
      ...watch,
      '--watch-preserve-output',
      inProject('broker/main.ts'),
      '--data',
      data,
      'serve',
      '--origin',
      VITE,
    ],
    { cwd: ROOT, stdio: 'inherit' },
  ),
  node('node_modules/vite/bin/vite.js', [
    '--config',
    'console/vite.config.ts',
    '--port',
    '5173',
    '--strictPort',
  ]),
  node('device-sim/main.ts', [...simulatorArgs(data, 'wss://localhost:8443/mqtt'), '--summary', '60']),
];

await exitOf(node('broker/main.ts', ['--data', data, 'sign-in-link', '--url', VITE]));

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => children.forEach((child) => child.kill(signal)));
}
await Promise.all(children.map(exitOf));
