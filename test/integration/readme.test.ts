import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { COMMAND, STATUS } from '#firmware-protocol';
import { PYTHON } from '../../scripts/system-packages.ts';
import { startTestHub, type TestHub } from '../support/hub.ts';
import { TestOperator } from '../support/mqtt-client.ts';

/** The code block of the README that begins with this comment. */
function block(comment: string): string {
  const found = readFileSync('README.md', 'utf8')
    .split('```')
    .map((part) => part.replace(/^\w+\n/, ''))
    .find((part) => part.startsWith(comment));
  if (found === undefined) throw new Error(`the README has no block "${comment}"`);
  return found;
}

let hub: TestHub;
let folder: string;

beforeAll(async () => {
  hub = await startTestHub();
  // Inside the project, so that Node finds the packages that the README says to install.
  folder = mkdtempSync(join('test', 'readme-'));
  writeFileSync(join(folder, 'ca.pem'), hub.ca);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await hub.close();
});

test.each([
  ['Node', '// lamp.mjs', 'lamp.mjs', process.execPath],
  ['Python', '# lamp.py', 'lamp.py', PYTHON],
])(
  'the lamp in %s, as it stands in the README, connects and is switched',
  async (_language, comment, name, command) => {
    const file = join(folder, name);
    writeFileSync(file, block(comment));
    const secrets = await hub.addDevices({ id: 'my-lamp' });
    const device: ChildProcess = spawn(command, [file], {
      stdio: 'inherit',
      env: {
        ...process.env,
        HUB_URL: hub.wss,
        HUB_CA: join(folder, 'ca.pem'),
        SECRET: secrets.get('my-lamp'),
      },
    });
    const operator = await TestOperator.connect(hub);
    await operator.untilDevice(
      'my-lamp',
      ({ st, vals, dhash }) => st === STATUS.online && !!dhash && vals?.get(1) === false,
    );

    const id = new Uint8Array([1, 1, 2, 3, 5, 8, 13, name.length]);
    await operator.command('my-lamp', { id, vals: new Map([[1, true]]), ttl: 5_000 });
    expect((await operator.untilCommand(id, COMMAND.done)).vals?.get(1)).toBe(true);
    await operator.untilDevice('my-lamp', ({ vals, ver }) => vals?.get(1) === true && ver === 2);

    device.kill('SIGKILL');
    await once(device, 'exit');
    await operator.untilDevice('my-lamp', ({ st }) => st === STATUS.lost);
    await operator.client.end();
    await hub.removeDevice('my-lamp');
  },
);
