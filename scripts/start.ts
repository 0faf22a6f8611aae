import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { howToSignIn } from '../broker/commands/console-address.ts';
import type { HubReady } from '../broker/commands/serve.ts';
import { registerDemoFleet, simulatorArgs } from './demo-fleet.ts';
import { buildConsole, exitOf, node } from './project.ts';

/** `npm start`: the hub and a dozen simulated devices, until a signal. Arguments go to the hub. */

const { values } = parseArgs({
  options: { data: { type: 'string' }, config: { type: 'string' } },
  strict: false,
});
const data = resolve(String(values.data ?? process.env['SWITCHYARD_DATA'] ?? 'data'));
const config = values.config === undefined ? [] : ['--config', String(values.config)];

for (const prepare of [buildConsole, () => registerDemoFleet(data, config)]) {
  const code = await prepare();
  if (code !== 0) process.exit(code);
}

const hub = node('broker/main.ts', ['--data', data, 'serve', ...process.argv.slice(2)], [], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
const hubEnded = exitOf(hub);
let ending = 'before it began';
hub.once('exit', (code, signal) => (ending = signal === null ? `with code ${code}` : `by ${signal}`));

/** What the hub says of its own end, it says before: a signal leaves it no time to say anything. */
const sayThatHubEnded = (): boolean => process.stderr.write(`switchyard: the hub ended ${ending}\n`);

const ready = await Promise.race([
  new Promise<HubReady>((told) => hub.once('message', (message) => told(message as HubReady))),
  hubEnded,
]);
if (typeof ready === 'number') {
  sayThatHubEnded();
  process.exit(1);
}

const { httpsPort, httpPort, plainHost, url, signInLink, ca, fingerprint } = ready;
const address = signInLink ?? url;
const { origin, pathname, hash } = new URL(address);
process.stdout.write(
  [
    '',
    '  Switchyard is running.',
    '',
    `  Console   ${address}`,
    `            ${howToSignIn(signInLink, data)}`,
    ...(ca === undefined
      ? []
      : [`            Your browser will warn until it trusts ${ca},`, `            SHA-256 ${fingerprint}.`]),
    `            On this machine http://${plainHost}:${httpPort}${pathname}${hash} needs no trust.`,
    `  Devices   ${origin.replace('https:', 'wss:')}/mqtt`,
    '',
    '  Ctrl-C stops the hub and the simulated devices.',
    '',
    '',
  ].join('\n'),
);

// A certificate that the hub was given need not be good for this machine's own name for itself.
const hubOfDevices =
  ca === undefined
    ? { url: `ws://${plainHost}:${httpPort}/mqtt` }
    : { url: `wss://localhost:${httpsPort}/mqtt`, ca };
const simulator = node('device-sim/main.ts', [...simulatorArgs(data, hubOfDevices), '--summary', '60'], [], {
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
});
const simulatorEnded = exitOf(simulator);

let stopping = false;
async function stop(code: number): Promise<never> {
  stopping = true;
  simulator.kill('SIGTERM');
  await simulatorEnded;
  hub.kill('SIGTERM');
  await hubEnded;
  process.exit(code);
}
process.on('SIGINT', () => void stop(0));
process.on('SIGTERM', () => void stop(0));
process.on('SIGHUP', () => void stop(0));

void simulatorEnded.then((code) => {
  if (!stopping) process.stderr.write(`switchyard: the simulator ended with ${code}; the hub goes on\n`);
});
await hubEnded;
if (!stopping) {
  sayThatHubEnded();
  await stop(1);
}
